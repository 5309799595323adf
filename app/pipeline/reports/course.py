"""What a report tells of the course of a crisis: the log of the team, and its statements."""

from app.channels.crisis import Course, StatementLine
from app.channels.report.facts import Decision, Statement
from app.models import StatementAct


def decisions_in(course: Course) -> tuple[Decision, ...]:
    """The lines of the log as they stood then, oldest first."""
    return tuple(
        Decision(at=line.at, by=line.by, text=line.text, kind=line.kind, state=line.state)
        for line in course.log
    )


def statements_in(course: Course) -> tuple[Statement, ...]:
    """Each statement in the wording that was published, else in its newest one; oldest first."""
    return tuple(_statement(line) for line in course.statements)


def _statement(line: StatementLine) -> Statement:
    said = line.of(StatementAct.said)
    version = said[0].version if said else line.version
    approved = [step.by for step in line.of(StatementAct.approved) if step.version == version]
    written = line.of(StatementAct.drafted) + line.of(StatementAct.edited)
    mine = [step for step in written if step.version == version]
    first = mine[0] if mine else line.steps[0]
    return Statement(
        at=first.at,
        by=first.by,
        approved_by=", ".join(dict.fromkeys(approved)),
        text=line.wording(version),
        said_at=said[0].at if said else None,
    )
