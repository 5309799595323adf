"""What is told, as a document in no channel's format: the wording makes it once, each channel draws it.

Every text in it is plain: what strangers wrote stands there as they wrote it, cut and on one line where it is
a name. What a format would take for a command is made harmless by whoever draws that format.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text."""

    text: str
    bold: bool = False
    foreign: bool = False  # somebody outside wrote it: no sign in it may be taken for markup


@dataclass(frozen=True, slots=True)
class Instant:
    """A point in time: for readers whose clock is known, and as the watch's clock shows it."""

    at: datetime
    clock: str  # the time of day, with its day unless that is clear
    zone: str  # of that clock
    near: bool  # the time of day is enough to know the day
    bold: bool = False

    @property
    def text(self) -> str:
        """The watch's clock, with its zone."""
        return f"{self.clock} {self.zone}"


@dataclass(frozen=True, slots=True)
class Link:
    """An address that people may be sent to, and the words that stand for it."""

    url: str
    text: str
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Number:
    """The number by which people call an incident."""

    incident_id: int
    bold: bool = False

    @property
    def text(self) -> str:
        """As it is written everywhere."""
        return f"#{self.incident_id}"


Span = Run | Instant | Link | Number
Inline = tuple[Span, ...]


def inline(text: str | Span | Inline) -> Inline:
    """The text, as a row of spans."""
    if isinstance(text, str):
        return (Run(text),) if text else ()
    return text if isinstance(text, tuple) else (text,)


def embolden(text: str | Span | Inline, *, bold: bool = True) -> Inline:
    """The text in bold, or with nothing in it that is."""
    return tuple(replace(span, bold=bold) for span in inline(text))


def merge(spans: Iterable[Span]) -> Inline:
    """The spans, with stretches of text of one kind that follow each other made one.

    >>> merge([Run("a"), Run("b"), Run("c", bold=True)]) == (Run("ab"), Run("c", bold=True))
    True
    """
    merged: list[Span] = []
    for span in spans:
        before = merged[-1] if merged else None
        if isinstance(span, Run) and isinstance(before, Run) and replace(span, text=before.text) == before:
            merged[-1] = replace(span, text=before.text + span.text)
        else:
            merged.append(span)
    return tuple(merged)


def join(separator: str, texts: Iterable[str | Span | Inline]) -> Inline:
    """The texts that are not empty, with the separator between them.

    >>> plain(join(", ", ["a", "", (Run("b", bold=True),)]))
    'a, b'
    """
    joined: Inline = ()
    for text in filter(None, map(inline, texts)):
        joined += (*inline(separator), *text) if joined else text
    return merge(joined)


def plain(text: Inline, *, zones: bool = True) -> str:
    """The text alone: a link as its words and its address; `zones` says whether instants name theirs."""
    texts: list[str] = []
    for span in text:
        match span:
            case Link():
                texts.append(f"{span.text} {span.url}")
            case Instant():
                texts.append(span.text if zones else span.clock)
            case _:
                texts.append(span.text)
    return "".join(texts)


@dataclass(frozen=True, slots=True)
class Heading:
    """The first line."""

    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A sentence or a few."""

    text: Inline


@dataclass(frozen=True, slots=True)
class Small:
    """Small print, line by line."""

    lines: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure, or a few lines of them, and what it is called."""

    label: str
    value: str

    @property
    def gap(self) -> str:
        """What stands between the two: several lines begin on a line of their own."""
        return "\n" if "\n" in self.value else "  "


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures, a line for each."""

    rows: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Series:
    """A line of a chart."""

    name: str
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """What was observed, what is usual, and the highest that is usual: three lines over the same points."""

    title: str
    unit: str
    labels: tuple[str, ...]  # of the points
    zone: str  # of the labels
    observed: Series
    usual: Series
    highest: Series


@dataclass(frozen=True, slots=True)
class Quote:
    """A post that is shown, and why."""

    author: str
    source: str
    at: Instant
    link: Link | None  # its words are the host that it leads to
    why: str
    text: str
    lang: str = ""  # of the text, as its source or its words say; empty: unknown


@dataclass(frozen=True, slots=True)
class Quotes:
    """Some posts."""

    posts: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What is asked before something is done."""

    title: str
    text: str
    yes: str
    no: str


@dataclass(frozen=True, slots=True)
class Button:
    """Something that a person can do, or an address to open."""

    act: str
    label: str
    primary: bool = False
    confirm: Confirmation | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that a person can do in several ways."""

    act: str
    label: str
    options: tuple[tuple[str, str], ...]  # (label, value)
    confirm: Confirmation | None = None


@dataclass(frozen=True, slots=True)
class Actions:
    """What people can do about an incident or a proposal."""

    about: int  # its id
    elements: tuple[Button | Choice, ...]
    note: str = ""  # what to know of them


Part = Heading | Paragraph | Small | Figures | Chart | Quotes | Actions


@dataclass(frozen=True, slots=True)
class Document:
    """A message in full."""

    summary: Inline  # the whole of it in a line or two, for where nothing more can be shown
    parts: tuple[Part, ...]


def paragraph(text: Inline) -> Paragraph | None:
    """A paragraph; None without text."""
    return Paragraph(text) if text else None


def small(lines: Iterable[Inline]) -> Small | None:
    """Small print; None without any."""
    kept = tuple(filter(None, lines))
    return Small(kept) if kept else None


def compose(summary: str | Inline, *parts: Part | None) -> Document:
    """A document of the parts that there are."""
    return Document(inline(summary), tuple(part for part in parts if part is not None))


def with_parts(document: Document, parts: Iterable[Part | None]) -> Document:
    """The document, with more at its end."""
    return replace(document, parts=(*document.parts, *(part for part in parts if part is not None)))
