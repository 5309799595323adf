"""Links in a mail by which each of its readers acts in their own name."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from app.channels.act_links import ActLinks
from app.channels.base import Dependencies, Earlier, Partly
from app.channels.email.transport import EmailChannel, EmailSettings, build
from app.models import State
from tests.channels.factory import NOW, alert
from tests.standins.mail import MailStandin

LEA, MAX = "lea@brand.example", "max@brand.example"
LINKS = ActLinks("https://tocsin.example/", "a key")


@pytest.fixture
def server() -> Iterator[MailStandin]:
    with MailStandin() as standin:
        yield standin


def channel(standin: MailStandin, links: ActLinks | None = LINKS, **changes: Any) -> EmailChannel:  # noqa: ANN401
    given = {
        "to": [LEA, MAX], "sender": "tocsin@brand.example", "server": "127.0.0.1", "port": standin.port,
        "security": "none", **changes,
    }  # fmt: skip
    dependencies = Dependencies(http=httpx.Client(), private_hosts=("127.0.0.1",), act_links=links)
    return build(EmailSettings(**given), dependencies, None)


def text_of(mail: Any) -> str:  # noqa: ANN401 - EmailMessage's parts are not typed
    return str(mail.get_body(("plain",)).get_content())


def acts(mail: Any) -> list[tuple[str, str, int]]:  # noqa: ANN401 - as above
    """(act, in whose name, incident) of each link, which the text and the page have alike."""
    found = [
        re.findall(r"https://tocsin\.example/act/([\w-]+)", mail.get_body((kind,)).get_content())
        for kind in ("plain", "html")
    ]
    assert found[0] == found[1]
    read = [LINKS.read(token) for token in found[0]]
    return [(link.act, link.by, link.incident_id) for link in read if link]


def test_each_reader_gets_links_in_their_own_name_in_one_message_of_the_thread(server: MailStandin) -> None:
    sent = channel(server).tell(alert(), Earlier(), now=NOW)
    assert server.recipients == [[LEA], [MAX]]
    for mail, to in zip(server.mails, (LEA, MAX), strict=True):
        assert acts(mail) == [(act, to, 5) for act in ("acknowledge", "snooze", "false_alarm")]
        assert mail["To"] == f"{LEA}, {MAX}"
        assert mail["Message-ID"] == sent.external_id
    assert "Acknowledge →" in text_of(server.mails[0])
    assert "/act/" not in str(sent.calls), "who may read what was sent may not act by it"


def test_news_can_be_answered_too_and_what_is_done_is_not_offered(server: MailStandin) -> None:
    told = channel(server, to=[LEA])
    grown = {"reason": "grew", "level": 1}
    told.tell(alert(**grown), Earlier("<root>"), now=NOW)
    told.tell(alert(acknowledged_by="Max", acknowledged_at=NOW, **grown), Earlier("<root>"), now=NOW)
    told.tell(alert(reason="went_out", state=State.out, out_at=NOW), Earlier("<root>"), now=NOW)
    assert [[act for act, _, _ in acts(mail)] for mail in server.mails] == [
        ["acknowledge", "snooze", "false_alarm"], ["snooze", "false_alarm"], [],
    ]  # fmt: skip


def test_a_call_to_a_person_is_answered_in_their_name(server: MailStandin) -> None:
    channel(server, to=[LEA]).tell(alert(personal=True, reader="Léa"), Earlier(), now=NOW)
    assert {by for _, by, _ in acts(server.mails[0])} == {"Léa"}


def test_there_are_none_where_nobody_may_or_can_follow_them(server: MailStandin) -> None:
    channel(server, None).tell(alert(), Earlier(), now=NOW)
    channel(server, acts=False).tell(alert(), Earlier(), now=NOW)
    assert server.recipients == [[LEA, MAX]] * 2
    assert [acts(mail) for mail in server.mails] == [[], []]
    assert "your name" not in text_of(server.mails[0])


def test_who_has_it_is_not_sent_it_again_when_the_line_breaks_between_two(server: MailStandin) -> None:
    told = channel(server)
    server.refused = {LEA}
    told.tell(alert(), Earlier(), now=NOW)
    assert server.recipients == [[MAX]]
    server.refused, server.put_off = set(), {MAX}
    with pytest.raises(Partly) as caught:
        told.tell(alert(delivery_id=32), Earlier(), now=NOW)
    assert caught.value.settled == [LEA]
    server.put_off, server.dies = set(), "after DATA"
    with pytest.raises(Exception, match="broke off") as broken:
        told.tell(alert(delivery_id=33), Earlier(), now=NOW)
    assert getattr(broken.value, "ambiguous", False)
    assert server.recipients == [[MAX], [LEA], [LEA]]
    server.dies = ""
    told.tell(alert(delivery_id=32), Earlier(settled=(LEA,), attempts=1, attempted_at=NOW), now=NOW)
    assert server.recipients[-1] == [MAX]
