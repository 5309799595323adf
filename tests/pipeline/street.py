"""A street that posts come from while time passes, and the chain that listens to it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from app.db import Sessions
from app.models import WITH_WATCH, Delivery, Incident, Source, Transition
from app.pipeline import Chain, run_cycle
from app.pipeline.ingest.count import observed
from app.pipeline.ingest.match import Matchers
from app.pipeline.ingest.store import store
from app.pipeline.timekeeping.keep_time import TOLD_FROM
from app.sources.base import Item
from tests.standins.clock import StillClock

STEP = timedelta(minutes=5)
REST = TOLD_FROM - STEP  # a longer pause would be told


def bring(
    sessions: Sessions,
    matchers: Matchers,
    source_id: int,
    came: list[Item],
    *,
    until: datetime,
    heard: bool = True,
) -> None:
    """Store what came of the source until then, all at once; unless it is `heard`, the source was deaf."""
    with sessions.begin() as session:
        source = session.get_one(Source, source_id)
        if heard:
            store(session, matchers.current(session), source_id, came, now=until)
            observed(session, source_id, source.heard_until or until, until)
        source.heard_until = until


class Street:
    """Lets time pass: posts come in and the chain runs, every five minutes."""

    def __init__(
        self,
        sessions: Sessions,
        chain: Chain,
        clock: StillClock,
        source_id: int,
        posts: Sequence[Item],
        begin: datetime,
    ) -> None:
        self.sessions, self.chain, self.clock, self.source_id = sessions, chain, clock, source_id
        self._waiting = sorted(posts, key=lambda item: (item.published_at or begin, item.external_id))
        self._matchers = Matchers()
        clock.at = begin
        self.bring(begin)
        run_cycle(sessions, chain, now=begin)

    @property
    def to_come(self) -> Sequence[Item]:
        """The posts that were not brought yet."""
        return self._waiting

    def bring(self, until: datetime, *, heard: bool = True) -> None:
        """Store what was posted until then, all at once; unless it is `heard`, the source was deaf."""
        came = [item for item in self._waiting if item.published_at and item.published_at < until]
        self._waiting = self._waiting[len(came) :]
        bring(self.sessions, self._matchers, self.source_id, came, until=until, heard=heard)

    def live(self, until: datetime, *, heard: bool = True) -> None:
        """Five minutes after five minutes until then."""
        while self.clock.at < until:
            self._go_on(STEP, heard=heard)

    def rest(self, until: datetime) -> None:
        """In passes that are further apart: for hours that are waited for and show nothing."""
        while self.clock.at < until:
            self._go_on(min(REST, until - self.clock.at), heard=True)

    def _go_on(self, step: timedelta, *, heard: bool) -> None:
        self.clock.at += step
        self.bring(self.clock.at, heard=heard)
        run_cycle(self.sessions, self.chain, now=self.clock.at)

    def transitions(self) -> list[Transition]:
        with self.sessions() as session:
            return list(session.scalars(select(Transition).order_by(Transition.id)))

    def reasons(self) -> list[str]:
        return [t.reason.value for t in self.transitions()]

    def incidents(self) -> list[Incident]:
        with self.sessions() as session:
            return list(session.scalars(select(Incident).options(WITH_WATCH).order_by(Incident.id)))

    def deliveries(self) -> list[Delivery]:
        with self.sessions() as session:
            return list(session.scalars(select(Delivery).order_by(Delivery.id)))
