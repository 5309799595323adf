"""What one document of a feed holds, whichever its format."""

from dataclasses import dataclass
from datetime import timedelta

from app.sources.base import Item


@dataclass(frozen=True, slots=True)
class Page:
    """The items as they stand in the document, and what it says of itself."""

    items: list[Item]
    next_url: str | None = None  # of the page with older items
    ttl: timedelta | None = None
    hubs: tuple[str, ...] = ()  # that tell of what is new
    topic: str | None = None  # the address under which hubs know it
    unread: tuple[str, ...] = ()  # dates that cannot be read
    malformed: str = ""  # what is wrong with a document that could be read all the same
