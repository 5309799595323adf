"""What a person in Slack is answered in private: what was done and until when, or why nothing was."""

from collections.abc import Sequence
from datetime import datetime

from app.channels.slack.actions import SlackAction
from app.channels.slack.mrkdwn import mrkdwn, named
from app.channels.wording.standing import VERDICTS
from app.channels.wording.words import Words, mark
from app.models import Incident
from app.runtime import Runtime

_SHOWN = 8  # incidents to choose from
# What can be typed: (in English, in French, what it does); shown with the words of one language.
_COMMANDS = (
    ("", "", mark("what burns now")),
    ("ack 7", "prendre 7", mark("take incident 7 in hand")),
    ("take 7", "relais 7", mark("take it over from somebody")),
    ("snooze 7 2h", "pause 7 2h", mark("keep it quiet for two hours unless it grows")),
    ("snooze 7 until 2pm", "pause 7 jusqu’à 14h", mark("the same, until a time of day")),
    ("false alarm 7", "fausse alerte 7", mark("say what it was; also `fire` or `planned`")),
    ("close 7: answered", "clore 7 : répondu", mark("say that it is over, and why if you like")),
    (
        "decision 7: we answer",
        "décision 7 : on répond",
        mark("note it in the log; also `said`, `fact`, `task`"),
    ),
    ("task 7 Léa by 2pm: call", "tâche 7 Léa avant 14h : appeler", mark("note who does it, and until when")),
    ("done 12", "fini 12", mark("line 12 of a log: a task is done; of a fact: `confirmed` or `refuted`")),
    ("log 7", "journal 7", mark("the log of incident 7")),
    ("room 7", "cellule 7", mark("open a room in Slack; roles: `lead 7 Léa`, `spokesperson`, `scribe`")),
    ("draft 7 recall", "projet 7 rappel", mark("draft a statement from a template of the team")),
    ("statements 7", "communiqués 7", mark("the statements of incident 7, and who approved them")),
    ("approve 3.2", "approuver 3.2", mark("approve the second wording of statement 3; also `reword 3.2: …`")),
    ("published 3.2: where", "publié 3.2 : où", mark("note that a person published it")),
    ("watches", "veilles", mark("what is listened for")),
    ("console", "console", mark("a link that signs you in to the console, once")),
    ("yes 3", "oui 3", mark("take proposal 3, or leave it with `no`")),
)


class NotDone(Exception):  # noqa: N818 - what is said, in the reader's language
    """Why nothing was done."""


def help_text(words: Words, *, french: bool) -> str:
    """What can be typed, in the verbs of one language."""
    shown = ((fr if french else en, what) for en, fr, what in _COMMANDS)
    return "\n".join(f"`{f'/tocsin {typed}'.strip()}`  {words.say(what)}" for typed, what in shown)


def say_done(incident: Incident, action: SlackAction, words: Words, *, now: datetime) -> str:
    """What was done to the incident."""
    what = {"n": str(incident.id), "watch": named(incident.watch.name)}
    match action.act:
        case "acknowledge" | "take_over":
            return words.say("You have incident {n} ({watch}) in hand.", **what)
        case "snooze":
            until = mrkdwn((words.date(incident.snoozed_until or now, seen_from=now),))
            return words.say(
                "Incident {n} ({watch}) keeps quiet until {until}, unless it grows.", **what, until=until
            )
        case "close":
            return words.say("Incident {n} ({watch}) is closed.", **what)
        case _:
            verdict = words.say(VERDICTS[action.verdict]) if action.verdict in VERDICTS else ""
            return words.say("Incident {n} ({watch}): {verdict}.", **what, verdict=verdict)


def say_unclear(action: SlackAction, words: Words, *, french: bool) -> str:
    """What was not understood, and what can be typed."""
    what = words.say("Nothing was done: “{typed}” was not understood.", typed=named(action.unclear))
    return f"{what}\n{help_text(words, french=french)}"


def ask_which(open_here: Sequence[Incident], words: Words) -> str:
    """Which of the incidents is meant, where none was named."""
    if not open_here:
        return words.say("Nothing was done: nothing that was told here burns.")
    names = [f"*{incident.id}* ({named(incident.watch.name)})" for incident in open_here[:_SHOWN]]
    if len(open_here) > _SHOWN:
        names.append(words.say("{n} more", n=words.number(len(open_here) - _SHOWN)))
    return words.say("Nothing was done: which one? {names}", names=words.all_of(names))


def words_to(runtime: Runtime, incident: Incident, typed: str) -> Words:
    """The words of whoever typed in a language, else of the watch."""
    language = typed or incident.watch.language or runtime.settings.language
    return Words(language, incident.watch.time_zone)


def say_stranger(words: Words, action: SlackAction) -> str:
    """That whoever asks may look and not act."""
    return words.say(
        "You may look, not act. Ask an admin to let you act (your id is {user}).", user=action.user
    )
