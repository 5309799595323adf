"""A report as a document in one language and in no format: each renderer draws its parts."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.channels.document import Figures, Inline, Paragraph, Quote
from app.channels.report.facts import Curve


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a head; `numbers`: columns that are set to the right."""

    head: tuple[str, ...]
    rows: tuple[tuple[Inline, ...], ...]
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Items:
    """A list, each of its items a sentence or two."""

    items: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Prose:
    """What somebody of the team wrote, in its own lines."""

    text: str


@dataclass(frozen=True, slots=True)
class Post:
    """A post that is shown, and the language that it is in; empty: unknown."""

    quote: Quote
    lang: str


@dataclass(frozen=True, slots=True)
class Posts:
    """Some posts."""

    posts: tuple[Post, ...]


@dataclass(frozen=True, slots=True)
class Plot:
    """A curve, with the words that stand in it and beside it."""

    curve: Curve
    alternative: str  # what it shows, for who cannot see it
    observed: str  # names of its lines
    usual: str
    band: str
    labels: tuple[str, str]  # of its first and its last instant
    marks: tuple[tuple[str, str], ...]  # (the letter that stands in it, what it marks)


Part = Paragraph | Figures | Table | Items | Prose | Posts | Plot


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands below it."""

    title: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class ReportDocument:
    """A report in full."""

    language: str
    title: str
    subtitle: Inline
    short: tuple[Inline, ...]  # the whole of it in a few lines, for a message that goes with it
    sections: tuple[Section, ...]
    note: Inline  # small print


def section(title: str, parts: Iterable[Part | None]) -> Section | None:
    """The section, with the parts that there are; None without any."""
    kept = tuple(part for part in parts if part is not None)
    return Section(title, kept) if kept else None


def items(texts: Iterable[Inline]) -> Items | None:
    """A list of the texts that are not empty; None without any."""
    kept = tuple(filter(None, texts))
    return Items(kept) if kept else None


def table(
    head: Iterable[str], rows: Iterable[tuple[Inline, ...]], numbers: Iterable[int] = ()
) -> Table | None:
    """A table; None without a row."""
    kept = tuple(rows)
    return Table(tuple(head), kept, tuple(numbers)) if kept else None


def prose(text: str) -> Prose | None:
    """What the team wrote; None if it wrote nothing."""
    return Prose(text.strip()) if text.strip() else None
