"""A report that somebody sends to a channel: at once, past the queue, and noted in the audit log."""

import uuid
from datetime import datetime
from zoneinfo import ZoneInfo

from app.admin.change import get_or_404, record
from app.admin.reports import About, report_about
from app.admin.teams import require_open
from app.channels.base import SentReport, TakesReports
from app.channels.notices import known_language
from app.channels.report.facts import Report, StoryReport
from app.channels.report.formats import file_name, in_words
from app.channels.report.pdf import pdf
from app.channels.report.short import in_short
from app.db import Sessions
from app.errors import BadInput
from app.models import Channel, Incident, Watch
from app.pipeline.delivery.messages import DeliveryContext


def send_report(
    sessions: Sessions,
    context: DeliveryContext,
    about: About,
    channel_id: int,
    *,
    language: str = "",
    by: str,
    now: datetime,
) -> str:
    """Send the report to the channel, and say what went; a ChannelError says why it did not, and the mend.

    `language`: else the channel's, else that of the watch's alerts.
    """
    with sessions() as session:
        channel = get_or_404(session, Channel, channel_id)
        report, watch = report_about(session, about, now=now)
        require_open(channel, watch.team_id, "#/channel")
        spoken = known_language(language, channel.language, watch.language, context.language)
    told = context.open(channel)
    if not isinstance(told, TakesReports):
        raise BadInput(
            f"“{channel.name}” is a channel of the kind {channel.kind}, which takes no file: "
            "send reports to one of the kinds email and slack"
        )
    sent = _written(report, spoken, now)
    said = told.send_report(sent, now=now)
    with sessions.begin() as session:
        row = (
            get_or_404(session, Incident, report.incident_id)
            if isinstance(report, StoryReport)
            else get_or_404(session, Watch, report.watch_id)
        )
        after = {"channel": channel.name, "report": sent.file_name, "language": spoken}
        record(session, row, "send_report", before=None, after=after, by=by, now=now)
    return said


def _written(report: Report, language: str, now: datetime) -> SentReport:
    document = in_words(report, language)
    day = report.at.astimezone(ZoneInfo(report.time_zone))
    name = file_name(report, "pdf")
    return SentReport(
        id=str(uuid.uuid5(uuid.NAMESPACE_OID, f"tocsin/report/{name}/{now.isoformat()}")),
        subject=document.title,
        document=in_short(document),
        language=language,
        file_name=name,
        pdf=pdf(document, on=(day.year, day.month, day.day)),
    )
