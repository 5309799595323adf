"""Earlier fires of the same watch that looked like this one when they rang, and what became of them."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from math import log

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from app.channels.facts import Alike, Facts
from app.models import Incident, Reason, State, Transition, VerdictWord
from app.pipeline.incidents.incidents import facts_of

_SINCE = timedelta(days=365)
_MOST = 20  # of the newest ones
# How near is alike: authors within two and a half times, shares within so much.
_AUTHORS, _NEGATIVE, _AMPLIFIED = log(2.5), 0.2, 0.25
_CARRIES = 0.1  # of the mentions: a source that carries it

# Asked at each transition. Written down once: putting them together takes longer than asking.
_EARLIER = (
    select(Incident.id, Incident.level, Incident.verdict, Transition.facts)
    .join(Transition, Transition.incident_id == Incident.id)
    .where(
        Incident.watch_id == bindparam("watch"),
        Incident.state == State.out,
        Incident.out_at <= bindparam("at"),
        Incident.onset_at != bindparam("onset"),  # when it goes out, it is no earlier fire than itself
        Incident.burning_at >= bindparam("since"),
        Incident.suppressed_by_kind.is_(False),
        Transition.reason.in_((Reason.ignited, Reason.revealed)),
    )
    .order_by(Incident.id.desc(), Transition.id)
    .limit(_MOST)
)


def alikes(session: Session, watch_id: int, facts: Facts, *, at: datetime) -> Alike | None:
    """How many looked alike, and how many of these died down or grew; None if there are none."""
    calmed = grew = 0
    for level, verdict, then in _earlier(session, watch_id, facts.onset_at, at):
        if not _near(facts, then):
            continue
        # A volume that doubled is a level; a fire that the team called false is none.
        rose = level > 0 and verdict is not VerdictWord.false_alarm
        grew, calmed = grew + rose, calmed + (not rose)
    return Alike(fires=calmed + grew, calmed=calmed, grew=grew) if calmed + grew else None


def _earlier(
    session: Session, watch_id: int, onset: datetime, at: datetime
) -> Iterator[tuple[int, str | None, Facts]]:
    """(level, verdict, facts at its alert) of each fire that ended before, but that of the onset."""
    seen: set[int] = set()
    params = {"watch": watch_id, "onset": onset, "at": at, "since": at - _SINCE}
    for number, level, verdict, then in session.execute(_EARLIER, params):
        if number not in seen:
            seen.add(number)
            facts = facts_of(then)
            if facts is not None:  # one that cannot be read is no measure, and keeps nobody from being told
                yield level, verdict, facts


def _near(now: Facts, then: Facts) -> bool:
    return (
        abs(log(max(1, now.authors) / max(1, then.authors))) <= _AUTHORS
        and abs(_share(now.negative, now) - _share(then.negative, then)) <= _NEGATIVE
        and abs(_share(now.amplified, now) - _share(then.amplified, then)) <= _AMPLIFIED
        and (_carriers(now) > 1) == (_carriers(then) > 1)
    )


def _share(part: int | None, facts: Facts) -> float:
    return (part or 0) / max(1, facts.mentions)


def _carriers(facts: Facts) -> int:
    return sum(source.mentions >= _CARRIES * facts.mentions for source in facts.sources)
