import logging
import re
import traceback
from collections.abc import Callable
from datetime import timedelta

import pytest

from app.channels.act_links import ActLinks
from app.channels.apprise.transport import AppriseChannel
from app.channels.base import Earlier
from app.errors import ChannelError
from app.models import Reason, State
from tests.channels.apprise.conftest import TOKEN, Service
from tests.channels.factory import NOW, alert, announcements, sample, story

Connect = Callable[..., AppriseChannel]
LINK = "https://tocsin.example/incidents/5"
SMS_TAKEN = (200, {"result": [{"status": "ok"}]})
HOSTILE = "@channel <!channel> <users/all> [free](https://evil.example) ```x"


def tell(channel: AppriseChannel, **changes: object) -> None:
    channel.tell(alert(**changes), Earlier(), now=NOW)


def test_ntfy_is_told_the_headline_the_figures_a_post_and_the_link(
    service: Service, connect: Connect
) -> None:
    tell(connect(f"ntfy://tk_{TOKEN}@127.0.0.1:{service.port}/on-call?priority=max"))
    (asked,) = service.asked
    assert (asked.method, asked.path) == ("POST", "/")
    assert asked.headers["Authorization"] == f"Bearer tk_{TOKEN}"
    assert asked.body["topic"] == "on-call"
    assert asked.headers["X-Priority"] == "max"
    assert asked.body["title"].startswith("FIRE STARTING · Nimbus")
    text = asked.body["message"]
    assert "253 mentions in the last hour" in text
    assert "Toujours aucun remboursement" in text
    assert text.endswith(LINK)


def test_mattermost_is_told_by_its_incoming_webhook(service: Service, connect: Connect) -> None:
    tell(connect(f"mmost://127.0.0.1:{service.port}/{TOKEN}x"))
    (asked,) = service.asked
    assert asked.path == f"/hooks/{TOKEN}x"
    assert asked.body["text"].startswith("FIRE STARTING · Nimbus")
    assert asked.body["text"].endswith(LINK)


def test_signal_is_told_by_the_rest_api_of_signal_cli(service: Service, connect: Connect) -> None:
    service.answer = (201, {"timestamp": "1"})
    tell(connect(f"signal://127.0.0.1:{service.port}/+15555550100/+33612345678"))
    (asked,) = service.asked
    assert asked.path == "/v2/send"
    assert (asked.body["number"], asked.body["recipients"]) == ("+15555550100", ["+33612345678"])
    assert asked.body["message"].startswith("FIRE STARTING · Nimbus")


def test_gotify_is_told_with_its_token_in_a_header(service: Service, connect: Connect) -> None:
    tell(connect(f"gotify://127.0.0.1:{service.port}/{TOKEN}?priority=high"))
    (asked,) = service.asked
    assert asked.path == "/message"
    assert asked.headers["X-Gotify-Key"] == TOKEN
    assert asked.body["title"].startswith("FIRE STARTING · Nimbus")
    assert asked.body["message"].endswith(LINK)


def test_matrix_is_logged_into_joined_and_told(service: Service, connect: Connect) -> None:
    service.answers = {
        "/_matrix/client/v3/login": (
            200,
            {"access_token": TOKEN, "home_server": "127.0.0.1", "user_id": "@t:h"},
        ),
        "/_matrix/client/v3/join": (200, {"room_id": "!abc:127.0.0.1"}),
        "/_matrix/client/v3/rooms": (200, {"event_id": "$1"}),
    }
    tell(connect(f"matrix://tocsin:{TOKEN}@127.0.0.1:{service.port}/%23crisis"))
    assert [one.path.rsplit("/", 2)[0] for one in service.asked[:2]] == [
        "/_matrix/client",
        "/_matrix/client/v3",
    ]
    sent = [one for one in service.asked if "/send/m.room.message" in one.path]
    assert len(sent) == 1
    assert "253 mentions" in sent[0].body["body"]
    assert LINK in sent[0].body["body"]


def test_rocket_chat_and_json_are_told_by_their_webhooks(service: Service, connect: Connect) -> None:
    tell(connect(f"rocket://{'a' * 17}/{'b' * 24}@127.0.0.1:{service.port}/%23crisis"))
    tell(connect(f"json://127.0.0.1:{service.port}/hook/{TOKEN}"))
    rocket, plain = service.asked
    assert rocket.path == f"/hooks/{'a' * 17}/{'b' * 24}"
    assert rocket.body["channel"] == "#crisis"
    assert LINK in rocket.body["text"]
    assert plain.path == f"/hook/{TOKEN}"
    assert plain.body["title"].startswith("FIRE STARTING")
    assert plain.body["type"] == "failure"


def test_a_text_message_is_short_and_in_its_old_alphabet(service: Service, connect: Connect) -> None:
    service.answer = SMS_TAKEN
    tell(connect(f"smseagle://{TOKEN}@127.0.0.1:{service.port}/+33612345678"), language="fr")
    (asked,) = service.asked
    text = asked.body["params"]["message"]
    assert text.startswith("DÉPART DE FEU - Nimbus - ")
    assert text.endswith(LINK)
    assert len(text) <= 300
    assert not set(text) & set("«»“”’…·×\u00a0\u202f\u2060")


def test_only_what_people_are_to_hear_is_told(service: Service, connect: Connect) -> None:
    """A chat hears the story go on, a phone only what calls people; what is only recorded nobody hears."""
    service.answer = SMS_TAKEN
    chat = connect(f"ntfy://127.0.0.1:{service.port}/on-call")
    phone = connect(f"smseagle://{TOKEN}@127.0.0.1:{service.port}/+33612345678")
    heard: dict[str, list[Reason]] = {}
    for name, channel in (("chat", chat), ("phone", phone)):
        root = None
        for one in story():
            sent = channel.tell(one, Earlier(root=root), now=one.at)
            root = root or sent.external_id
            if sent.external_id:
                heard.setdefault(name, []).append(one.reason)
    assert heard["phone"] == [Reason.ignited, Reason.grew, Reason.flared]
    assert heard["chat"] == [Reason.ignited, Reason.grew, Reason.contained, Reason.flared, Reason.went_out]


def test_what_strangers_write_commands_no_chat(service: Service, connect: Connect) -> None:
    hostile = {"samples": (sample(text=HOSTILE, author="@here"),), "new_words": ("@all",)}
    urls = [
        f"mmost://127.0.0.1:{service.port}/{TOKEN}x",
        f"rocket://{'a' * 17}/{'b' * 24}@127.0.0.1:{service.port}/%23crisis",
        f"ntfy://127.0.0.1:{service.port}/on-call",
        f"json://127.0.0.1:{service.port}/hook",
    ]
    for url in urls:
        tell(connect(url), watch="@everyone", facts=hostile)
    for asked in service.asked:
        text = str(asked.body)
        for command in ("@channel", "@here", "@everyone", "@all", "<!", "<users", "](", "```"):
            assert command not in text, (asked.path, command)
        assert "evil.example" in text


def test_a_host_inside_the_network_is_refused_unless_it_is_allowed(
    service: Service, connect: Connect
) -> None:
    channel = connect(f"ntfy://127.0.0.1:{service.port}/on-call", allowed="")
    for ask in (lambda: tell(channel), lambda: channel.check(now=NOW)):
        with pytest.raises(ChannelError, match="inside a private network") as caught:
            ask()
        assert caught.value.permanent
    assert not service.asked


def test_no_redirect_is_followed(service: Service, connect: Connect) -> None:
    service.answer, service.headers = (307, {}), {"Location": f"http://127.0.0.1:{service.port}/elsewhere"}
    with pytest.raises(ChannelError, match="HTTP 307") as caught:
        tell(connect(f"ntfy://127.0.0.1:{service.port}/on-call"))
    assert caught.value.permanent
    assert len(service.asked) == 1


def test_no_proxy_of_the_environment_is_asked(
    service: Service, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    tell(connect(f"ntfy://127.0.0.1:{service.port}/on-call"))
    assert len(service.asked) == 1


def test_a_failure_says_whether_trying_again_can_help(service: Service, connect: Connect) -> None:
    channel = connect(f"gotify://127.0.0.1:{service.port}/{TOKEN}")
    cases = ((401, True, False), (404, True, False), (429, False, False), (503, False, True))
    for status, permanent, ambiguous in cases:
        service.answer, service.headers = (status, {"error": TOKEN}), {"Retry-After": "40"}
        with pytest.raises(ChannelError, match=f"127.0.0.1 answered HTTP {status}") as caught:
            tell(channel)
        assert (caught.value.permanent, caught.value.ambiguous) == (permanent, ambiguous)
        assert caught.value.retry_after == timedelta(seconds=40)


def test_an_answer_that_it_was_not_taken_is_a_failure_though_its_status_is_none(
    service: Service, connect: Connect
) -> None:
    service.answer = (202, {"ok": False})  # ntfy takes no other answer than 200
    with pytest.raises(ChannelError, match="HTTP 202, and that it did not take") as caught:
        tell(connect(f"ntfy://127.0.0.1:{service.port}/on-call"))
    assert not caught.value.permanent


def test_the_service_url_stands_in_no_error_and_no_log(
    service: Service, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    service.answer = (403, {"you said": TOKEN})
    for url in (
        f"gotify://127.0.0.1:{service.port}/{TOKEN}",
        f"json://user:{TOKEN}@127.0.0.1:{service.port}/{TOKEN}",
        f"matrix://tocsin:{TOKEN}@127.0.0.1:{service.port}/%23crisis",
        f"ntfy://{TOKEN}@127.0.0.1:9/on-call",
    ):
        with pytest.raises(ChannelError) as caught:
            tell(connect(url))
        assert TOKEN not in "".join(traceback.format_exception(caught.value))
    assert TOKEN not in caplog.text


def test_a_check_knocks_and_sends_nothing(service: Service, connect: Connect) -> None:
    for url in (
        f"ntfy://127.0.0.1:{service.port}/on-call",
        f"matrix://t:{TOKEN}@127.0.0.1:{service.port}/%23c",
    ):
        said = connect(url).check(now=NOW)
        assert "127.0.0.1 answers" in said
        assert TOKEN not in said
    assert not service.asked
    with pytest.raises(ChannelError, match=r"127.0.0.1 cannot be reached") as caught:
        connect("ntfy://127.0.0.1:9/on-call").check(now=NOW)
    assert not caught.value.permanent


def test_what_is_announced_is_said_once_and_what_can_wait_not_to_a_phone(
    service: Service, connect: Connect
) -> None:
    service.answer = SMS_TAKEN
    chat = connect(f"mmost://127.0.0.1:{service.port}/{TOKEN}x")
    phone = connect(f"smseagle://{TOKEN}@127.0.0.1:{service.port}/+33612345678")
    sent = {type(news): [bool(one.say(news, Earlier(), now=NOW).external_id) for one in (chat, phone)]
            for news in announcements()}  # fmt: skip
    assert {kind.__name__ for kind, both in sent.items() if both == [True, False]} == {
        "Bulletin", "HandOver", "SetAside",
    }  # fmt: skip
    assert all(both[0] for both in sent.values())
    texts = [asked.body["text"] for asked in service.asked if "text" in asked.body]
    (deaf,) = [text for text in texts if "La Presse cannot be heard" in text]
    assert deaf.startswith("Tocsin\n\nLa Presse cannot be heard")
    assert deaf.count("La Presse") == 1


def test_the_end_is_told_as_good_news(service: Service, connect: Connect) -> None:
    over = next(one for one in story() if one.state is State.out)
    connect(f"json://127.0.0.1:{service.port}/").tell(over, Earlier(root="before"), now=NOW)
    (asked,) = service.asked
    assert asked.body["type"] == "success"


def test_a_chat_can_act_by_links_and_a_phone_gets_the_one_that_matters(
    service: Service, connect: Connect
) -> None:
    links = ActLinks("https://tocsin.example", "a key")
    service.answer = SMS_TAKEN
    chat, phone = (
        connect(url, acts=links)
        for url in (
            f"mmost://127.0.0.1:{service.port}/{TOKEN}x",
            f"smseagle://{TOKEN}@127.0.0.1:{service.port}/+33612345678",
        )
    )
    for channel in (chat, phone):
        sent = channel.tell(alert(language="fr"), Earlier(), now=NOW)
        assert "/act/•••" in str(sent.calls)
    in_chat, by_phone = service.asked[0].body["text"], service.asked[1].body["params"]["message"]
    tokens = re.findall(r"/act/([\w-]+)", in_chat)
    found = [link for link in map(links.read, tokens) if link]
    assert [(link.act, link.by) for link in found] == [
        ("acknowledge", "on call"), ("snooze", "on call"), ("false_alarm", "on call"),
    ]  # fmt: skip
    assert in_chat.endswith(LINK)
    (only,) = re.findall(r"Je m'en occupe > https://tocsin\.example/act/([\w-]+)", by_phone)
    assert (read := links.read(only)) is not None
    assert read.act == "acknowledge"
    assert by_phone.startswith("DÉPART DE FEU - Nimbus")

    phone.tell(alert(personal=True, reader="Léa"), Earlier(), now=NOW)
    (mine,) = re.findall(r"/act/([\w-]+)", service.asked[2].body["params"]["message"])
    assert (read := links.read(mine)) is not None
    assert read.by == "Léa"
