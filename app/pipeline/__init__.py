"""The product: one module for each arrow of the flow, and `run_cycle`, which is all of them in order."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import Sessions
from app.models import Watch
from app.pipeline.announce import announce, deliver_notices
from app.pipeline.collect import Attend, Ears, collect
from app.pipeline.follow import Following, follow
from app.pipeline.health import watch_health
from app.pipeline.notify import Mouth, notify
from app.pipeline.rematch import rematch
from app.pipeline.remind import remind
from app.pipeline.retain import retain
from app.pipeline.websub import Hubs, subscribe


@dataclass(frozen=True, slots=True)
class Chain:
    """The parts of the chain, from the ears to the mouth."""

    ears: Ears
    following: Following
    mouth: Mouth
    hubs: Hubs | None = None  # None: hubs could not reach us
    attend: Attend = lambda _source: False  # who holds the lines of streams, while the service runs


def run_cycle(sessions: Sessions, chain: Chain, *, now: datetime) -> None:
    """One pass: what was posted becomes, where it must, one message. `now` is taken once, by the caller."""
    collect(sessions, chain.ears, now=now, attend=chain.attend)  # network, then database
    if chain.hubs is not None:
        subscribe(sessions, chain.hubs, now=now)  # database, network, database
    rematch(sessions, now=now)  # posts stored before a watch was made or changed
    follow_all(sessions, chain.following, now=now)  # database
    with sessions.begin() as session:
        watch_health(session, now=now)
        announce(session, now=now)
        remind(session, now=now)
    notify(sessions, chain.mouth, now=now)  # database, network, database
    deliver_notices(sessions, chain.mouth, now=now)  # the same for news of the sources
    retain(sessions, chain.ears.retention, now=now)


def follow_all(sessions: Sessions, following: Following, *, now: datetime) -> None:
    """Counts to scores to incidents to transitions to deliveries, in one transaction."""
    with sessions.begin() as session:
        follow(session, following, _watches(session), now=now)


def _watches(session: Session) -> list[Watch]:
    # Locked, so that two processes do not judge the same bucket twice.
    asked = select(Watch).where(Watch.enabled).order_by(Watch.id).with_for_update(of=Watch)
    return list(session.scalars(asked.execution_options(populate_existing=True)))
