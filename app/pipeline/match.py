"""Posts to mentions: which watches each post is a mention of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models import Watch
from app.reading.learning import Learnt
from app.reading.matching import Matcher
from app.reading.query import parse


@dataclass(frozen=True, slots=True)
class Compiled:
    """All enabled watches, ready to be asked."""

    matcher: Matcher
    watch_ids: tuple[int, ...]
    sources: tuple[frozenset[int], ...]  # of each watch; empty: all
    languages: tuple[frozenset[str], ...]
    taught: Mapping[int, Learnt] = field(default_factory=dict)  # of a watch, where its team's word is used

    def watches(self, source_id: int, title: str, text: str, url: str | None, lang: str | None) -> list[int]:
        """Ids of the watches that the post is a mention of."""
        spoken = lang[:2].lower() if lang else None
        return [
            self.watch_ids[i]
            for i in self.matcher.matches(title, text, url)
            if (not self.sources[i] or source_id in self.sources[i])
            # A post that does not say its language is kept: losing a fire costs more than a stray mention.
            and (not self.languages[i] or spoken is None or spoken in self.languages[i])
        ]


class Matchers:
    """Keeps the compiled watches until one of them changes."""

    def __init__(self) -> None:
        self._seen: tuple[int, datetime | None, int | None] | None = None
        self._compiled = Compiled(Matcher([]), (), (), ())

    def current(self, session: Session) -> Compiled:
        """The watches as they are in the database now."""
        count, changed, newest = session.execute(
            select(func.count(Watch.id), func.max(Watch.updated_at), func.max(Watch.id))
        ).one()
        if (count, changed, newest) != self._seen:
            self._compiled = compile_watches(list(session.scalars(select(Watch).where(Watch.enabled))))
            self._seen = (count, changed, newest)
        return self._compiled


def compile_watches(watches: list[Watch]) -> Compiled:
    """The watches, compiled once for all posts to come."""
    return Compiled(
        Matcher([parse(w.query) for w in watches]),
        tuple(w.id for w in watches),
        tuple(frozenset(s.id for s in w.sources) for w in watches),
        tuple(frozenset(language[:2].lower() for language in w.languages) for w in watches),
        {w.id: learnt for w in watches if (learnt := taught(w)) is not None},
    )


def taught(watch: Watch) -> Learnt | None:
    """What its team taught of the tone, if it is used."""
    used = watch.taught and watch.taught["used"]
    return Learnt.model_validate(watch.taught["learnt"]) if watch.taught and used else None
