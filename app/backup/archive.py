"""The file of a backup: a zip with a page of lines for each table, the key, and a manifest that proves both.

It holds rows and not a copy of the database's files, so that one of SQLite can be restored into PostgreSQL
and the other way round, and no program of the database's own version is needed.
"""

import hashlib
import json
import os
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from app.errors import BadInput, Conflict

FORMAT = 1
KEY, FORGOTTEN, _MANIFEST = "secret.key", "forgotten.list", "manifest.json"
_BESIDE = {KEY, FORGOTTEN}  # the tables
_LEVEL = 3  # of compression: half of the time of the usual one, and a tenth larger
_AT_ONCE = 1 << 20  # bytes


class Member(BaseModel):
    """One file in the backup."""

    rows: int
    sha256: str


class Manifest(BaseModel):
    """What a backup is of, and by what it is known to be whole."""

    format: int
    version: str  # of the Tocsin that made it
    revision: str  # of the tables
    taken_at: datetime  # everything written before is in it, nothing written later
    database: str  # sqlite or postgresql
    key: str  # a digest by which the key is known; empty: there was none
    members: dict[str, Member]

    @property
    def tables(self) -> dict[str, int]:
        """By table, how many rows it holds."""
        return {_table(name): each.rows for name, each in self.members.items() if name not in _BESIDE}

    @property
    def holds_key(self) -> bool:
        """Whether the key itself is in it."""
        return KEY in self.members


@dataclass(frozen=True, slots=True)
class Archive:
    """A backup that was found to be whole."""

    manifest: Manifest
    _file: zipfile.ZipFile

    def lines(self, table: str) -> Iterator[Any]:
        """The lines of a table, one JSON value each."""
        with self._file.open(_member(table)) as lines:
            for line in lines:
                yield json.loads(line)

    def key(self) -> str | None:
        """The key, if it is in it."""
        return self._file.read(KEY).decode().strip() if self.manifest.holds_key else None

    def forgotten(self) -> list[str]:
        """The lines of the list of what was forgotten."""
        if FORGOTTEN not in self.manifest.members:
            return []
        return self._file.read(FORGOTTEN).decode().splitlines()


class Draft:
    """A backup that is being written."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._file = file
        self._members: dict[str, Member] = {}

    def add(self, table: str, lines: Iterable[Any], *, head: int) -> None:
        """Write the lines of a table, of which the first `head` are no rows."""
        self._write(_member(table), (json.dumps(line, separators=(",", ":")) for line in lines), head)

    def add_key(self, key: str) -> None:
        """Write the key beside what it opens."""
        self._write(KEY, [key], 1)

    def add_forgotten(self, lines: Iterable[str]) -> None:
        """Write the list of what was forgotten."""
        self._write(FORGOTTEN, lines, 0)

    def finish(self, **known: Any) -> Manifest:  # noqa: ANN401 - the fields of a manifest
        """Write the manifest; before that it is no backup."""
        manifest = Manifest(format=FORMAT, members=self._members, **known)
        self._file.writestr(_MANIFEST, manifest.model_dump_json(indent=1))
        return manifest

    def _write(self, name: str, lines: Iterable[str], head: int) -> None:
        digest, count = hashlib.sha256(), 0
        with self._file.open(name, "w", force_zip64=True) as member:
            for line in lines:
                raw = f"{line}\n".encode()
                digest.update(raw)
                member.write(raw)
                count += 1
        self._members[name] = Member(rows=count - head, sha256=digest.hexdigest())


@contextmanager
def draft(path: Path, *, force: bool) -> Iterator[Draft]:
    """Write a backup, for its owner alone; it stands under its name once it is whole and on the disk.

    A Conflict if there is a file of that name, unless by force.
    """
    if path.exists() and not force:
        raise Conflict(f"{path} is there already. Choose another name, or replace it with --force.")
    if not path.parent.is_dir():
        raise BadInput(f"{path.parent} is no folder: make it first, or choose another.")
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as raw:
            with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as file:
                yield Draft(file)
            raw.flush()
            os.fsync(raw.fileno())
        _name(part, path, force=force)
    finally:
        part.unlink(missing_ok=True)


def _name(part: Path, path: Path, *, force: bool) -> None:
    if force:
        part.replace(path)
    else:
        try:
            os.link(part, path)  # of two that are made at once under one name, one is there
        except FileExistsError as error:
            raise Conflict(f"{path} is there already, made meanwhile by somebody else.") from error
    with suppress(OSError):  # not every file system can
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


@contextmanager
def whole(path: Path) -> Iterator[Archive]:
    """The backup in the file, read once from end to end; BadInput if a byte is not as it was written."""
    if not path.is_file():
        raise BadInput(f"there is no file {path}.")
    damaged = f"{path} is damaged or no backup of Tocsin's: {{}}. Nothing was changed. Take another backup."
    try:
        file = zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise BadInput(damaged.format("it does not end as one")) from error
    with file:
        try:
            manifest = Manifest.model_validate_json(file.read(_MANIFEST))
        except (KeyError, ValidationError, zipfile.BadZipFile, zlib.error, OSError) as error:
            raise BadInput(damaged.format("it has no manifest")) from error
        if manifest.format > FORMAT:
            raise BadInput(
                f"{path} was made by Tocsin {manifest.version}, in a form that this version cannot read. "
                "Restore it with that version or a later one."
            )
        wrong = [name for name, each in manifest.members.items() if not _is_whole(file, name, each)]
        if wrong:
            raise BadInput(damaged.format(f"{_list(wrong)} is not as it was written"))
        yield Archive(manifest, file)


def _is_whole(file: zipfile.ZipFile, name: str, wanted: Member) -> bool:
    digest = hashlib.sha256()
    try:
        with file.open(name) as member:
            while part := member.read(_AT_ONCE):
                digest.update(part)
    except Exception:  # noqa: BLE001 - whatever a damaged file makes of the reader, it is damaged
        return False
    return digest.hexdigest() == wanted.sha256


def _list(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (" and more" if len(names) > 3 else "")


def _member(table: str) -> str:
    return f"tables/{table}.jsonl"


def _table(member: str) -> str:
    return member.removeprefix("tables/").removesuffix(".jsonl")
