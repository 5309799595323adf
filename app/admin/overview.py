"""How everything stands at a glance: each watch with what burns in it, and whether it is heard."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Exists, exists, func, select
from sqlalchemy.orm import Session

from app.clock import step_start
from app.models import (
    DRILL,
    Bucket,
    Channel,
    Coverage,
    Incident,
    IncidentKind,
    PlannedEvent,
    Silence,
    Source,
    SourceHealth,
    State,
    Unreadable,
    VerdictWord,
    Watch,
    WatchSource,
)
from app.pipeline.scoring.counts import HEARD

_HOUR = timedelta(hours=1)
# What is looked at first. A fire that is kept quiet for its kind stands behind those that ring.
_ORDER = {State.burning: 0, State.contained: 2, State.smouldering: 3}
_KEPT_QUIET, _UNHEARD, _NOTHING = 1, 8, 9
_LATELY = timedelta(hours=2)  # what some sources are behind by, and still heard


@dataclass(frozen=True, slots=True)
class OpenFire:
    """What is open in a watch."""

    incident_id: int
    state: State
    level: int
    kind: IncidentKind
    kept_quiet: bool  # its policy does not ring for its kind
    since: datetime  # of the alert, or of the first sign
    taken_by: str | None


@dataclass(frozen=True, slots=True)
class WatchTile:
    """A watch at a glance."""

    watch_id: int
    name: str
    enabled: bool
    is_learning: bool  # what is usual for it is not known yet
    is_heard: bool  # one of its sources was heard lately: else that nothing is said of it means nothing
    last_hour: int  # mentions
    fire: OpenFire | None
    unreadable: bool = False  # something is open in it that this version cannot read

    @property
    def order(self) -> tuple[object, ...]:
        """What comes first: a fire that nobody has, the larger one; then the busier watch."""
        fire = self.fire
        if self.unreadable:
            return (0, False, 0, self.name.casefold())
        if fire is None and self.enabled and not self.is_heard:
            return (_UNHEARD, False, 0, self.name.casefold())
        if fire is None:
            return (_NOTHING, not self.enabled, -self.last_hour, self.name.casefold())
        first = _KEPT_QUIET if fire.kept_quiet and fire.state is State.burning else _ORDER[fire.state]
        return (first, fire.taken_by is not None, -fire.level, self.name.casefold())


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything at a glance; what burns comes first."""

    tiles: tuple[WatchTile, ...]
    heard: int  # sources
    sources: int
    deaf: tuple[str, ...]  # names of sources that are not heard
    silences: tuple[tuple[str, datetime], ...]  # those that hold now: what for, and until when
    planned: tuple[tuple[str, datetime], ...]  # events that are on now, and until when

    @property
    def burning(self) -> tuple[WatchTile, ...]:
        """Those that burn, and ring."""
        return tuple(
            tile
            for tile in self.tiles
            if tile.fire and tile.fire.state is State.burning and not tile.fire.kept_quiet
        )


def overview(session: Session, *, now: datetime) -> Overview:
    """How everything that the session sees stands."""
    lately = heard_lately(now)
    sources = session.execute(
        select(Source.id, Source.name, Source.health, Source.team_id, lately.label("is_covered"))
        .where(Source.enabled)
        .order_by(Source.name)
    ).all()
    heard = [row for row in sources if row.is_covered and row.health is not SourceHealth.down]
    tiles = sorted(_tiles(session, heard, now), key=lambda tile: tile.order)
    return Overview(
        tuple(tiles),
        heard=len(heard),
        sources=len(sources),
        deaf=tuple(row.name for row in sources if row not in heard),
        silences=_holding(session, Silence.why, Silence, now),
        planned=_holding(session, PlannedEvent.name, PlannedEvent, now),
    )


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a new house has, of what it takes to be told of a fire."""

    watch_id: int | None  # the first watch
    has_source: bool
    has_channel: bool  # beside the terminal that Tocsin was started in
    has_tested: bool  # one of the channels took something

    @property
    def is_over(self) -> bool:
        """Whether it has all of it."""
        return self.watch_id is not None and self.has_source and self.has_channel and self.has_tested


def beginning(session: Session) -> Beginning:
    """How far the house has come."""
    channel = select(Channel.id).where(Channel.enabled, Channel.kind != "terminal")
    return Beginning(
        session.scalar(select(Watch.id).where(Watch.kind != DRILL).order_by(Watch.id).limit(1)),
        session.scalar(select(Source.id).limit(1)) is not None,
        session.scalar(channel.limit(1)) is not None,
        session.scalar(channel.where(Channel.worked_at.is_not(None)).limit(1)) is not None,
    )


@dataclass(frozen=True, slots=True)
class PastFire:
    """A fire that is out."""

    incident_id: int
    watch: str
    began: datetime  # its alert
    out_at: datetime
    peak: float  # most mentions in an hour
    verdict: VerdictWord | None


def past_fires(session: Session, *, most: int) -> list[PastFire]:
    """The newest fires that rang and are out."""
    asked = (
        select(Incident.id, Watch.name, Incident.burning_at, Incident.out_at, Incident.peak, Incident.verdict)
        .join(Watch, Watch.id == Incident.watch_id)
        .where(
            Incident.state == State.out,
            Incident.burning_at.is_not(None),
            Incident.out_at.is_not(None),
            ~Incident.suppressed_by_kind,
            Watch.kind != DRILL,
        )
        .order_by(Incident.id.desc())
    )
    return [
        PastFire(number, watch, began, out_at, peak, verdict)
        for number, watch, began, out_at, peak, verdict in session.execute(asked.limit(most))
        if began and out_at and not any(isinstance(one, Unreadable) for one in (began, out_at, verdict))
    ]


def heard_lately(now: datetime) -> Exists:
    """Whether a source was heard within the last two hours, in a query of sources.

    It is asked source by source, by their key: there are millions of rows.
    """
    return exists().where(
        Coverage.source_id == Source.id, Coverage.at >= now - _LATELY, Coverage.coverage >= HEARD
    )


def _tiles(session: Session, heard: Sequence[Any], now: datetime) -> Sequence[WatchTile]:
    """The tiles, in no order; `heard`: the sources that are, each with its id and its team."""
    fires = _open_fires(session)
    since = step_start(now) - _HOUR
    counts = select(Bucket.watch_id, func.sum(Bucket.mentions)).where(Bucket.at >= since)
    counted = dict(iter(session.execute(counts.group_by(Bucket.watch_id))))
    named: dict[int, set[int]] = {}
    for link in session.execute(select(WatchSource.watch_id, WatchSource.source_id)):
        named.setdefault(link.watch_id, set()).add(link.source_id)
    every = {row.id for row in heard}
    by_team: dict[int | None, set[int]] = {}
    for row in heard:
        by_team.setdefault(row.team_id, set()).add(row.id)
    house = by_team.get(None, set())
    asked = select(Watch.id, Watch.name, Watch.enabled, Watch.learning, Watch.judged_since, Watch.team_id)
    return [
        WatchTile(
            row.id, row.name, row.enabled, row.learning is not None or row.judged_since is None,
            bool(named[row.id] & every if row.id in named else house | by_team.get(row.team_id, set())),
            int(counted.get(row.id, 0)), fires.get(row.id),
            unreadable=row.id in fires and fires[row.id] is None,
        )
        for row in session.execute(asked.where(Watch.kind != DRILL))
    ]  # fmt: skip


def _open_fires(session: Session) -> dict[int, OpenFire | None]:
    """By watch; None for what cannot be read, which a fault tells of."""
    asked = select(
        Incident.watch_id, Incident.id, Incident.state, Incident.level, Incident.kind,
        Incident.suppressed_by_kind, Incident.burning_at, Incident.opened_at, Incident.acknowledged_by,
    ).where(Incident.state != State.out)  # fmt: skip
    return {
        row.watch_id: None if any(isinstance(value, Unreadable) for value in row) else OpenFire(
            row.id, row.state, row.level, row.kind, row.suppressed_by_kind, row.burning_at or row.opened_at,
            row.acknowledged_by,
        )
        for row in session.execute(asked)
    }  # fmt: skip


def _holding(
    session: Session, what: object, table: type[Silence] | type[PlannedEvent], now: datetime
) -> tuple[tuple[str, datetime], ...]:
    asked = select(what, table.ends_at).where(table.starts_at <= now, table.ends_at > now)  # type: ignore[call-overload]
    return tuple((str(name), ends) for name, ends in session.execute(asked.order_by(table.ends_at)))
