"""Posts that somebody kept in a file: JSON lines or CSV, packed with gzip or not."""

from collections.abc import Iterator
from csv import Error as CsvError
from csv import reader
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, islice
from pathlib import Path
from typing import Any

import httpx
from pydantic import BaseModel, ConfigDict, Field

from app.errors import BadInput, SourceError
from app.sources.base import Batch, Item, Kind
from app.sources.toolkit import strict_json
from app.sources.toolkit.lines import OnError, Records, lines
from app.sources.toolkit.rows import item_of, with_source
from app.sources.toolkit.text import clean

_SUFFIXES = (".csv", ".tsv", ".jsonl", ".ndjson")
_AT_ONCE = 20_000  # rows in one run: a large archive comes in several, in bounded memory


@dataclass(frozen=True, slots=True)
class Row:
    """One post of an archive, where it stood, and the name of the source that it came from, if it says."""

    line: int
    source: str | None
    item: Item


def read(path: Path, *, on_error: OnError) -> Iterator[Row]:
    """The posts of a file as they stand in it; a BadInput if it cannot be read or holds not one good row.

    A bad row is told to `on_error`, with its line and the reason, and skipped. Memory stays bounded whatever
    the file holds. The fields are those of `rows.item_of`.
    """
    good = 0
    for line, row in _rows(path, on_error):
        try:
            source, item = item_of(row)
        except BadInput as error:
            on_error(line, str(error))
        else:
            good += 1
            yield Row(line, source, item)
    if not good:
        raise BadInput(f"{path.name} holds no post that can be read.")


def _rows(path: Path, on_error: OnError) -> Iterator[tuple[int, dict[str, Any]]]:
    numbered = lines(path, on_error=on_error)
    first = next(((number, line) for number, line in numbered if line.strip("\0 \t\r\n")), None)
    if first is None:
        return iter(())
    if first[1].lstrip().startswith("["):
        raise BadInput(f"{path.name} is one JSON array. Write one object a line instead.")
    if first[1].lstrip().startswith("{"):
        return _objects(chain([first], numbered), on_error)
    return _table(path, first[1], numbered, on_error)


def _objects(numbered: Iterator[tuple[int, str]], on_error: OnError) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in numbered:
        if not line.strip():
            continue
        try:
            row = strict_json.loads(line)
        except ValueError as error:
            on_error(number, f"the line is not JSON: {error}")
            continue
        if isinstance(row, dict):
            yield number, row
        else:
            on_error(number, "the line is JSON, but not an object")


def _table(
    path: Path, header: str, numbered: Iterator[tuple[int, str]], on_error: OnError
) -> Iterator[tuple[int, dict[str, Any]]]:
    names, delimiter = _header(path, header)
    for number, fields in Records(numbered, delimiter, on_error):
        if len(fields) == len(names):
            yield number, dict(zip(names, fields, strict=True))
        else:
            on_error(number, f"the row has {len(fields)} fields where the header has {len(names)}")


def _header(path: Path, line: str) -> tuple[list[str], str]:
    names: list[str] = []
    for delimiter in ",;\t":
        try:
            names = [name.strip().lower() for name in next(reader([line], delimiter=delimiter, strict=True))]
        except CsvError:
            continue
        if {"id", "text"} <= set(names) and {"published_at", "created_at"} & set(names):
            return names, delimiter
    raise BadInput(
        f"{path.name} needs the columns id, published_at (or created_at) and text in its first line; "
        f"what is there: {clean(line, 200)!r}."
    )


class ArchiveSettings(BaseModel):
    """Where the file is."""

    model_config = ConfigDict(extra="forbid")

    path: Path = Field(description="the file on the service's machine: .jsonl or .csv, perhaps with .gz")


class Archive:
    """A file as a source: read once, and again when it changed."""

    def __init__(self, settings: ArchiveSettings) -> None:
        self._path = settings.path

    def fetch(self, cursor: dict[str, Any], *, now: datetime) -> Batch:
        """The next rows of the file, 20,000 at most; nothing more once all were read."""
        stamp = self._stamp()
        if cursor.get("stamp") == stamp and cursor.get("done"):
            end = datetime.fromisoformat(cursor["until"]) if cursor.get("until") else now
            return Batch([], cursor, end, end, "unchanged")
        start = int(cursor.get("rows", 0)) if cursor.get("stamp") == stamp else 0
        bad: list[tuple[int, str]] = []
        try:
            found = read(self._path, on_error=lambda line, why: bad.append((line, why)))
            rows = list(islice(found, start, start + _AT_ONCE + 1))
        except BadInput as error:
            raise SourceError(str(error), permanent=True) from error
        done = len(rows) <= _AT_ONCE
        told_before = rows[0].line if start and rows else 0
        skipped = [f"line {line}: {why}" for line, why in bad if line > told_before]
        return self._batch(rows[:_AT_ONCE], skipped, stamp, start, done=done, now=now)

    def _batch(
        self, rows: list[Row], skipped: list[str], stamp: list[Any], start: int, *, done: bool, now: datetime
    ) -> Batch:
        items = list({row.item.external_id: with_source(row.item, row.source) for row in rows}.values())
        times = [min(item.published_at, now) for item in items if item.published_at]
        until = max(times, default=now)
        return Batch(
            items=items,
            cursor={
                "stamp": stamp,
                "rows": start + len(rows),
                "done": done,
                "until": until.isoformat(),
            },
            window_from=min(times, default=now),
            window_to=until,
            status="ok" if items else "empty",
            note=f"{len(skipped)} lines skipped: {'; '.join(skipped[:3])}" if skipped else "",
            next_in=None if done else timedelta(seconds=1),
        )

    def _stamp(self) -> list[Any]:
        try:
            path = self._path.resolve(strict=True)
            stat = path.stat()
        except OSError as error:
            raise SourceError(
                f"{self._path} cannot be read: {error.strerror}. Check the path.", permanent=True
            ) from error
        if not path.name.lower().removesuffix(".gz").endswith(_SUFFIXES):
            # Whoever may add a source must not read any file of the machine through its errors and posts.
            raise SourceError(
                f"{path.name} must end in {', '.join(_SUFFIXES)}, or these with .gz.", permanent=True
            )
        if not path.is_file():
            raise SourceError(f"{path} is not a file.", permanent=True)
        return [str(path), stat.st_size, stat.st_mtime_ns]


def _build(settings: ArchiveSettings, _client: httpx.Client, _secret: str | None) -> Archive:
    return Archive(settings)


KIND = Kind(
    name="archive",
    summary="Posts kept in a JSON lines or CSV file on this machine, read once and again when it changes.",
    settings=ArchiveSettings,
    build=_build,
    cadence=timedelta(hours=1),
)
