"""A report in Slack: in short as a message, and its PDF as a file in the thread of that."""

from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from app.channels.base import Earlier, SentReport
from app.channels.slack.blocks import draw
from app.channels.slack.sending import Conversation, Sending
from app.channels.slack.web import Answer, SlackFault, ask

_REPORT = "tocsin_report"  # type of the message's metadata


@runtime_checkable
class _Uploads(Protocol):
    """What can bring a file to Slack: slack_sdk's WebClient."""

    def files_upload_v2(self, **given: Any) -> Answer:  # noqa: ANN401 - as slack_sdk has it
        """Bring it, in three calls."""
        ...


def share(to: Conversation, report: SentReport, *, now: datetime) -> str:
    """Post it, and say whether the file came along; a SlackFault if not even the message did."""
    sending = Sending(to, _REPORT, {"delivery_id": 0, "report": report.id}, now, Earlier(), now)
    thread = sending.post(draw(report.document))
    web = to.web
    if not isinstance(web, _Uploads):
        return f"it stands in {to.channel} in short; no file can be brought there"
    try:
        to.pace.wait(to.channel)
        ask(
            lambda: web.files_upload_v2(
                channel=to.channel,
                thread_ts=thread,
                filename=report.file_name,
                title=report.subject,
                content=report.pdf,
            ),
            destination=to.channel,
            now=now,
        )
    except SlackFault as fault:
        mend = "give the Slack app the scope files:write and install it again"
        why = mend if fault.code == "missing_scope" else str(fault)
        return f"it stands in {to.channel} in short, without its PDF: {why}"
    return f"it stands in {to.channel}, with its PDF in the thread"
