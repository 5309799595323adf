"""The words that are understood after `/tocsin`, in French and in English; without accents."""

from datetime import timedelta
from typing import Literal

Act = Literal[
    "acknowledge", "take_over", "snooze", "snooze_until", "verdict", "close", "not_about",
    "status", "watches", "console", "yes", "no", "help", "nothing", "unclear",
    "log", "decision", "said", "fact", "task", "true", "false", "done",
    "draft", "statements", "reword", "approve", "published",
    "room", "lead", "spokesperson", "scribe",
]  # fmt: skip
LONGEST = timedelta(days=30)
MORNING = 8  # hour that "until tomorrow" means
VERBS: dict[str, tuple[Act, str]] = {
    "": ("status", ""), "status": ("status", "en"), "etat": ("status", "fr"), "now": ("status", "en"),
    "help": ("help", "en"), "?": ("help", ""), "aide": ("help", "fr"),
    "watches": ("watches", "en"), "veilles": ("watches", "fr"),
    "console": ("console", ""), "sign in": ("console", "en"), "connexion": ("console", "fr"),
    "ack": ("acknowledge", "en"), "acknowledge": ("acknowledge", "en"), "mine": ("acknowledge", "en"),
    "prendre": ("acknowledge", "fr"), "je prends": ("acknowledge", "fr"), "prends": ("acknowledge", "fr"),
    "take": ("take_over", "en"), "take over": ("take_over", "en"), "reprendre": ("take_over", "fr"),
    "relais": ("take_over", "fr"), "prendre le relais": ("take_over", "fr"),
    "snooze": ("snooze", "en"), "pause": ("snooze", ""), "reporter": ("snooze", "fr"),
    "mettre en pause": ("snooze", "fr"), "close": ("close", "en"), "clore": ("close", "fr"),
    "fermer": ("close", "fr"), "verdict": ("verdict", ""), "judge": ("verdict", "en"),
    "qualifier": ("verdict", "fr"),
    "log": ("log", ""), "journal": ("log", "fr"), "decision": ("decision", ""), "decided": ("decision", "en"),
    "said": ("said", "en"), "dit": ("said", "fr"), "fact": ("fact", "en"), "check": ("fact", "en"),
    "fait": ("fact", "fr"), "verifier": ("fact", "fr"), "a verifier": ("fact", "fr"),
    "task": ("task", "en"), "todo": ("task", "en"), "tache": ("task", "fr"), "a faire": ("task", "fr"),
    "true": ("true", "en"), "vrai": ("true", "fr"), "confirmed": ("true", "en"),
    "confirme": ("true", "fr"), "not true": ("false", "en"),
    "refuted": ("false", "en"), "dementi": ("false", "fr"), "faux": ("false", "fr"),
    "done": ("done", "en"), "termine": ("done", "fr"), "fini": ("done", "fr"),
    "draft": ("draft", "en"), "projet": ("draft", "fr"), "brouillon": ("draft", "fr"),
    "statements": ("statements", "en"), "communiques": ("statements", "fr"),
    "reword": ("reword", "en"), "reformuler": ("reword", "fr"), "approve": ("approve", "en"),
    "approuver": ("approve", "fr"), "valider": ("approve", "fr"), "published": ("published", "en"),
    "publie": ("published", "fr"),
    "room": ("room", "en"), "salle": ("room", "fr"), "cellule": ("room", "fr"), "lead": ("lead", "en"),
    "pilote": ("lead", "fr"), "spokesperson": ("spokesperson", "en"), "porte-parole": ("spokesperson", "fr"),
    "scribe": ("scribe", ""), "secretaire": ("scribe", "fr"),
    "yes": ("yes", "en"), "oui": ("yes", "fr"), "no": ("no", "en"), "non": ("no", "fr"),
}  # fmt: skip
VERDICTS: dict[str, tuple[str, str]] = {
    "fire": ("fire", "en"), "real fire": ("fire", "en"), "feu": ("fire", "fr"), "vrai feu": ("fire", "fr"),
    "false alarm": ("false_alarm", "en"), "false": ("false_alarm", "en"),
    "fausse alerte": ("false_alarm", "fr"), "fausse alarme": ("false_alarm", "fr"),
    "fausse": ("false_alarm", "fr"), "planned": ("planned", "en"), "prevu": ("planned", "fr"),
}  # fmt: skip
# Acts that are of one incident, or of one proposal.
OF_ONE: frozenset[Act] = frozenset({"acknowledge", "take_over", "snooze", "verdict", "close", "yes", "no"})
LOGGED: frozenset[Act] = frozenset({"decision", "said", "fact", "task"})  # kinds of a line of the log
SETTLED: frozenset[Act] = frozenset({"true", "false", "done"})  # of a line of the log, by its number
# What the team carries a crisis with; all but the log itself is of one incident, or of one line of its log.
STATED: frozenset[Act] = frozenset(
    {"reword", "approve", "published"}
)  # of one wording: 3.2 is the second of 3
_SHOWN: frozenset[Act] = frozenset({"log", "statements"})
ROLES: frozenset[Act] = frozenset({"lead", "spokesperson", "scribe"})
CARRIED = _SHOWN | LOGGED | SETTLED | STATED | ROLES | {"draft", "room"}
WITH_NOTE = LOGGED | {"reword", "published"}  # nothing is done without what stands after the colon
MAY_HAVE_NOTE: frozenset[Act] = frozenset({"close", "verdict"})
NAMING: frozenset[Act] = ROLES | {"task", "draft"}  # what else is said names a person, or a template
