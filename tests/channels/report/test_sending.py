"""A report on its way: a mail with its PDF, a message in Slack with it below; what is missing is said."""

from datetime import UTC, datetime

import httpx
import pytest
from pydantic import SecretStr

from app.channels.base import Dependencies, SentReport, TakesReports
from app.channels.email.transport import EmailSettings
from app.channels.email.transport import build as build_email
from app.channels.report.formats import in_words
from app.channels.report.short import in_short
from app.channels.slack.transport import SlackSettings
from app.channels.slack.transport import build as build_slack
from app.errors import ChannelError
from tests.channels.report.reports import STORY
from tests.standins.mail import MailStandin
from tests.standins.slack import ALL_SCOPES, SlackStandin
from tests.standins.slack_failures import says

NOW = datetime(2026, 11, 23, 14, tzinfo=UTC)


def report() -> SentReport:
    document = in_words(STORY, "fr")
    return SentReport("r-1", document.title, in_short(document), "fr", "tocsin-incident-7.pdf", b"%PDF-1.7 x")


def slack_channel(slack: SlackStandin) -> TakesReports:
    given = Dependencies(httpx.Client(), slack_token=SecretStr(slack.token), slack_api_url=slack.url)
    return build_slack(SlackSettings(channel="C0ALERTS"), given, None)


def test_a_mail_says_it_in_short_and_carries_the_pdf() -> None:
    with MailStandin() as server:
        settings = EmailSettings(
            to=["lea@brand.example", "max@brand.example"], sender="tocsin@brand.example", server="127.0.0.1",
            port=server.port, security="none",
        )  # fmt: skip
        server.refused = {"max@brand.example"}
        channel = build_email(settings, Dependencies(httpx.Client(), private_hosts=("127.0.0.1",)), None)
        said = channel.send_report(report(), now=NOW)
    assert said == "127.0.0.1 took it for lea@brand.example; not for max@brand.example"
    (mail,) = server.mails
    assert mail["Subject"] == "Bilan du feu · Nimbus · 22 novembre 2026"
    assert mail["Message-ID"] == "<r-1@brand.example>"
    (file,) = mail.iter_attachments()
    assert (file.get_filename(), file.get_content_type()) == ("tocsin-incident-7.pdf", "application/pdf")
    assert file.get_content() == b"%PDF-1.7 x"
    body = mail.get_body(("plain",))
    assert body is not None
    assert "4\u202f417 mentions" in body.get_content()


def test_slack_is_told_in_short_with_the_pdf_in_the_thread() -> None:
    with SlackStandin(scopes=(*ALL_SCOPES, "files:write")) as slack:
        said = slack_channel(slack).send_report(report(), now=NOW)
        (told,) = slack.messages()
        (completed,) = slack.calls("files.completeUploadExternal")
    assert said == "it stands in C0ALERTS, with its PDF in the thread"
    assert told["blocks"][0]["text"]["text"] == "Bilan du feu · Nimbus · 22 novembre 2026"
    assert "*4\u202f417 mentions de 2\u202f012 auteurs*" in told["blocks"][1]["text"]["text"]
    assert completed["thread_ts"] == told["ts"]
    assert slack.files == [b"%PDF-1.7 x"]


def test_slack_without_the_scope_says_which_one_and_an_error_what_to_do() -> None:
    with SlackStandin(scopes=("chat:write",)) as slack:
        said = slack_channel(slack).send_report(report(), now=NOW)
        assert "without its PDF: give the Slack app the scope files:write" in said
        assert len(slack.messages()) == 1
        slack.fail(says("not_in_channel"))
        with pytest.raises(ChannelError, match="invite the bot"):
            slack_channel(slack).send_report(report(), now=NOW)
