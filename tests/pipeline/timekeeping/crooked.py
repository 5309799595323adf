"""The two brands of the town under a clock that is not the world's: it runs ahead, is set back, or sleeps."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import httpx
from cryptography.fernet import Fernet
from sqlalchemy import select

from app.models import Channel, Delivery, Incident, Notice, Source, Transition, Watch
from app.pipeline import run_cycle
from app.pipeline.delivery.messages import CLOCK
from app.runtime import Runtime, open_runtime
from app.settings import Settings
from tests.pipeline.town import FIRE_AT, STEP, FarEnd, settle
from tests.standins.clock import StillClock

KEY = Fernet.generate_key().decode()
BEGIN = FIRE_AT - timedelta(hours=1)


@dataclass
class CrookedTown:
    """The town, the time that it really is in it, and the clock that Tocsin reads."""

    runtime: Runtime
    world: StillClock
    clock: StillClock
    far_end: FarEnd
    raised: list[Exception] = field(default_factory=list)

    def live(self, passes: int, *, off: timedelta = timedelta(0)) -> None:
        """So many passes, five minutes apart, with the clock so far off."""
        for _ in range(passes):
            self.world.at += STEP
            self.pass_now(off=off)

    def pass_now(self, *, off: timedelta = timedelta(0)) -> None:
        self.clock.at = self.world.at + off
        try:
            run_cycle(self.runtime.sessions, self.runtime.chain, now=self.clock.at)
        except ExceptionGroup as group:
            self.raised.extend(group.exceptions)

    def sources(self) -> list[Source]:
        with self.runtime.sessions() as session:
            return list(session.scalars(select(Source).order_by(Source.id)))

    def watches(self) -> list[Watch]:
        with self.runtime.sessions() as session:
            return list(session.scalars(select(Watch).order_by(Watch.id)))

    def incidents(self) -> list[Incident]:
        with self.runtime.sessions() as session:
            return list(session.scalars(select(Incident).order_by(Incident.id)).unique())

    def reasons(self) -> list[tuple[int, str]]:
        with self.runtime.sessions() as session:
            return [
                (t.incident_id, t.reason.value)
                for t in session.scalars(select(Transition).order_by(Transition.id))
            ]

    def told(self, reason: str = "ignited") -> list[tuple[int | None, int]]:
        """The incidents of which that was sent, with the channel, each time that it was."""
        with self.runtime.sessions() as session:
            query = select(Delivery.incident_id, Transition.reason, Channel.id, Delivery.sent_at)
            joined = query.join(Transition, Transition.id == Delivery.transition_id).join(Channel)
            return [
                (i, channel) for i, why, channel, sent in session.execute(joined) if sent and why == reason
            ]

    def jumps(self) -> list[Notice]:
        """What was told of the clock."""
        with self.runtime.sessions() as session:
            jumps = select(Notice).where(Notice.health == CLOCK).order_by(Notice.id)
            return list(session.scalars(jumps))


@contextmanager
def crooked_town(database: str, folder: Path, *, begin: datetime = BEGIN) -> Iterator[CrookedTown]:
    """The town an hour before its fires."""
    world, clock = StillClock(begin), StillClock(begin)
    far_end = FarEnd(world)
    settings = Settings(data_dir=folder, database_url=database, secret_key=KEY)
    with open_runtime(settings, now=clock.now, transport=httpx.MockTransport(far_end)) as runtime:
        settle(runtime.sessions, runtime.vault, far_end)
        yield CrookedTown(runtime, world, clock, far_end)
