"""The formats that a report is given in."""

from typing import Literal
from zoneinfo import ZoneInfo

from app.channels.report.document import ReportDocument
from app.channels.report.facts import Report, StoryReport
from app.channels.report.markdown import markdown
from app.channels.report.page import page
from app.channels.report.pdf import pdf
from app.channels.report.period import period_document
from app.channels.report.story import story_document

Format = Literal["md", "html", "pdf"]
MEDIA_TYPES: dict[Format, str] = {
    "md": "text/markdown; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
}


def in_words(report: Report, language: str) -> ReportDocument:
    """The report as a document in the language."""
    if isinstance(report, StoryReport):
        return story_document(report, language)
    return period_document(report, language)


def drawn(report: Report, language: str, form: Format) -> bytes:
    """The report in a format; Unavailable says why there is no PDF."""
    document = in_words(report, language)
    if form == "pdf":
        day = report.at.astimezone(ZoneInfo(report.time_zone))
        return pdf(document, on=(day.year, day.month, day.day))
    return (markdown(document) if form == "md" else page(document)).encode()


def file_name(report: Report, form: Format) -> str:
    """A name for the file, of letters that every system takes."""
    what = (
        f"incident-{report.incident_id}"
        if isinstance(report, StoryReport)
        else (f"watch-{report.watch_id}-{report.period}")
    )
    return f"tocsin-{what}.{form}"
