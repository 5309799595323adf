"""The live chain over posts of the past, on their own clock: what would have happened."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import metrics
from app.channels.slack.rehearsal import Rehearsal
from app.clock import STEP, step_start
from app.db import Sessions, only_read
from app.models import (
    Channel,
    Delivery,
    Incident,
    PlannedEvent,
    Policy,
    Source,
    SourceHealth,
    State,
    Transition,
    Watch,
)
from app.pipeline.delivery.messages import DeliveryContext
from app.pipeline.delivery.notify import notify
from app.pipeline.guard import Guard
from app.pipeline.incidents.follow import Following, follow_all
from app.pipeline.ingest.match import Matchers, sets_aside
from app.pipeline.ingest.store import store
from app.pipeline.roster import read_roster
from app.pipeline.scoring.detect import HOUR, ScoringEngine
from app.pipeline.scoring.scored_series import LOOK_BACK, ScoredSeries
from app.sources.base import Item

CHUNK = timedelta(hours=24)  # of the past, in one go
_BY_THE_HOUR = timedelta(hours=1)  # where it matters for what is stored whether something burns

Named = tuple[str, Item]  # the name of a source and a post of it
Told = Callable[[Transition, Incident], None]
Seen = Callable[[ScoredSeries, int, int], None]  # columns that were judged


@dataclass(frozen=True, slots=True)
class Arrival:
    """A post, and the instant from which on it can be counted."""

    at: datetime
    source_id: int
    item: Item


@dataclass(frozen=True, slots=True)
class Act:
    """What people did at an instant, to be done again."""

    at: datetime
    do: Callable[[Session], None]


@dataclass(frozen=True, slots=True)
class Script:
    """What is played: all that happened from `begin` to `end`; what came before is there from the start.

    Posts that came late, and acts, make a break: what was judged before must not know of them.
    """

    arrivals: Sequence[Arrival]  # by their time
    begin: datetime
    end: datetime
    acts: Sequence[Act] = ()  # by their time
    breaks: frozenset[datetime] = frozenset()


@dataclass(frozen=True, slots=True)
class Replay:
    """The chain over posts of the past, in a database of its own."""

    sessions: Sessions
    scoring: ScoringEngine
    language: str  # of the messages, unless the watch says
    rehearsal: Rehearsal = field(default_factory=Rehearsal)
    stories: bool = True  # watches that burn in one fire share a story

    def run(
        self,
        posts: Sequence[Named],
        watches: Sequence[Watch],
        policy: Policy,
        *,
        since: datetime | None = None,
        channel: str = "slack",
        planned: Sequence[PlannedEvent] = (),
        told: Told | None = None,
        seen: Seen | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> None:
        """Replay the posts of an archive; `told` hears each transition, `seen` all judged columns.

        Watches that have no policy of their own get the given one.
        The archive holds all posts from `since` on, or from its first post if that is earlier or `since` is
        not given: a time without a post was silent, and is learnt from.
        """
        posts = sorted(posts, key=lambda named: (_at(named), named[0], named[1].external_id))
        if not posts:
            return
        begin, end = step_start(_at(posts[0])), step_start(_at(posts[-1])) + STEP
        begin = min(begin, step_start(since)) if since else begin
        with self.sessions.begin() as session:
            sources = _set_up(session, {name for name, _ in posts}, watches, policy, begin, end)
            session.add_all(planned)
            session.add(Channel(name=channel, kind=channel, settings={}, created_at=begin, updated_at=begin))
        arrivals = [Arrival(_at((name, item)), sources[name], item) for name, item in posts]
        self.play(Script(arrivals, begin, end), told=told, seen=seen, progress=progress)

    def play(
        self,
        script: Script,
        *,
        told: Told | None = None,
        seen: Seen | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> None:
        """Play what happened to the watches, sources and channels that are in the database already.

        `progress` hears how many posts are done.
        """
        with metrics.rehearsing():
            self._play(script, told, seen, progress)

    def _play(
        self, script: Script, told: Told | None, seen: Seen | None, progress: Callable[[int], None] | None
    ) -> None:
        following = Following(self.scoring, told, live=False, stories=self.stories)
        matchers = Matchers()
        context = DeliveryContext(lambda _channel: self.rehearsal, self.language, lambda _incident: None)
        acts = list(script.acts)
        done = 0
        for until, part in self._chunks(script):
            with self.sessions.begin() as session:
                compiled = matchers.current(session)
                by_source = sorted(part, key=lambda arrival: arrival.source_id)
                for source_id, group in groupby(by_source, key=lambda arrival: arrival.source_id):
                    items = [arrival.item for arrival in group]
                    store(session, compiled, source_id, items, now=until, heard_at_once=True)
            with self.sessions() as session:
                only_read(session)
                roster = read_roster(session, disabled=True)  # all watches are those that were asked for
            since = min(watch.scored_until or until for watch in roster.watches)
            follow_all(self.sessions, following, roster, Guard(self.sessions, now=until), now=until)
            while acts and step_start(acts[0].at) <= until:
                with self.sessions.begin() as session:
                    acts.pop(0).do(session)
            scored = self.scoring.scored
            if seen is not None and scored is not None:
                seen(scored, scored.series.column(since), scored.series.column(until))
            self._notify(context, until)
            done += len(part)
            if progress is not None:
                progress(done)

    def _notify(self, context: DeliveryContext, until: datetime) -> None:
        """Tell each thing at its own instant, as the live service would have."""
        while True:
            with self.sessions() as session:
                due = session.scalars(select(func.min(Delivery.due_at))).one()
            if due is None or due > until:
                return
            notify(self.sessions, context, now=due, most=1)

    def _chunks(self, script: Script) -> Iterator[tuple[datetime, list[Arrival]]]:
        """(end of a chunk, its posts); where nothing can be remembered any more, years are passed over."""
        forgotten = self.scoring.detector.memory + LOOK_BACK + timedelta(days=1)
        arrivals, end = script.arrivals, script.end
        chunk = _BY_THE_HOUR if self._sets_aside() else CHUNK
        stops = sorted(script.breaks | {step_start(act.at) for act in script.acts})
        at, index = script.begin, 0
        while index < len(arrivals) and arrivals[index].at < at:
            index += 1
        if index:
            yield at, list(arrivals[:index])
        while at < end:
            until = min(end, step_start(at, HOUR) + chunk)
            while stops and stops[0] <= at:
                stops.pop(0)
            if stops:
                until = min(until, stops[0])
            begun = index
            while index < len(arrivals) and arrivals[index].at < until:
                index += 1
            yield until, list(arrivals[begun:index])
            at = until
            if index < len(arrivals) and arrivals[index].at - at > 2 * forgotten and self._is_quiet():
                at = step_start(arrivals[index].at - forgotten, HOUR)
                with self.sessions.begin() as session:
                    for watch in session.scalars(select(Watch)):
                        watch.scored_until = at

    def _sets_aside(self) -> bool:
        with self.sessions() as session:
            return any(map(sets_aside, session.scalars(select(Watch))))

    def _is_quiet(self) -> bool:
        with self.sessions() as session:
            return session.scalars(select(Incident.id).where(Incident.state != State.out)).first() is None


def _at(named: Named) -> datetime:
    published = named[1].published_at
    assert published is not None, "an archive's posts have a date"  # noqa: S101 - rows without are refused
    return published


def _set_up(
    session: Session,
    names: set[str],
    watches: Sequence[Watch],
    policy: Policy,
    begin: datetime,
    end: datetime,
) -> dict[str, int]:
    """Store the watches and the archive's sources; ids of the sources by name."""
    stamps = {"created_at": begin, "updated_at": begin}
    sources = {
        name: Source(
            name=name,
            kind="archive",
            settings={},
            cursor={"holds": [begin.isoformat(), end.isoformat()]},
            health=SourceHealth.ok,
            health_since=begin,
            heard_until=end,
            **stamps,
        )
        for name in sorted(names)
    }
    session.add_all(sources.values())
    for watch in watches:
        if watch.policy is None:
            watch.policy = policy
        watch.scored_until = begin
    session.add_all(watches)
    session.flush()
    return {name: source.id for name, source in sources.items()}
