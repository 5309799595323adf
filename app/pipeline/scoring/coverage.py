"""What part of a watch was heard: its sources' coverage, weighted by what each of them usually brings."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain

import numpy as np
import numpy.typing as npt
from numpy.typing import NDArray
from scipy.sparse import csr_array
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.clock import STEP, step_start
from app.models import Bucket, Coverage, LookBack, Source, Watch
from app.sources import KINDS

_FLOODS = frozenset(kind.name for kind in KINDS if kind.floods)
Floats = npt.NDArray[np.floating]
Ints = npt.NDArray[np.int64]

_DAY = timedelta(days=1)
_MEMORY = 28 * _DAY  # what a source usually brings is what it brought in so long
_FEW = 5  # mentions
_STAGES = (3, 7, 14, 28)  # days
_LEAST_WEIGHT = 0.02  # of a source that never brought a mention: it may bring the first


@dataclass(slots=True)
class CoverageModel:
    """The sources of some watches and what each usually brings, by days.

    The weights of a day come from the days before it, so that they are the same live and in a replay.
    """

    rows: dict[int, int]  # watch id -> row
    places: dict[int, int]  # source id -> column
    pairs: Ints  # (2, pairs): row and place of each watch and source that it listens to, in order
    archived: dict[int, tuple[datetime, datetime]]  # place -> what an archive holds, all of it observed
    made: dict[int, datetime] = field(default_factory=dict)  # place -> when
    # (row, place, when the watch was made): of some streams only what a watch asks for is kept, so nothing is
    # known of the time before
    unasked: Sequence[tuple[int, int, datetime]] = ()
    # place -> since when it is heard live; it was asked for what was before
    looked_back: dict[int, datetime] = field(default_factory=dict)
    brought: dict[datetime, Floats] = field(default_factory=dict)  # day -> mentions of each pair

    @classmethod
    def of(cls, watches: Sequence[Watch], sources: Sequence[Source]) -> "CoverageModel":
        """The watches and all enabled sources, by their ids."""
        places = {source.id: place for place, source in enumerate(sources)}
        archived = {places[source.id]: span for source in sources if (span := _held(source))}
        every = {
            team: [place for place, s in enumerate(sources) if s.team_id in (None, team)]
            for team in {watch.team_id for watch in watches}
        }
        own = [
            sorted({places[s] for s in watch.source_ids if s in places})
            if watch.source_ids
            else every[watch.team_id]
            for watch in watches
        ]
        counts = np.fromiter(map(len, own), np.int64, len(own))
        rows = np.repeat(np.arange(len(watches)), counts)
        pairs = np.stack([rows, np.fromiter(chain.from_iterable(own), np.int64, len(rows))])
        made = {places[source.id]: source.created_at for source in sources}
        floods = {places[source.id] for source in sources if source.kind in _FLOODS}
        unasked = [
            (row, place, watch.created_at)
            for row, watch in enumerate(watches)
            for place in (floods.intersection(own[row]) if floods else ())
        ]
        return cls({w.id: row for row, w in enumerate(watches)}, places, pairs, archived, made, unasked)

    def know_history(self, session: Session) -> None:
        """Read which sources have looked back: what they bring live weighs the days before."""
        query = select(LookBack.source_id, LookBack.until).where(LookBack.until.is_not(None))
        self.looked_back = {
            self.places[source_id]: until
            for source_id, until in session.execute(query)
            if source_id in self.places and isinstance(until, datetime)
        }

    def coverage(self, session: Session, since: datetime, until: datetime) -> Floats:
        """(watches, columns): the part of each five minutes that was heard, from 0 to 1."""
        parts = []
        while since < until:
            end = min(until, step_start(since, _DAY) + _DAY)
            weights = self._weights(session, step_start(since, _DAY))
            observed = self._observed(session, since, end)
            part = np.asarray(weights @ observed)
            for row, place, made in self.unasked:
                columns = slice(0, max(0, -((since - made) // STEP)))
                part[row, columns] -= weights[row, place] * observed[place, columns]
            parts.append(part)
            since = end
        whole: Floats = np.minimum(1.0, np.concatenate(parts, axis=1))
        return whole

    def deaf(self, session: Session, watch_id: int, since: datetime, until: datetime) -> list[int]:
        """Ids of the watch's sources of which less than half was heard in that time."""
        return [source for source, part in self.heard(session, watch_id, since, until).items() if part < 0.5]

    def heard(self, session: Session, watch_id: int, since: datetime, until: datetime) -> dict[int, float]:
        """Of each of the watch's sources, by its id, the part of that time that was heard, from 0 to 1."""
        heard = self._observed(session, step_start(since), until).mean(axis=1)
        listened = set(self.pairs[1, self.pairs[0] == self.rows[watch_id]].tolist())
        return {source: float(heard[place]) for source, place in self.places.items() if place in listened}

    def _observed(self, session: Session, since: datetime, until: datetime) -> Floats:
        observed = np.zeros((len(self.places), -((since - until) // STEP)))
        query = select(Coverage.source_id, Coverage.at, Coverage.coverage).where(
            Coverage.at >= since, Coverage.at < until
        )
        for source_id, at, coverage in session.execute(query):
            if source_id in self.places:
                observed[self.places[source_id], (at - since) // STEP] = coverage
        for place, (begin, end) in self.archived.items():
            first, last = (step_start(begin) - since) // STEP, -((since - end) // STEP)
            observed[place, max(0, first) : max(0, last)] = 1.0
        return observed

    def _weights(self, session: Session, day: datetime) -> csr_array:
        """(watches, sources), of which most are nothing: a watch may listen to few of thousands."""
        usual = np.zeros(self.pairs.shape[1])
        before = day - _MEMORY
        while before < day:
            if before not in self.brought:
                self.brought[before] = self._brought(session, before, before + _DAY)
            usual += self.brought[before]
            before += _DAY
        for old in [d for d in self.brought if d < day - 2 * _MEMORY]:
            del self.brought[old]
        shares = self._shares(usual)
        history = self._history(day)
        if history.any():
            shares = np.where(history, self._live_shares(session, shares), shares)
        weights = self._shares(np.maximum(shares, _LEAST_WEIGHT))
        return csr_array((weights, (self.pairs[0], self.pairs[1])), shape=(len(self.rows), len(self.places)))

    def _history(self, day: datetime) -> NDArray[np.bool_]:
        """(pairs,): whether none of the watch's sources was heard live on that day, and one has looked back.

        What that one found is not what all of them bring now: a baseline of it alone would be too low.
        """
        if not self.looked_back:
            return np.zeros(self.pairs.shape[1], bool)
        live_since = {**self.made, **self.looked_back}
        live = np.array([live_since.get(place, day) <= day for place in range(len(self.places))])
        heard = np.bincount(self.pairs[0], live[self.pairs[1]], len(self.rows)) > 0
        return np.asarray(~heard[self.pairs[0]], np.bool_)

    def _live_shares(self, session: Session, before: Floats) -> Floats:
        """Of each pair, its part of what its watch was brought since all of its sources are heard live.

        Few mentions say little: those of the days `before` count for as much as five of them.
        """
        since = step_start(max(self.looked_back.values()))
        return self._shares(self._brought(session, since, since + _MEMORY) + _FEW * before)

    def _brought(self, session: Session, since: datetime, until: datetime) -> Floats:
        """Mentions of each pair in that time."""
        brought = np.zeros(self.pairs.shape[1], dtype=np.float32)
        query = (
            select(Bucket.watch_id, Bucket.source_id, func.sum(Bucket.mentions))
            .where(Bucket.at >= since, Bucket.at < until)
            .group_by(Bucket.watch_id, Bucket.source_id)
        )
        wanted, mentions = [], []
        for watch_id, source_id, count in session.execute(query):
            if watch_id in self.rows and source_id in self.places:
                wanted.append(self.rows[watch_id] * len(self.places) + self.places[source_id])
                mentions.append(count)
        if wanted and len(brought):
            keys = self.pairs[0] * len(self.places) + self.pairs[1]
            at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
            known = keys[at] == np.asarray(wanted)  # a source that the watch listened to before is left out
            brought[at[known]] = np.asarray(mentions)[known]
        return brought

    def _shares(self, amounts: Floats) -> Floats:
        """Of each pair, its part of what its watch has."""
        totals = np.bincount(self.pairs[0], amounts, len(self.rows))[self.pairs[0]]
        shares: Floats = np.divide(amounts, totals, out=np.zeros(len(amounts)), where=totals > 0)
        return shares


def history_stage(session: Session, at: datetime) -> Hashable:
    """Changes whenever so much more was looked back on that what is kept in memory should be read again.

    That is once three, seven, 14 and 28 days are there, at the end, and each day while the share of each
    source in what is brought live may still change.
    """
    query = select(LookBack.source_id, LookBack.until, LookBack.reached, LookBack.ended_at)
    rows = session.execute(query.where(LookBack.until >= at - _MEMORY).order_by(LookBack.source_id)).all()
    found = [
        (one, sum(until - reached >= days * _DAY for days in _STAGES), ended is not None)
        for one, until, reached, ended in rows
        if isinstance(until, datetime) and isinstance(reached, datetime)
    ]
    return tuple(found), step_start(at, _DAY) if found else None


def _held(source: Source) -> tuple[datetime, datetime] | None:
    """What an archive holds; a cursor that cannot be read holds nothing, and `watch_health` tells of it."""
    holds = source.cursor.get("holds") if isinstance(source.cursor, dict) else None
    try:
        return (datetime.fromisoformat(holds[0]), datetime.fromisoformat(holds[1])) if holds else None
    except (ValueError, TypeError, LookupError):
        return None
