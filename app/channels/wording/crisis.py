"""How a team carries a crisis, in words: the lines of its log."""

from collections.abc import Sequence
from datetime import datetime

from app.channels.crisis import Course, LogLine, RoomLine
from app.channels.document import Inline, Part, Run, Span, embolden, join, paragraph, small
from app.channels.text import cut, line
from app.channels.wording.sentences import name
from app.channels.wording.words import Words, mark
from app.models import LogKind, LogState, StatementAct

_TEXT = 600  # code points of a line of the log
_SHOWN = 20  # lines
_WHAT = {
    (LogKind.decision, LogState.noted): mark("Decision"),
    (LogKind.said, LogState.noted): mark("Said"),
    (LogKind.fact, LogState.open): mark("To be checked"),
    (LogKind.fact, LogState.true): mark("Confirmed"),
    (LogKind.fact, LogState.false): mark("Not true"),
    (LogKind.task, LogState.open): mark("To do"),
    (LogKind.task, LogState.done): mark("Done"),
}


def team_text(text: str, limit: int = _TEXT) -> Inline:
    """What somebody of the team wrote, on one line: text, whatever signs are in it."""
    return (Run(cut(line(text), limit), foreign=True),)


def log_word(kind: LogKind, state: LogState, words: Words) -> str:
    """What a line of the log is, in a word or two."""
    return words.say(_WHAT[kind, state]) if (kind, state) in _WHAT else kind.value


def log_line(one: LogLine, words: Words, *, now: datetime, numbered: bool = False) -> Inline:
    """One line of the log; `numbered`: with the number by which a fact or a task is settled."""
    label = log_word(one.kind, one.state, words)
    said: list[Span | Inline] = [words.date(one.at, seen_from=now), embolden(label), team_text(one.text)]
    more: list[Inline | str] = [words.say("for {who}", who=name(one.owner))] if one.owner else []
    if one.due_at is not None and one.state is LogState.open:
        more.append(words.write("until {until}", until=words.date(one.due_at, seen_from=now)))
    by = words.say("by {who}", who=name(one.settled_by)) if one.settled_by else name(one.by)
    more.append(by)
    number = [embolden(str(one.id))] if numbered else []
    return join(" · ", [*number, *said, join(", ", more)])


def log_parts(log: Sequence[LogLine], words: Words, *, now: datetime) -> list[Part | None]:
    """The newest lines of the log, for the end of a page; none without any."""
    if not log:
        return []
    shown = [log_line(one, words, now=now) for one in log[-_SHOWN:]]
    left = len(log) - len(shown)
    more = words.write_count("… and {n} line before", "… and {n} lines before", left) if left else ()
    return [paragraph(embolden(words.say("Log of the team"))), small([more, *shown])]


def course_parts(course: Course, words: Words, *, now: datetime) -> list[Part | None]:
    """Roles, what was published, and the newest lines of the log, for the end of a page."""
    said = [(step, one) for one in course.statements for step in one.of(StatementAct.said)]
    published = [
        join(
            " · ",
            [words.date(step.at, seen_from=now), team_text(one.wording(step.version)), team_text(step.text)],
        )
        for step, one in sorted(said, key=lambda pair: pair[0].at)[-_SHOWN:]
    ]
    return [
        paragraph(roles_line(course.room, words)) if course.room is not None else None,
        paragraph(words.write("*Published:*")) if published else None,
        small(published),
        *log_parts(course.log, words, now=now),
    ]


def roles_line(room: RoomLine, words: Words) -> Inline:
    """Who leads, who speaks and who writes down."""
    nobody = words.say("nobody yet")
    return words.write(
        "*Lead:* {lead} · *Spokesperson:* {spokesperson} · *Scribe:* {scribe}",
        lead=name(room.lead) or nobody,
        spokesperson=name(room.spokesperson) or nobody,
        scribe=name(room.scribe) or nobody,
    )
