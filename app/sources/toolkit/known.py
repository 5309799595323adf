"""What a source remembers of the posts that it brought, so that it brings each once and sees edits."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from app.sources.base import Item
from app.sources.toolkit.text import digest

_KEY, _PRINT = 16, 12  # hex digits of an id and of its content


@dataclass(frozen=True, slots=True)
class Known:
    """Digests of ids, each with that of its content, newest first."""

    prints: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, listed: Iterable[str]) -> "Known":
        """What was listed of it."""
        return cls({entry[:_KEY]: entry[_KEY:] for entry in listed})

    def listed(self) -> list[str]:
        """As the cursor keeps it."""
        return [key + content for key, content in self.prints.items()]

    def and_also(self, listed: Iterable[str]) -> "Known":
        """The memory of these and of what was listed."""
        return Known(Known.of(listed).prints | self.prints)

    def but(self, other: "Known") -> "Known":
        """The memory without what the other holds."""
        return Known(
            {key: content for key, content in self.prints.items() if other.prints.get(key) != content}
        )

    def has(self, item: Item) -> bool:
        """Whether the post was brought before."""
        return _key(item) in self.prints

    def fresh(self, items: Iterable[Item], *, one_date: bool = False) -> list[Item]:
        """Those that are new, and those that were edited since.

        `one_date`: the source has one date for both, which is that of the edit once a post was edited.
        """
        found = [item for item in items if not self._same(item)]
        return [_edited(item) if one_date and self.has(item) else item for item in found]

    def after(self, items: Iterable[Item], *, kept: int) -> "Known":
        """The memory once the items are stored."""
        current = {_key(item): _print(item) for item in items}
        known = current | {key: content for key, content in self.prints.items() if key not in current}
        return Known(dict(list(known.items())[: max(kept, len(current))]))

    def _same(self, item: Item) -> bool:
        return self.prints.get(_key(item)) == _print(item)


def _edited(item: Item) -> Item:
    return item if item.edited_at else replace(item, edited_at=item.published_at)


def _key(item: Item) -> str:
    return digest(item.external_id)[:_KEY]


def _print(item: Item) -> str:
    return digest(item.title, item.text, str(item.published_at), str(item.edited_at))[:_PRINT]
