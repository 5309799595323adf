"""The signed webhook, as its receiver sees it."""

import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from typing import get_args

import httpx
import jsonschema  # type: ignore[import-untyped]
import pytest

from app.channels.base import Earlier, Refused
from app.channels.notices import Announcement
from app.channels.webhook import Envelope, WebhookChannel, _envelope
from app.errors import ChannelError
from app.http_client import Refused as Private
from tests.channels.factory import NOW, alert, story

SECRET = "whsec-not-told-to-anyone"
URL = "https://hooks.example/T1/secret-path?token=secret-query"


def channel_to(answer: Callable[[httpx.Request], httpx.Response]) -> WebhookChannel:
    return WebhookChannel(URL, SECRET, httpx.Client(transport=httpx.MockTransport(answer)))


def test_a_receiver_that_knows_the_secret_can_trust_it() -> None:
    seen: list[httpx.Request] = []

    def receive(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(204)

    sent = channel_to(receive).tell(alert(), Earlier(), now=NOW)
    [request] = seen
    seconds, digest = (part.partition("=")[2] for part in request.headers["X-Tocsin-Signature"].split(","))
    assert seconds == str(int(NOW.timestamp()))
    assert (
        digest
        == hmac.new(SECRET.encode(), f"{seconds}.".encode() + request.content, hashlib.sha256).hexdigest()
    )
    assert request.headers["X-Tocsin-Delivery"] == "31"
    assert request.headers["Content-Type"] == "application/json"
    body = json.loads(request.content)
    jsonschema.validate(body, Envelope.model_json_schema())
    assert (body["version"], body["type"], body["alert"]["watch"]) == (1, "alert", "Nimbus")
    assert sent.calls == [{"method": "POST", "payload": body}]
    assert Envelope.model_validate(body).alert == alert()


def test_each_try_has_the_same_key_and_each_delivery_its_own() -> None:
    keys: list[str] = []

    def receive(request: httpx.Request) -> httpx.Response:
        keys.append(request.headers["Idempotency-Key"])
        return httpx.Response(200)

    channel = channel_to(receive)
    for step in [*story(), story()[0]]:
        channel.tell(step, Earlier(attempts=1), now=NOW)
    assert keys[0] == keys[-1]
    assert len(set(keys)) == len(story())


def test_each_status_is_a_receipt_or_says_whether_to_try_again(subtests: pytest.Subtests) -> None:
    for status in range(200, 600):
        with subtests.test(status=status):
            assert_receipt_or_said_whether_to_try_again(status)


def assert_receipt_or_said_whether_to_try_again(status: int) -> None:
    channel = channel_to(
        lambda _request: httpx.Response(status, headers={"Location": "https://elsewhere.example"})
    )
    if status < 300:
        assert channel.tell(alert(), Earlier(), now=NOW).external_id
        return
    with pytest.raises(ChannelError) as caught:
        channel.tell(alert(), Earlier(), now=NOW)
    assert caught.value.permanent == (status < 500 and status not in {408, 425, 429})
    assert caught.value.ambiguous == (status >= 500 or status == 408)
    assert isinstance(caught.value, Refused) == (status == 413)
    assert str(status) in str(caught.value)


@pytest.mark.parametrize(
    ("asked", "wait"),
    [
        ("7", timedelta(seconds=7)),
        ("Sun, 22 Nov 2026 09:31:00 GMT", timedelta(minutes=1)),
        ("Sun, 22 Nov 2020 09:31:00 GMT", timedelta(0)),
        ("99999999999999999999", timedelta(days=1)),
        ("soon", None),
        ("", None),
    ],
)
def test_what_the_receiver_asks_for_is_handed_on(asked: str, wait: timedelta | None) -> None:
    channel = channel_to(lambda _request: httpx.Response(429, headers={"Retry-After": asked}))
    with pytest.raises(ChannelError) as caught:
        channel.tell(alert(), Earlier(), now=NOW)
    assert caught.value.retry_after == wait


@pytest.mark.parametrize(
    ("error", "ambiguous", "permanent"),
    [
        (httpx.ConnectError(f"cannot reach {URL}"), False, False),
        (httpx.ConnectTimeout("slow"), False, False),
        (httpx.ReadTimeout("slow"), True, False),
        (httpx.RemoteProtocolError("cut"), True, False),
        (Private("hooks.example is inside a private network."), False, True),
    ],
)
def test_what_goes_wrong_on_the_way_is_told_without_the_address(
    error: Exception, ambiguous: bool, permanent: bool
) -> None:
    def fail(_request: httpx.Request) -> httpx.Response:
        raise error

    with pytest.raises(ChannelError) as caught:
        channel_to(fail).tell(alert(), Earlier(), now=NOW)
    assert (caught.value.ambiguous, caught.value.permanent) == (ambiguous, permanent)
    assert "secret" not in str(caught.value)


def test_an_endless_answer_is_not_read() -> None:
    def forever() -> bytes:
        raise AssertionError("the body was read")

    class Endless(httpx.SyncByteStream):
        def __iter__(self):  # type: ignore[no-untyped-def]  # noqa: ANN204
            yield forever()

    channel = channel_to(lambda _request: httpx.Response(200, stream=Endless()))
    assert channel.tell(alert(), Earlier(), now=NOW).external_id


def test_the_check_sends_a_ping() -> None:
    def receive(request: httpx.Request) -> httpx.Response:
        assert json.loads(request.content) == {
            "version": 1,
            "type": "ping",
            "alert": None,
            "source": None,
            "bulletin": None,
            "clock": None,
            "standstill": None,
            "restore": None,
            "channel": None,
            "set_aside": None,
            "hand_over": None,
            "stakeholder_update": None,
            "trial": None,
        }
        return httpx.Response(200)

    assert channel_to(receive).check(now=NOW) == "hooks.example took a ping"


def test_whatever_is_announced_has_a_type_and_a_place_of_its_own() -> None:
    types = set()
    for each in get_args(Announcement):
        envelope = _envelope(each.model_construct())
        types.add(envelope.type)
        assert isinstance(getattr(envelope, envelope.type), each)
    assert len(types) == len(get_args(Announcement))
