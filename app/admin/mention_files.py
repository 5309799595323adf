"""Mentions as a file, CSV or XLSX, row by row; what strangers wrote stays text, and is never a formula."""

import csv
import io
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import IO, Literal

from app.admin.mentions import Found
from app.channels.wording.words import Words, mark
from app.errors import TooLarge

Format = Literal["csv", "xlsx"]
MEDIA_TYPES: dict[Format, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
MOST = 50_000  # mentions in one file
Cell = str | int | bool | datetime | None

_LONGEST_CELL = 32_767  # characters that a cell of XLSX holds
_AT_ONCE = 200  # rows of CSV
_CHUNK = 64 * 1024  # bytes of a file
_FORMULA = re.compile("[=+\\-@\t\r\n＝＋－＠]")  # a cell that begins so is one for a spreadsheet
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")

# The name of each column for scripts, its heading for people, and what stands in it.
_COLUMNS: tuple[tuple[str, str, Callable[[Found], Cell]], ...] = (
    ("published_at", mark("Published (UTC)"), lambda row: row.post.published_at),
    ("watch", mark("Watch"), lambda row: row.watch),
    ("source", mark("Source"), lambda row: row.source),
    ("author", mark("Author"), lambda row: row.post.author),
    ("title", mark("Title"), lambda row: row.post.title),
    ("text", mark("Text"), lambda row: row.post.text),
    ("url", mark("Address"), lambda row: row.post.url),
    ("lang", mark("Language"), lambda row: row.post.lang),
    ("tone", mark("Tone"), lambda row: row.tone),
    ("amplified", mark("Repeats another"), lambda row: row.mention.amplified),
    ("likes", mark("Likes"), lambda row: row.post.likes),
    ("shares", mark("Shares"), lambda row: row.post.shares),
    ("replies", mark("Replies"), lambda row: row.post.replies),
    ("reach", mark("Reach"), lambda row: row.post.reach),
    ("followers", mark("Followers"), lambda row: row.post.followers),
    ("tags", mark("Tags"), lambda row: ", ".join(row.tags)),
    ("note", mark("Note"), lambda row: row.note.text if row.note is not None else None),
    ("watch_id", mark("Number of the watch"), lambda row: row.mention.watch_id),
    ("post_id", mark("Number of the post"), lambda row: row.mention.post_id),
)
_TONES = {"negative": mark("negative"), "neutral": mark("neutral"), "positive": mark("positive"), "other": ""}


def require_few(many: int) -> None:
    """Nothing, if so many mentions fit into one file; else TooLarge says how to ask for less."""
    if many > MOST:
        raise TooLarge(
            f"these are more than {MOST:,} mentions, the most that one file holds: ask for a shorter time "
            "(`since`, `until`), one file after the other, or for fewer by another filter"
        )


def csv_file(rows: Iterable[Found]) -> Iterator[bytes]:
    """The rows as CSV in UTF-8, with the names of the columns first, in parts.

    A text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([name for name, _, _ in _COLUMNS])
    for number, row in enumerate(rows, start=1):
        writer.writerow([_plain(value(row)) for _, _, value in _COLUMNS])
        if number % _AT_ONCE == 0:
            yield _taken(text)
    yield _taken(text)


def _taken(text: io.StringIO) -> bytes:
    written = text.getvalue().encode()
    text.seek(0)
    text.truncate()
    return written


def _plain(value: Cell) -> str | int:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f"'{value}" if _FORMULA.match(value) else value
    return "" if value is None else value


def xlsx_file(rows: Iterable[Found], language: str) -> Iterator[bytes]:
    """The rows as a workbook with one sheet, its headings in the language, in parts.

    It is written to a file of its own first, which goes away with the last part: memory holds a few rows.
    """
    with tempfile.TemporaryFile() as file:
        write_xlsx(file, rows, language)
        file.seek(0)
        while part := file.read(_CHUNK):
            yield part


def write_xlsx(file: IO[bytes], rows: Iterable[Found], language: str) -> None:
    """Write the workbook into the file. Every text is a text, also one that begins as a formula does."""
    # A tenth of what each start of a command would take.
    from openpyxl import Workbook  # noqa: PLC0415
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415

    words = Words(language, "UTC")
    book = Workbook(write_only=True)
    sheet = book.create_sheet(words.say("Mentions"))
    sheet.freeze_panes = "A2"
    sheet.append([words.say(heading) for _, heading, _ in _COLUMNS])

    def cell(name: str, value: Cell) -> object:
        if name == "tone":
            value = words.say(_TONES[str(value)]) if _TONES[str(value)] else ""
        if isinstance(value, datetime):
            return value.replace(tzinfo=None)  # the heading says that it is UTC
        if isinstance(value, bool):
            return words.say("yes") if value else words.say("no")
        if not isinstance(value, str):
            return value
        made = WriteOnlyCell(sheet, value=_NO_XML.sub("\ufffd", value)[:_LONGEST_CELL])
        made.data_type = "s"
        return made

    for row in rows:
        sheet.append([cell(name, value(row)) for name, _, value in _COLUMNS])
    book.save(file)
