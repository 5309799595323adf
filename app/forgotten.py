"""What was forgotten, as a list beside the database: neither a backup nor a feed brings it back.

It holds no name and no address: a line is an instant and what the service's key makes of a word. Lines are
only ever added, by several processes at once if need be; one that a crash cut short says nothing.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import NamedTuple


class Entry(NamedTuple):
    """When something was forgotten, and its digest."""

    at: datetime
    digest: str


def of_author(name: str) -> str:
    """The word for all that an author wrote before; blind to case and to a leading @.

    >>> of_author("@Lea") == of_author("lea")
    True
    """
    return f"author {name.strip().casefold().removeprefix('@')}"


def of_address(url: str) -> str:
    """The word for the post at an address."""
    return f"address {url.strip().rstrip('/')}"


def of_post(source_id: int, external_id: str) -> str:
    """The word for a post, as its source knows it."""
    return f"post {source_id} {external_id}"


class Forgotten:
    """The list; `keyed` makes of a word what nobody makes of it without the key."""

    def __init__(self, path: Path, keyed: Callable[[str], str]) -> None:
        self.path = path
        self._keyed = keyed
        self._known: dict[str, datetime] = {}
        self._size = 0
        self._lock = Lock()

    def note(self, words: Iterable[str], *, now: datetime) -> None:
        """Add the words; they are on the disk when it returns."""
        self.add(Entry(now, self._digest(word)) for word in words)

    def add(self, entries: Iterable[Entry]) -> None:
        """Add entries as they are."""
        lines = "".join(f"{entry.at.isoformat()} {entry.digest}\n" for entry in entries)
        if not lines:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            size = os.fstat(descriptor).st_size
            cut_short = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
            os.write(descriptor, (f"\n{lines}" if cut_short else lines).encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def since(self, *words: str) -> datetime | None:
        """When the last of the words was forgotten; None: none was."""
        self._read()
        if not self._known:
            return None
        return max((at for word in words if (at := self._known.get(self._digest(word)))), default=None)

    def keeps_out(self, *words: str, written_at: datetime | None) -> bool:
        """Whether a post of which these are the words was forgotten; what was written later was not.

        Of a post without a date nobody knows when it was written: it is kept out.
        """
        since = self.since(*words)
        return since is not None and (written_at is None or written_at <= since)

    def entries(self) -> Iterator[Entry]:
        """All that is readable in the list, in its order."""
        if self.path.exists():
            for line in self.path.read_text(encoding="utf-8", errors="replace").splitlines():
                if (entry := read_entry(line)) is not None:
                    yield entry

    def _read(self) -> None:
        """Read it again if another process has added to it."""
        try:
            size = self.path.stat().st_size
        except FileNotFoundError:
            size = 0
        if size == self._size:
            return
        with self._lock:
            known: dict[str, datetime] = {}
            for entry in self.entries():
                known[entry.digest] = max(entry.at, known.get(entry.digest, entry.at))
            self._known, self._size = known, size

    def _digest(self, word: str) -> str:
        return self._keyed(f"forgotten {word}")[:32]


def read_entry(line: str) -> Entry | None:
    """The entry of a line; None if it is none.

    >>> read_entry("2026-11-22T09:14:00+00:00 0f") is not None, read_entry("2026-11-2")
    (True, None)
    """
    at, _, digest = line.strip().partition(" ")
    try:
        when = datetime.fromisoformat(at)
    except ValueError:
        return None
    return Entry(when, digest) if digest and when.tzinfo is not None else None
