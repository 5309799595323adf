"""Posts that no longer stand where they would have to stand: perhaps they were deleted."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.clock import EPOCH
from app.errors import SourceError
from app.sources.base import Item
from app.sources.toolkit import loose

_LASTS = timedelta(days=1)  # a post is looked for so long
_MOST = 300
_MOST_ASKED = 5  # in one run


@dataclass(slots=True)
class Listed:
    """What the lists of one run showed. `before` is what `recent` gave after the run before.

    `whole`: for each list the instant from which on it was shown whole.
    """

    before: Mapping[str, list[str]]  # by id: the name of its list, and when it was published
    whole: dict[str, datetime] = field(default_factory=dict)
    posts: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)

    def add(self, name: str, items: Iterable[Item]) -> None:
        """Note posts of a list."""
        for item in items:
            if item.published_at:
                self.posts[item.external_id] = name, item.published_at

    def shown(self, name: str, since: datetime) -> None:
        """Note that the list was shown whole from that instant on."""
        self.whole[name] = since

    def gone(self, is_gone: Callable[[str, str], bool]) -> list[str]:
        """Those that vanished from between others and that their service does not have.

        It is asked for some of them: `is_gone` takes the name of a list and the id of a post.
        """
        found = []
        for one in self._vanished():
            try:
                gone = is_gone(self.before[one][0], one)
            except SourceError:
                break  # the next run asks again
            self.asked.add(one)
            found += [one] if gone else []
        return found

    def recent(self, now: datetime) -> dict[str, list[str]]:
        """The posts of the last day, the newest first, as the cursor keeps them for the next run."""
        known = {one: (name, loose.instant(at) or EPOCH) for one, (name, at) in self.before.items()}
        known = {one: kept for one, kept in (known | self.posts).items() if one not in self.asked}
        newest = sorted(known, key=lambda one: known[one][1], reverse=True)[:_MOST]
        young = [one for one in newest if known[one][1] > now - _LASTS]
        return {one: [known[one][0], known[one][1].isoformat()] for one in young}

    def _vanished(self) -> list[str]:
        return [
            one
            for one, (name, at) in self.before.items()
            if one not in self.posts
            and name in self.whole
            and (loose.instant(at) or EPOCH) > self.whole[name]
        ][:_MOST_ASKED]
