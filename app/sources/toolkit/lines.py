"""The lines of a file that may be packed, broken or endless, in bounded memory."""

import csv
import gzip
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from io import BufferedReader
from pathlib import Path

from app.errors import BadInput

OnError = Callable[[int, str], None]  # the number of the line, and what is wrong with it
MAX_LINE = 1_000_000  # bytes
_MAX_SPAN = 1_000  # lines that one quoted record may go over


def lines(path: Path, *, on_error: OnError) -> Iterator[tuple[int, str]]:
    """Number and text of each line, its line end kept; lines over 1 MB are told and left out.

    The file may be packed with gzip, whatever its name; what can be read of a broken one is given. It is
    UTF-8; a line that is not is read as Windows-1252, which is what spreadsheets in Europe write.
    """
    try:
        with path.open("rb") as raw:
            start = raw.peek(4)[:4]
            if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
                raise BadInput(f"{path.name} is UTF-16. Save it as UTF-8.")
            yield from _lines(gzip.GzipFile(fileobj=raw) if start[:2] == b"\x1f\x8b" else raw, on_error)
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror or error}.") from error


def _lines(file: BufferedReader | gzip.GzipFile, on_error: OnError) -> Iterator[tuple[int, str]]:
    number = 0
    while True:
        number += 1
        try:
            line = file.readline(MAX_LINE + 1)
            if len(line) > MAX_LINE:
                while line and not line.endswith(b"\n"):
                    line = file.readline(MAX_LINE)
                on_error(number, f"the line is longer than {MAX_LINE:,} bytes")
                continue
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            on_error(number, f"the packed file is cut short or broken here ({error})")
            return
        if not line:
            return
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        yield number, _decoded(line)


def _decoded(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("cp1252", errors="replace")


class Records:
    """The records of a CSV file: number of the first line, and the fields.

    A broken quote costs its own line only: the lines that it would swallow are read anew.
    """

    def __init__(self, source: Iterator[tuple[int, str]], delimiter: str, on_error: OnError) -> None:
        self._source = source
        self._again: deque[tuple[int, str]] = deque()
        self._taken: list[tuple[int, str]] = []  # the lines of the record that is being read
        self._size = 0
        self._reader = csv.reader(_Feed(self._next), delimiter=delimiter, strict=True)
        self._on_error = on_error

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        while True:
            self._taken, self._size = [], 0
            try:
                fields = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                if not self._taken:
                    return
                (number, _), *rest = self._taken
                self._again.extendleft(reversed(rest))
                self._on_error(number, f"the row is broken: {error}")
            else:
                if fields:
                    yield self._taken[0][0], fields

    def _next(self) -> str:
        if len(self._taken) >= _MAX_SPAN or self._size > MAX_LINE:
            raise csv.Error(f"a quote is still open {len(self._taken):,} lines on")
        line = self._again.popleft() if self._again else next(self._source)
        self._taken.append(line)
        self._size += len(line[1])
        return line[1]


class _Feed:
    """An iterator that goes on after it raised, which a generator would not."""

    def __init__(self, give: Callable[[], str]) -> None:
        self._give = give

    def __iter__(self) -> "_Feed":
        return self

    def __next__(self) -> str:
        return self._give()
