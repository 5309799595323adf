"""The product: what a pass of the chain does, step by step, from what was posted to the message about it.

Start reading here. Each step is guarded: a row that it cannot work off is put off and told of, and neither
the rows beside it nor the steps after it wait (`app.pipeline.guard`).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement

from app.clock import known_zone
from app.db import Sessions, only_read
from app.pipeline.delivery.due import DELIVER
from app.pipeline.delivery.edit import EDIT, TO_EDIT, edit
from app.pipeline.delivery.messages import DeliveryContext
from app.pipeline.delivery.notify import TO_DELIVER, notify
from app.pipeline.delivery.probe import PROBE, TO_PROBE, afternoon, probe
from app.pipeline.delivery.recover import RECOVER, TO_RECOVER, recover
from app.pipeline.guard import Guard
from app.pipeline.incidents.follow import JUDGE, Following, follow_all
from app.pipeline.incidents.lapse import LAPSE, TO_LAPSE, lapse
from app.pipeline.incidents.remind import REMIND, TO_REMIND, remind
from app.pipeline.ingest.collect import COLLECT, Attend, IngestContext, collect
from app.pipeline.ingest.health import HEALTH, watch_health
from app.pipeline.ingest.look_back import LOOK_BACK, look_back
from app.pipeline.ingest.match import MATCH, check_watches
from app.pipeline.ingest.refresh import REFRESH, Refreshing, refresh
from app.pipeline.ingest.rematch import REMATCH, rematch
from app.pipeline.ingest.retain import RETAIN, Sweeping, retain
from app.pipeline.ingest.websub import SUBSCRIBE, Hubs, subscribe
from app.pipeline.reports.hand_overs import HAND_OVER, TO_HAND_OVER, hand_over
from app.pipeline.reports.notices import ANNOUNCE, TO_ANNOUNCE, announce
from app.pipeline.reports.stakeholder_updates import INFORM, TO_INFORM, inform
from app.pipeline.roster import Roster, read_roster
from app.pipeline.timekeeping.keep_time import KEEP_TIME, keep_time
from app.pipeline.waiting import Waiting, asked_of


@dataclass(frozen=True, slots=True)
class Chain:
    """The parts of the chain, from the ears to the mouth."""

    ingest: IngestContext
    following: Following
    delivery: DeliveryContext
    hubs: Hubs | None = None  # None: hubs could not reach us
    attend: Attend = lambda _source: False  # who holds the lines of streams, while the service runs
    sweeping: Sweeping = field(default_factory=Sweeping)
    refreshing: Refreshing = field(default_factory=Refreshing)


@dataclass(frozen=True)
class Pass:
    """One pass of the chain: what it works with, and the instant that it is made at."""

    sessions: Sessions
    chain: Chain
    guard: Guard
    now: datetime

    @cached_property
    def roster(self) -> Roster:
        """Watches and sources, read when the first step asks for them: after the listening."""
        with self.sessions() as session:
            only_read(session)
            return read_roster(session)

    @cached_property
    def waiting(self) -> Waiting:
        """Which of the steps have something to do."""
        return Waiting(self.sessions, _ASKED, self._bound)

    def _bound(self) -> dict[str, Any]:
        telling, watches = self.chain.delivery, self.roster.watches
        zone = ZoneInfo(known_zone(watches[0].time_zone if watches else "UTC"))
        return {
            "now": self.now,
            "clock": telling.clock() if telling.clock else self.now,
            "afternoon": afternoon(zone, self.now),
            "probed": sorted(telling.probed),
        }


@dataclass(frozen=True, slots=True)
class Step:
    """One named part of a pass. A step that calls out holds no transaction meanwhile."""

    name: str
    module: str  # below this package: where to read on
    reads: str
    writes: str
    do: Callable[[Pass], None]
    calls_out: bool = False
    waits: ColumnElement[bool] | None = None  # whether there may be something to do; None: always


def _keep_time(this: Pass) -> None:
    jump = keep_time(this.sessions, now=this.now)
    if jump is not None:
        this.chain.sweeping.wait(this.now)


def _collect(this: Pass) -> None:
    collect(this.sessions, this.chain.ingest, this.guard, now=this.now, attend=this.chain.attend)


def _look_back(this: Pass) -> None:
    look_back(this.sessions, this.chain.ingest, this.guard, now=this.now)


def _refresh(this: Pass) -> None:
    chain = this.chain
    refresh(this.sessions, chain.ingest, chain.refreshing, this.guard, now=this.now)


def _subscribe(this: Pass) -> None:
    if this.chain.hubs is not None:
        subscribe(this.sessions, this.chain.hubs, this.guard, now=this.now)


def _deliver(this: Pass) -> None:
    notify(this.sessions, this.chain.delivery, this.guard, now=this.now)


def _retain(this: Pass) -> None:
    if this.chain.sweeping.is_due(this.now):
        retain(this.sessions, this.chain.ingest.retention, now=this.now)
        this.waiting.expect(EDIT)


def _edit(this: Pass) -> None:
    edit(this.sessions, this.chain.delivery, this.guard, now=this.now)


STEPS = (
    Step(
        KEEP_TIME, "timekeeping.keep_time", "the instant of the pass before, times that lie ahead",
        "what stands in the future, set right; notices of jumps", _keep_time,
    ),
    Step(
        COLLECT, "ingest.collect", "sources that are due", "posts, mentions, buckets, coverage, runs",
        _collect, calls_out=True,
    ),
    Step(
        LOOK_BACK, "ingest.look_back", "sources that are new, and how far each has looked back",
        "posts of the time before, mentions, buckets, coverage", _look_back, calls_out=True,
    ),
    Step(
        REFRESH, "ingest.refresh", "the most relayed posts of open incidents",
        "their likes, shares and replies as they are now, mentions, buckets", _refresh, calls_out=True,
    ),
    Step(
        SUBSCRIBE, "ingest.websub", "subscriptions that are due", "subscriptions", _subscribe, calls_out=True
    ),
    Step(
        MATCH, "ingest.match", "watches", "the matcher, kept in memory",
        lambda this: check_watches(this.roster, this.chain.ingest.matchers, this.guard),
    ),
    Step(
        REMATCH, "ingest.rematch", "posts stored under another query", "mentions, buckets",
        lambda this: rematch(this.sessions, this.roster, this.guard, now=this.now),
    ),
    Step(
        JUDGE, "incidents.follow", "buckets, coverage, planned events",
        "scores (in memory), incidents, transitions, deliveries",
        lambda this: follow_all(
            this.sessions, this.chain.following, this.roster, this.guard, now=this.now
        ),
    ),
    Step(
        HEALTH, "ingest.health", "sources, their runs", "the health of sources",
        lambda this: watch_health(this.roster.sources, this.guard, now=this.now),
    ),
    Step(
        ANNOUNCE, "reports.notices", "the health of sources", "notices and their deliveries",
        lambda this: announce(this.sessions, this.guard, now=this.now), waits=TO_ANNOUNCE,
    ),
    Step(
        HAND_OVER, "reports.hand_overs", "rotas that policies name", "notices and their deliveries",
        lambda this: hand_over(this.sessions, this.guard, now=this.now), waits=TO_HAND_OVER,
    ),
    Step(
        INFORM, "reports.stakeholder_updates", "updates for stakeholders that are due",
        "notices and their deliveries", lambda this: inform(this.sessions, this.guard, now=this.now),
        waits=TO_INFORM,
    ),
    Step(
        RECOVER, "delivery.recover", "after a restore, what channels remember of the time that is lost",
        "messages that are lost, reminders", lambda this: recover(
            this.sessions, this.chain.delivery, this.guard, now=this.now
        ),
        calls_out=True, waits=TO_RECOVER,
    ),
    Step(
        LAPSE, "incidents.lapse", "incidents that somebody has taken, and rotas",
        "transitions, deliveries", lambda this: lapse(this.sessions, this.guard, now=this.now),
        waits=TO_LAPSE,
    ),
    Step(
        REMIND, "incidents.remind", "incidents that nobody has taken, and rotas", "transitions, deliveries",
        lambda this: remind(this.sessions, this.guard, now=this.now), waits=TO_REMIND,
    ),
    Step(
        DELIVER, "delivery.notify", "deliveries that are due", "messages, deliveries", _deliver,
        calls_out=True, waits=TO_DELIVER,
    ),
    Step(
        PROBE, "delivery.probe", "channels that nothing was heard of since the afternoon",
        "whether they work", lambda this: probe(this.sessions, this.chain.delivery, this.guard, now=this.now),
        calls_out=True, waits=TO_PROBE,
    ),
    Step(RETAIN, "ingest.retain", "what is older than the retention", "deletions", _retain),
    Step(
        EDIT, "delivery.edit", "messages that show what is forgotten", "the messages, edited",
        _edit, calls_out=True, waits=TO_EDIT,
    ),
)  # fmt: skip

_ASKED = asked_of({step.name: step.waits for step in STEPS if step.waits is not None})


def run_cycle(sessions: Sessions, chain: Chain, *, now: datetime) -> None:
    """One pass: what was posted becomes, where it must, one message. `now` is taken once, by the caller.

    All steps have their turn, whatever happens in one; what went wrong is raised at the end, as one group.
    """
    this = Pass(sessions, chain, Guard(sessions, now=now), now)
    for step in STEPS:
        with this.guard.step(step.name):
            if step.waits is None:
                step.do(this)
            elif this.waiting.for_step(step.name):
                this.waiting.expect(DELIVER)  # news, most often
                step.do(this)
    this.guard.raise_errors()
