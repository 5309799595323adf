"""A report in short, as a message that goes with its file."""

from app.channels.document import Document, Heading, Inline, Paragraph, Run, Small, compose, join, plain
from app.channels.report.document import ReportDocument
from app.channels.text import cut

_SUMMARY = 600


def in_short(document: ReportDocument) -> Document:
    """Its title and the few lines that stand first in it."""
    first = plain(document.short[0], zones=False) if document.short else ""
    rows: tuple[Inline, ...] = tuple(join("", [Run("• "), one]) for one in document.short)
    lines = join("\n", rows)
    return compose(
        cut(f"{document.title} · {first}", _SUMMARY),
        Heading(cut(document.title, 150)),
        Paragraph(lines) if lines else None,
        Small((document.subtitle,)),
    )
