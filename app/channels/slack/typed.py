"""What a person typed after `/tocsin`: either all of it is understood, or none of it is done. Pure.

A verb, then in any order the number of an incident, how long or until when, a verdict; a note after a colon.
French and English may be mixed. A word that says nothing here makes the whole unclear: "close not 2" closes
nothing.
"""

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from app.channels.slack.typed_words import (
    CARRIED,
    LOGGED,
    LONGEST,
    MAY_HAVE_NOTE,
    MORNING,
    NAMING,
    OF_ONE,
    STATED,
    VERBS,
    VERDICTS,
    WITH_NOTE,
    Act,
)

_LONGEST_NOTE = 2000
_NUMBERS = {"a": 1, "an": 1, "one": 1, "un": 1, "une": 1, "two": 2, "deux": 2, "three": 3, "trois": 3}
_DAYS = {
    day: n
    for n, names in enumerate(
        ("monday lundi", "tuesday mardi", "wednesday mercredi", "thursday jeudi", "friday vendredi",
         "saturday samedi", "sunday dimanche")
    )
    for day in names.split()
}  # fmt: skip
_UNIT = r"(?P<unit>minutes?|mins?|mn|m|heures?|hours?|hrs?|hr|h|jours?|days?|j|d)(?![a-z0-9])"
_ONE = r"(?P<word>" + "|".join(_NUMBERS) + ")"
_FILLER = re.compile(
    r"(?:the|incident|l'incident|le|la|in hand|en main|it|for|pour|pendant|durant|please|svp|stp|as|comme|is"
    r"|est|was|c'est|it's)(?![a-z0-9'])|[,.;!]"
)
_HALF = re.compile(r"(?:une )?demi[- ]heure|half an hour")
_HOURS_AND_MINUTES = re.compile(
    r"(?P<hours>\d{1,3}) ?h(?:eures?)? ?(?P<minutes>[0-5]\d)(?: ?(?:min|mn|m))?(?!\w)"
)
_SPAN = re.compile(rf"(?:(?P<number>\d{{1,4}}(?:[.,]\d{{1,2}})?)|{_ONE}) ?{_UNIT}")
_BY = re.compile(
    r"(?:by|before|avant|d'ici|pour)(?: (?:a|the|le))?(?= ?\d| (?:noon|midi|midnight|minuit|tomorrow|demain))"
)
_UNTIL = re.compile(r"(?:until|till|til|jusqu'?(?:a|au)?|jusque)(?: (?:a|au|the|le))?(?![a-z0-9])")
_DAY = re.compile(rf"(?P<day>tomorrow|demain|today|aujourd'hui|{'|'.join(_DAYS)})(?: (?:a|at))?(?![a-z0-9])")
_TIME = re.compile(
    r"(?:(?P<noon>noon|midi)|(?P<midnight>midnight|minuit)"
    r"|(?P<hour>[01]?\d|2[0-4])(?: ?(?:h(?:eures?)?|:|\.) ?(?P<minute>[0-5]\d)?)? ?(?P<half>am|pm)?)(?!\w)"
)
_NAMED = re.compile(r"(?:\b(?:l')?incidents? |n° ?|\bno\. ?|# )(?=\d)")  # says what it numbers
_NUMBER = re.compile(r"#?(?P<id>[1-9]\d{0,8})(?![\w:])")
_WORDING = re.compile(r"#?(?P<id>[1-9]\d{0,8})\.(?P<version>[1-9]\d{0,4})(?![\w:])")
_MINUTES = {"m": 1, "h": 60, "d": 24 * 60, "j": 24 * 60}


@dataclass(frozen=True, slots=True)
class Moment:
    """A time on the clock of wherever the watch is, not yet an instant."""

    hour: int
    minute: int = 0
    days: int | None = None  # after today; None: the next time that the clock shows it
    weekday: int | None = None  # 0 is Monday: the next such day

    def after(self, now: datetime, zone: ZoneInfo) -> datetime:
        """The first instant after now at which it is that time there."""
        here = now.astimezone(zone)
        days = self.days or 0
        if self.weekday is not None:
            days = (self.weekday - here.weekday()) % 7
        at = here.replace(hour=0, minute=0, second=0, microsecond=0, fold=0) + timedelta(
            days=days, hours=self.hour, minutes=self.minute
        )
        if at.astimezone(UTC) <= now and self.days is None:
            at += timedelta(days=7 if self.weekday is not None else 1)
        return at.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Command:
    """What was typed, as far as it says by itself what is wanted."""

    act: Act
    language: str = ""  # of the words that were typed; empty where they are the same in both
    incident: int | None = None  # of a yes or a no: the proposal; of what settles: the line of the log
    version: int | None = None  # of the wording of a statement
    named: str = ""  # who is to do a task, in small letters and without accents
    span: timedelta | None = None
    moment: Moment | None = None
    verdict: str | None = None
    note: str = ""
    unclear: str = ""  # what was not understood; nothing is done then

    def doubted(self, words: str) -> "Command":
        """The same, of which nothing is done for these words."""
        return replace(self, act="unclear", unclear=words[:60])


def read_command(text: str) -> Command:
    """The command, or what of it is unclear.

    >>> said = read_command("reporter 2h")
    >>> said.act, said.incident, str(said.span)
    ('snooze', None, '2:00:00')
    >>> read_command("clore pas 2").unclear
    'pas'
    """
    said, note = _split_note(text)
    letters = plain(said)
    command, rest = _verb(letters)
    command = replace(command, note=note)
    while rest and command.act != "unclear":
        command, rest = _argument(command, rest)
    if command.act == "unclear":
        return command
    if command.act == "verdict" and command.verdict is None:
        return command.doubted(letters)
    if note and command.act not in WITH_NOTE | MAY_HAVE_NOTE:
        return command.doubted(note)
    if not note and command.act in WITH_NOTE:
        return command.doubted(letters)
    return command


def _split_note(text: str) -> tuple[str, str]:
    """The command, and the note after its colon; the colon of a time is none."""
    parts = re.split(r"\s*:(?!\d\d\b)\s*", text.strip(), maxsplit=1)
    return parts[0], " ".join(parts[1].split())[:_LONGEST_NOTE] if len(parts) > 1 else ""


def plain(text: str) -> str:
    """In small letters, without accents and odd spaces, and each number that is named as `#7`."""
    apart = unicodedata.normalize("NFKD", text.replace("’", "'").replace("º", "°"))
    bare = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return _NAMED.sub("#", " ".join(bare.casefold().split()))


def _verb(letters: str) -> tuple[Command, str]:
    words = letters.split(" ")
    for length in (3, 2, 1):
        phrase = " ".join(words[:length])
        rest = " ".join(words[length:])
        if phrase in VERBS:
            act, language = VERBS[phrase]
            return Command(act, language), rest
        if phrase in VERDICTS:
            verdict, language = VERDICTS[phrase]
            return Command("verdict", language, verdict=verdict), rest
    return Command("unclear", unclear=words[0][:60]), ""


def _argument(command: Command, rest: str) -> tuple[Command, str]:
    """The command with what the rest begins with, and what is left of it."""
    if command.act not in OF_ONE | CARRIED:
        return command.doubted(rest), ""
    for read in (_read_wording, _read_span, _read_until, _read_id, _read_verdict, _read_kind):
        if found := read(command, rest):
            return found[0], found[1].strip()
    if filler := _FILLER.match(rest):
        return command, rest[filler.end() :].strip()
    if command.act in NAMING:
        word, _, after = rest.partition(" ")
        return replace(command, named=f"{command.named} {word}".strip()), after.strip()
    return command.doubted(rest.split(" ", maxsplit=1)[0]), ""


_Read = tuple[Command, str] | None


def _read_span(command: Command, rest: str) -> _Read:
    minutes = None
    if command.act != "snooze":
        return None
    if found := _HALF.match(rest):
        minutes = 30.0
    elif (found := _HOURS_AND_MINUTES.match(rest)) and (
        "h " not in found[0] or command.incident or "m" in found[0]
    ):
        minutes = 60.0 * int(found["hours"]) + int(found["minutes"])
    elif found := _SPAN.match(rest):
        many = float(found["number"].replace(",", ".")) if found["number"] else _NUMBERS[found["word"]]
        minutes = many * _MINUTES[found["unit"][0]]
    if found is None or minutes is None:
        return None
    if command.span or command.moment or not minutes:
        return command.doubted(found[0]), ""
    span = min(timedelta(minutes=minutes), LONGEST)
    return replace(command, span=span), rest[found.end() :]


def _read_until(command: Command, rest: str) -> _Read:
    until = _UNTIL.match(rest) or (_BY.match(rest) if command.act == "task" else None)
    if command.act not in {"snooze", "task"} or until is None:
        return None
    after = rest[until.end() :].strip()
    day, time = _DAY.match(after), None
    if day:
        after = after[day.end() :].strip()
    time = _TIME.match(after)
    if (day is None and time is None) or command.span or command.moment:
        return command.doubted(rest), ""
    moment = _moment(day["day"] if day else "", time)
    if moment is None:
        return command.doubted(rest), ""
    return replace(command, moment=moment), after[time.end() :] if time else after


def _moment(day: str, time: re.Match[str] | None) -> Moment | None:
    hour, minute = MORNING, 0
    if time is not None:
        hour = 12 if time["noon"] else 24 if time["midnight"] else int(time["hour"])
        minute = int(time["minute"] or 0)
        if time["half"]:
            if not 1 <= hour <= 12:
                return None
            hour = hour % 12 + (12 if time["half"] == "pm" else 0)
    if hour * 60 + minute > 24 * 60:
        return None
    if day in _DAYS:
        return Moment(hour, minute, weekday=_DAYS[day])
    if day:
        return Moment(hour, minute, days=1 if day in {"tomorrow", "demain"} else 0)
    return Moment(hour, minute)


def _read_wording(command: Command, rest: str) -> _Read:
    """A statement and which of its wordings: "3.2" is the second one of statement 3."""
    found = _WORDING.match(rest) if command.act in STATED else None
    if found is None or command.incident is not None:
        return None
    said = replace(command, incident=int(found["id"]), version=int(found["version"]))
    return said, rest[found.end() :]


def _read_id(command: Command, rest: str) -> _Read:
    found = _NUMBER.match(rest)
    if found is None:
        return None
    # "2h 30" may be two hours of incident 30, or two hours and a half.
    may_be_minutes = command.span and "#" not in found[0] and 10 <= int(found["id"]) < 60
    if command.incident is not None or may_be_minutes:
        return command.doubted(found[0]), ""
    return replace(command, incident=int(found["id"])), rest[found.end() :]


def _read_verdict(command: Command, rest: str) -> _Read:
    if command.act != "verdict":
        return None
    for phrase in sorted(VERDICTS, key=len, reverse=True):
        if re.match(rf"{re.escape(phrase)}(?!\w)", rest):
            verdict, language = VERDICTS[phrase]
            if command.verdict not in {None, verdict}:
                return command.doubted(phrase), ""
            said = replace(command, verdict=verdict, language=command.language or language)
            return said, rest[len(phrase) :]
    return None


def _read_kind(command: Command, rest: str) -> _Read:
    """Which kind of line goes into the log: "log 12 decision: …" is "decision 12: …"."""
    if command.act != "log":
        return None
    for phrase, (act, language) in VERBS.items():
        if act in LOGGED and re.match(rf"{re.escape(phrase)}(?!\w)", rest):
            return replace(command, act=act, language=command.language or language), rest[len(phrase) :]
    return None
