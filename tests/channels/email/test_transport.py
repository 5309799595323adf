"""E-mail, as the server and its reader see it, over a real socket."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from app.channels.base import Dependencies, Earlier, Partly, Refused
from app.channels.email.transport import EmailChannel, EmailSettings, build
from app.channels.notices import News
from app.errors import ChannelError
from app.models import Reason, State
from tests.channels.factory import NOW, alert, sample, story
from tests.http_client.test_tls import certificate
from tests.standins.mail import PASSWORD, USER, MailStandin

HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(1)> <!channel> &amp; \u202egnp.exe\u200b\u200b "
    '"><a href="javascript:alert(1)">x</a> Subject: spoof\r\nBcc: victim@x.example\r\n.\r\n'
    "👩\u200d👩\u200d👧 العربية"
)


class Page(HTMLParser):
    """The tags and their attributes, and the text between them."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture
def server() -> Iterator[MailStandin]:
    with MailStandin() as standin:
        yield standin


def channel(standin: MailStandin, secret: str | None = None, **changes: Any) -> EmailChannel:  # noqa: ANN401
    given = {
        "to": ["lea@brand.example", "max@brand.example"],
        "sender": "tocsin@brand.example",
        "server": "127.0.0.1",
        "port": standin.port,
        "security": "none",
        **changes,
    }
    dependencies = Dependencies(http=httpx.Client(), private_hosts=("127.0.0.1", "localhost"))
    return build(EmailSettings(**given), dependencies, secret)


def pages(mail: Any) -> tuple[str, Page]:  # noqa: ANN401 - EmailMessage's parts are not typed
    text = mail.get_body(("plain",)).get_content()
    return text, Page(mail.get_body(("html",)).get_content())


@pytest.mark.parametrize("language", ["en", "fr"])
def test_of_a_whole_fire_only_what_is_news_is_sent_and_in_one_thread(
    server: MailStandin, language: str
) -> None:
    root = None
    for one in story(language):
        subject = server.mails[0]["Subject"] if root else ""
        sent = channel(server).tell(one, Earlier(root, subject=subject), now=one.at)
        root = root or sent.external_id
    first, *rest = server.mails
    assert [mail["In-Reply-To"] for mail in rest] == [root] * 4, "grew, contained, flared, went out"
    assert first["Message-ID"] == root
    assert {mail["Subject"] for mail in rest} == {f"Re: {first['Subject']}"}
    assert first["In-Reply-To"] is None
    assert len({mail["Message-ID"] for mail in server.mails}) == 5
    assert first["To"] == "lea@brand.example, max@brand.example"
    assert first["Auto-Submitted"] == "auto-generated"
    assert "Nimbus" in first["Subject"]
    text, page = pages(first)
    for said in ("253", "14", "remboursement", "claire_m"):
        assert said in text
        assert said in page.text
    assert "█" in text, "its chart is drawn with letters"
    assert ("role", "img") in page.attributes
    assert page.tags.count("td") > 20, "and with cells"


def test_each_try_of_a_delivery_has_the_same_message_id(server: MailStandin) -> None:
    for attempts in (0, 1):
        channel(server).tell(alert(), Earlier(None, attempts, NOW), now=NOW)
    other = alert(delivery_id=99)
    channel(server).tell(other, Earlier(), now=NOW)
    ids = [mail["Message-ID"] for mail in server.mails]
    assert ids[0] == ids[1] != ids[2]


def test_hostile_posts_stay_text(server: MailStandin) -> None:
    shown = sample(text=HOSTILE, author=HOSTILE, title=HOSTILE, url="javascript:alert(1)")
    long = sample(post_id=8, text="a" * 10_000, url="https://x.example/\"><script>alert('1')</script>")
    one = alert(watch=HOSTILE[:120], facts={"samples": (shown, long), "topics": ()})
    channel(server).tell(one, Earlier(), now=NOW)
    (mail,) = server.mails
    assert mail.defects == []
    assert mail["Bcc"] is None
    assert "\n" not in mail["Subject"]
    text, page = pages(mail)
    assert not {"script", "img", "iframe", "style", "form"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    links = [value for name, value in page.attributes if name == "href"]
    assert links
    assert all(value and value.startswith("https://") for value in links)
    for sentence in (text, page.text):
        assert "\u202e" not in sentence
        assert "<script>alert(1)</script>" in sentence, "what they wrote, as they wrote it"
        assert len(sentence) < 12_000
    assert ".\r\n" in text, "a lone full stop ends no message"


@pytest.mark.parametrize(
    ("step", "answer", "permanent", "kind"),
    [
        ("MAIL", "451 try later", False, ChannelError),
        ("MAIL", "550 you may not", True, ChannelError),
        ("RCPT", "450 mailbox busy", False, ChannelError),
        ("RCPT", "550 no such user", True, ChannelError),
        ("DATA", "452 disk full", False, ChannelError),
        ("DATA", "554 spam", True, Refused),
    ],
)
def test_what_the_server_answers_says_whether_to_try_again(
    server: MailStandin, step: str, answer: str, permanent: bool, kind: type[ChannelError]
) -> None:
    server.said[step] = answer
    with pytest.raises(ChannelError) as caught:
        channel(server).tell(alert(), Earlier(), now=NOW)
    assert type(caught.value) is kind
    assert (caught.value.permanent, caught.value.ambiguous) == (permanent, False)
    assert answer in str(caught.value)
    assert server.mails == []


def test_one_address_that_is_refused_does_not_keep_the_others_waiting(server: MailStandin) -> None:
    server.refused = {"max@brand.example"}
    sent = channel(server).tell(alert(), Earlier(), now=NOW)
    assert len(server.mails) == 1
    assert sent.calls[0]["payload"]["refused"] == ["max@brand.example"]
    with pytest.raises(ChannelError, match=r"max@brand\.example: SMTP 550"):
        channel(server).check(now=NOW)


def test_an_address_that_is_put_off_is_tried_again_alone(server: MailStandin) -> None:
    server.put_off = {"max@brand.example"}
    with pytest.raises(Partly, match=r"max@brand\.example: SMTP 451") as caught:
        channel(server).tell(alert(), Earlier(), now=NOW)
    assert (caught.value.settled, caught.value.permanent) == (["lea@brand.example"], False)
    again = Earlier(attempts=1, attempted_at=NOW, settled=tuple(caught.value.settled))
    with pytest.raises(Partly):
        channel(server).tell(alert(), again, now=NOW)
    server.put_off = set()
    sent = channel(server).tell(alert(), again, now=NOW)
    assert server.recipients == [["lea@brand.example"], ["max@brand.example"]]
    assert sent.external_id == caught.value.external_id == server.mails[0]["Message-ID"]


@pytest.mark.parametrize("step", ["MAIL", "DATA", "after DATA"])
def test_a_line_that_breaks_leaves_doubt(server: MailStandin, step: str) -> None:
    server.dies = step
    with pytest.raises(ChannelError) as caught:
        channel(server).tell(alert(), Earlier(), now=NOW)
    assert (caught.value.permanent, caught.value.ambiguous) == (False, True)


def test_the_check_sends_nothing(server: MailStandin) -> None:
    text = channel(server).check(now=NOW)
    assert text == ("127.0.0.1 takes mail from tocsin@brand.example for lea@brand.example, max@brand.example")
    assert server.mails == []


@pytest.mark.parametrize(("health", "text"), [("down", "cannot be heard"), ("ok", "is heard again")])
def test_news_of_a_source_are_a_sentence(server: MailStandin, health: Any, text: str) -> None:  # noqa: ANN401
    news = News(
        notice_id=1, delivery_id=1, source_id=1, source="La <b>Presse</b>", kind="rss", health=health, at=NOW,
        since=NOW - timedelta(minutes=40), language="en", time_zone="UTC",
    )  # fmt: skip
    sent = channel(server).say(news, Earlier(), now=NOW)
    assert server.mails[0]["Message-ID"] == sent.external_id
    assert text in server.mails[0]["Subject"]
    assert "<b>Presse</b>" in pages(server.mails[0])[1].text


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    path = certificate(tmp_path, "localhost")
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    return str(path)


@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # the stand-in does not see that tls is sealed already
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_password_goes_over_a_sealed_line(trusted: str, security: str) -> None:
    with MailStandin(certificate=trusted, sealed=security == "tls", auth=True) as server:
        given = {"server": "localhost", "security": security, "user": USER}
        channel(server, PASSWORD, **given).tell(alert(), Earlier(), now=NOW)
        assert len(server.mails) == 1
        with pytest.raises(ChannelError, match="set user and secret") as caught:
            channel(server, "wrong-password", **given).tell(alert(), Earlier(), now=NOW)
        assert caught.value.permanent
        assert "wrong-password" not in str(caught.value)


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    with MailStandin(certificate=str(certificate(tmp_path, "localhost"))) as server:
        with pytest.raises(ChannelError, match="certificate of localhost") as caught:
            channel(server, server="localhost", security="starttls").tell(alert(), Earlier(), now=NOW)
        assert caught.value.permanent
        assert server.mails == []


def test_a_server_without_starttls_gets_nothing(server: MailStandin) -> None:
    with pytest.raises(ChannelError, match="offers no STARTTLS") as caught:
        channel(server, security="starttls").tell(alert(), Earlier(), now=NOW)
    assert caught.value.permanent


def test_a_server_that_takes_no_password_is_not_said_to_lack_starttls(trusted: str) -> None:
    with MailStandin(certificate=trusted, without_auth=True) as server:
        told = channel(server, PASSWORD, server="localhost", security="starttls", user=USER)
        with pytest.raises(ChannelError, match="takes no password: leave out user") as caught:
            told.tell(alert(), Earlier(), now=NOW)
        assert caught.value.permanent


def test_a_password_never_goes_over_an_open_line(server: MailStandin) -> None:
    with pytest.raises(ChannelError, match="open line"):
        channel(server, PASSWORD, user=USER)


def test_a_server_inside_the_network_is_refused_unless_allowed(server: MailStandin) -> None:
    settings = EmailSettings(
        to=["lea@brand.example"], sender="t@brand.example", server="127.0.0.1", port=server.port,
        security="none",
    )  # fmt: skip
    closed = build(settings, Dependencies(http=httpx.Client()), None)
    with pytest.raises(ChannelError, match="TOCSIN_ALLOW_PRIVATE_HOSTS") as caught:
        closed.tell(alert(), Earlier(), now=NOW)
    assert caught.value.permanent
    assert server.mails == []


@pytest.mark.parametrize(
    "changes",
    [
        {"to": []},
        {"to": ["nobody"]},
        {"to": ["a@b.example\r\nBcc: c@d.example"]},
        {"sender": "x@y.example> SIZE=1"},
        {"server": "http://mail.example/"},
        {"security": "maybe"},
    ],
)
def test_settings_that_cannot_work_are_refused(
    make: Callable[[dict[str, Any]], EmailSettings], changes: dict[str, Any]
) -> None:
    with pytest.raises(ValidationError):
        make(changes)


@pytest.fixture
def make() -> Callable[[dict[str, Any]], EmailSettings]:
    good = {"to": ["lea@brand.example"], "sender": "t@brand.example", "server": "mail.brand.example"}
    assert EmailSettings(**good)
    return lambda changes: EmailSettings(**{**good, **changes})


def test_what_is_only_repainted_elsewhere_is_not_sent(server: MailStandin) -> None:
    for reason in (Reason.went_on, Reason.acknowledged, Reason.judged):
        assert channel(server).tell(alert(reason=reason), Earlier("<root@x>"), now=NOW).external_id is None
    assert server.mails == []


def test_who_was_told_that_it_burns_is_told_that_it_was_closed(server: MailStandin) -> None:
    end = NOW + timedelta(hours=1)
    closed = alert(reason=Reason.closed, state=State.out, by="Léa", at=end, out_at=end)
    channel(server).tell(closed, Earlier("<root@x>"), now=end)
    channel(server).tell(closed, Earlier(), now=end)
    (mail,) = server.mails
    assert mail["Subject"].startswith("OUT · Nimbus")
    assert mail["In-Reply-To"] == "<root@x>"
