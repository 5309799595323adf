"""Posts to mentions: which watches each post is a mention of."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.clock import known_zone
from app.models import WITH_SOURCES, Incident, Source, Watch, require_readable
from app.pipeline.guard import Guard, Row
from app.pipeline.roster import Roster
from app.reading.language import code
from app.reading.learning import Learnt
from app.reading.matching import Heard, Matcher
from app.reading.own_words import own_words
from app.reading.query import parse
from app.reading.relevance import Relevance
from app.sources.base import Item

MATCH = "match"  # the step


@dataclass(frozen=True, slots=True)
class Compiled:
    """All enabled watches, ready to be asked."""

    matcher: Matcher
    watch_ids: tuple[int, ...]
    sources: tuple[frozenset[int], ...]  # of each watch; empty: all
    languages: tuple[frozenset[str], ...]
    taught: Mapping[int, Learnt] = field(default_factory=dict)  # of a watch, where its team's word is used
    broken: Mapping[int, Exception] = field(default_factory=dict)  # watches that cannot be asked, and why
    own_words: Mapping[int, re.Pattern[str]] = field(default_factory=dict)  # of a watch, names with a tone
    places: Mapping[int, tuple[str, ...]] = field(default_factory=dict)  # names, kinds of sources, if asked
    relevance: Mapping[int, Relevance] = field(default_factory=dict)  # of a watch, where it is on
    burning: frozenset[int] = frozenset()  # of these watches, those that are in an incident
    again: Mapping[int, datetime] = field(default_factory=dict)  # those for which all counts, and since when
    teams: tuple[int | None, ...] = ()  # of each watch; empty: the house's
    closed: Mapping[int, int] = field(default_factory=dict)  # by source, the team that alone hears it

    def watches(self, source_id: int, heard: Heard) -> list[int]:
        """Ids of the watches that the post is a mention of."""
        if self.places:
            heard = replace(heard, source=self.places.get(source_id, ()))
        found = [
            i for i in self.matcher.matches(heard) if not self.sources[i] or source_id in self.sources[i]
        ]
        if source_id in self.closed:
            found = [i for i in found if self.teams[i] == self.closed[source_id]]
        if any(self.languages[i] for i in found):
            # A post that does not say its language is kept: losing a fire costs more than a stray mention.
            here = heard.spoken
            found = [i for i in found if not self.languages[i] or here is None or here in self.languages[i]]
        return [self.watch_ids[i] for i in found]

    def placed(self, session: Session) -> "Compiled":
        """The same, with whose the sources are, their names if a query asks for them, and what burns."""
        owned = session.execute(select(Source.id, Source.team_id).where(Source.team_id.is_not(None)))
        found = replace(self, closed={row.id: row.team_id for row in owned})
        if self.matcher.asks_source:
            rows = session.execute(select(Source.id, Source.name, Source.kind))
            found = replace(found, places={id_: (name, kind) for id_, name, kind in rows})
        if self.relevance:
            burns = select(Incident.watch_id).where(
                Incident.watch_id.in_(self.relevance), Incident.out_at.is_(None)
            )
            found = replace(found, burning=frozenset(session.scalars(burns)))
        return found


def heard_row(post: Mapping[Any, Any]) -> Heard:
    """What a query may ask of a post that is, or will be, a row."""
    return Heard(
        post["title"], post["text"], post["url"], post["lang"], post["author"], (),
        post["likes"], post["shares"], post["replies"], post["reach"], post["followers"],
    )  # fmt: skip


def heard_item(item: Item) -> Heard:
    """What a query may ask of a post as its source gave it."""
    return Heard(
        item.title, item.text, item.url, item.lang, item.author, (),
        item.likes, item.shares, item.replies, item.reach, item.followers,
    )  # fmt: skip


_ENABLED = select(Watch).where(Watch.enabled).options(WITH_SOURCES)


class Matchers:
    """Keeps the compiled watches until one of them changes."""

    def __init__(self) -> None:
        self._seen: tuple[int, datetime | None, int | None] | None = None
        self._compiled = Compiled(Matcher([]), (), (), ())

    def forget(self) -> None:
        """Compile anew next time."""
        self._seen = None

    def current(self, session: Session) -> Compiled:
        """The watches as they are in the database now."""
        count, changed, newest = session.execute(
            select(func.count(Watch.id), func.max(Watch.updated_at), func.max(Watch.id)).where(Watch.enabled)
        ).one()
        if (count, changed, newest) != self._seen:
            self._compiled = compile_watches(session.scalars(_ENABLED).all())
            self._seen = (count, changed, newest)
        return self._compiled.placed(session)

    def of(self, watches: Sequence[Watch]) -> Compiled:
        """These watches, which are all that are enabled; compiled anew only if they have changed."""
        changes = [watch.updated_at for watch in watches if isinstance(watch.updated_at, datetime)]
        seen = len(watches), max(changes, default=None), max((watch.id for watch in watches), default=None)
        if seen != self._seen:
            self._compiled, self._seen = compile_watches(watches), seen
        return self._compiled


def compile_watches(watches: Sequence[Watch]) -> Compiled:
    """The watches, compiled once for all posts to come; one that cannot be does not keep the others deaf."""
    sound, broken = [], {}
    for watch in watches:
        try:
            sound.append((_Terms(watch), watch))
        except Exception as error:  # noqa: BLE001 - whatever is stored there, the others are asked
            broken[watch.id] = error
    return Compiled(
        Matcher([terms.query for terms, _ in sound]),
        tuple(w.id for _, w in sound),
        tuple(w.source_ids for _, w in sound),
        tuple(terms.languages for terms, _ in sound),
        {w.id: terms.taught for terms, w in sound if terms.taught is not None},
        broken,
        {w.id: terms.own_words for terms, w in sound if terms.own_words is not None},
        relevance={w.id: terms.relevance for terms, w in sound if terms.relevance is not None},
        teams=tuple(w.team_id for _, w in sound),
        again={w.id: w.counts_again_since for _, w in sound if w.counts_again_since is not None},
    )


class _Terms:
    """What one watch asks for, read from its row; raises what is wrong with it."""

    def __init__(self, watch: Watch) -> None:
        require_readable(watch)
        self.query = parse(watch.query)
        Matcher([self.query])  # it compiles
        self.languages = frozenset(map(code, watch.languages))
        self.taught = taught(watch)
        self.relevance = relevance(watch)
        self.own_words = own_words(self.query.asked, watch.name)


def check_watches(roster: Roster, matchers: Matchers, guard: Guard) -> None:
    """Tell of each watch that cannot be compiled, or is in a time zone that this machine does not know.

    The posts that the first asks for are stored, and matched once it is mended; the other is judged in UTC.
    """
    broken = dict(matchers.of(roster.watches).broken)
    rows = {watch.id: Row.of(watch) for watch in roster.watches}
    for watch in roster.watches:
        if known_zone(watch.time_zone) != watch.time_zone:
            why = f"there is no time zone {watch.time_zone!r}: it is judged in UTC until you set another"
            broken.setdefault(watch.id, ValueError(why))
    for watch_id, error in broken.items():
        if guard.is_due(MATCH, rows[watch_id]):
            guard.fail(MATCH, rows[watch_id], error)
    guard.clear_others(MATCH, broken)


def taught(watch: Watch) -> Learnt | None:
    """What its team taught of the tone, if it is used."""
    used = watch.taught and watch.taught["used"]
    return Learnt.model_validate(watch.taught["learnt"]) if watch.taught and used else None


def relevance(watch: Watch) -> Relevance | None:
    """What its team taught of what it is about, if it is on."""
    held = watch.relevance
    return Relevance.model_validate(held["learnt"]) if held and sets_aside(watch) else None


def sets_aside(watch: Watch) -> bool:
    """Whether posts that match the watch may be set aside as not about it."""
    held = watch.relevance
    return bool(held and held["on"] and held["learnt"])
