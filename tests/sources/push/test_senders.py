"""Other tools prove who they are in their own ways, and write their posts in their own words."""

import hmac
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from pydantic import ValidationError

from app.errors import BadInput, Unauthorized
from app.sources.base import Item
from app.sources.push.proof import delivery, verify
from app.sources.push.settings import PushSettings
from app.sources.push.source import parse

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
STAMP = str(int(NOW.timestamp()))
KEY = b"thirty-two bytes that nobody has"
SECRET = f"whsec_{b64encode(KEY).decode()}"
BODY = b'{"id": 1}'


def made(**settings: Any) -> PushSettings:  # noqa: ANN401 - whatever settings hold
    return PushSettings.model_validate(settings)


STANDARD = made(sender="standard_webhooks")
HUB = made(sender="hmac", header="x-hub-signature", prefix="sha1=", algorithm="sha1")
TOKEN = made(sender="token", header="authorization", prefix="Bearer ")


def standard(
    key: bytes = KEY, number: str = "msg_1", stamp: str = STAMP, body: bytes = BODY
) -> dict[str, str]:
    mac = b64encode(hmac.digest(key, f"{number}.{stamp}.".encode() + body, "sha256")).decode()
    return {"webhook-id": number, "webhook-timestamp": stamp, "webhook-signature": f"v1,{mac}"}


def test_standard_webhooks_are_believed() -> None:
    verify(BODY, standard(), SECRET, STANDARD, now=NOW)
    verify(BODY, standard(SECRET.encode()), SECRET, STANDARD, now=NOW)  # a sender that takes it as it stands
    turned = standard() | {"webhook-signature": "v1,AAAA v1a,xyz " + standard()["webhook-signature"]}
    verify(BODY, turned, SECRET, STANDARD, now=NOW)


def test_a_signature_that_was_reckoned_without_a_library_is_believed() -> None:
    key, body = bytes(range(24)), '{"post": "yaourt Vélinor retiré"}'.encode()
    inner = sha256(bytes(b ^ 0x36 for b in key.ljust(64, b"\0")) + f"msg_vélinor.{STAMP}.".encode() + body)
    outer = sha256(bytes(b ^ 0x5C for b in key.ljust(64, b"\0")) + inner.digest())
    headers = {
        "webhook-id": "msg_vélinor",
        "webhook-timestamp": STAMP,
        "webhook-signature": f"v1,{b64encode(outer.digest()).decode()}",
    }
    verify(body, headers, f"whsec_{b64encode(key).decode()}", STANDARD, now=NOW)


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        pytest.param({}, "webhook-id is missing", id="nothing"),
        pytest.param(standard(b"other"), "does not match", id="another key"),
        pytest.param(standard(body=b"x"), "does not match", id="another body"),
        pytest.param(standard() | {"webhook-id": "msg_2"}, "does not match", id="another id"),
        pytest.param(standard(stamp=str(int(STAMP) - 301)), "300 seconds off", id="old"),
        pytest.param(standard(stamp="soon"), "seconds since 1970", id="no time"),
        pytest.param(standard() | {"webhook-signature": "v2,xyz"}, "must hold", id="other version"),
    ],
)
def test_what_is_no_standard_webhook_is_refused(headers: dict[str, str], why: str) -> None:
    with pytest.raises(Unauthorized, match=why) as caught:
        verify(BODY, headers, SECRET, STANDARD, now=NOW)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "sha512"])
@pytest.mark.parametrize("encoding", ["hex", "base64"])
def test_a_signature_in_a_header_of_its_own_is_believed(algorithm: str, encoding: str) -> None:
    settings = made(sender="hmac", header="x-sig", prefix="sig=", algorithm=algorithm, encoding=encoding)
    mac = hmac.digest(SECRET.encode(), BODY, algorithm)
    written = mac.hex().upper() if encoding == "hex" else b64encode(mac).decode()
    verify(BODY, {"x-sig": f"sig={written}"}, SECRET, settings, now=NOW)
    verify(BODY, {"x-sig": f"sig=0000, sig={written}"}, SECRET, settings, now=NOW)
    for wrong in ("", written, f"sig={written[:-4]}", "sig=", "sig=é"):
        with pytest.raises(Unauthorized):
            verify(BODY, {"x-sig": wrong}, SECRET, settings, now=NOW)


@pytest.mark.parametrize("stamp", [STAMP, f"{STAMP}000", "2026-11-22T09:00:00Z"])
def test_a_time_that_is_signed_must_be_fresh(stamp: str) -> None:
    settings = made(sender="hmac", header="x-sig", timestamp_header="x-time", signs="timestamp.body")
    mac = hmac.digest(SECRET.encode(), stamp.encode() + b"." + BODY, "sha256").hex()
    verify(BODY, {"x-sig": mac, "x-time": stamp}, SECRET, settings, now=NOW + timedelta(seconds=300))
    with pytest.raises(Unauthorized, match="300 seconds off"):
        verify(BODY, {"x-sig": mac, "x-time": stamp}, SECRET, settings, now=NOW + timedelta(seconds=301))
    with pytest.raises(Unauthorized, match="x-time"):
        verify(BODY, {"x-sig": mac}, SECRET, settings, now=NOW)


def test_a_token_is_believed_and_another_is_not() -> None:
    verify(BODY, {"authorization": f"Bearer {SECRET}"}, SECRET, TOKEN, now=NOW)
    for wrong in (SECRET, "Bearer", "Bearer x", ""):
        with pytest.raises(Unauthorized):
            verify(BODY, {"authorization": wrong}, SECRET, TOKEN, now=NOW)


def test_a_delivery_is_known_by_its_id_else_by_its_body() -> None:
    assert delivery(b"1", {"webhook-id": "a"}, STANDARD) == delivery(b"2", {"webhook-id": "a"}, STANDARD)
    assert delivery(b"1", {}, HUB) != delivery(b"2", {}, HUB)
    named = made(sender="token", header="x-token", delivery_header="x-id")
    assert delivery(b"1", {"x-id": "7"}, named) == delivery(b"2", {"x-id": "7"}, named)
    assert delivery(b"1", {}, made()) is None


@pytest.mark.parametrize(
    "settings",
    [
        {"sender": "hmac"},
        {"sender": "token"},
        {"sender": "hmac", "header": "x", "signs": "timestamp.body"},
        {"sender": "token", "header": "no spaces"},
        {"fields": {"mood": "sentiment"}},
        {"fields": {"text": "a b"}},
        {"fields": {"text": ""}},
        {"posts": "[0]"},
    ],
)
def test_settings_that_cannot_work_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        PushSettings.model_validate(settings)


def read(body: bytes, **settings: Any) -> list[Item]:  # noqa: ANN401 - whatever settings hold
    return parse(body, made(sender="token", header="x", **settings)).items


def test_the_usual_names_need_no_settings() -> None:
    (item,) = read(
        b"""{"documents": [{"id": "1713_K49", "published_date": "2026-11-22T08:00:00.000Z", "url": "https://a.example/1",
        "content": {"title": "Recall", "body": "Glass in it"}, "author": {"name": "Ana", "handle": "@ana"},
        "source": {"name": "X"}, "language": "fr", "metrics": {"reach": 1200.7, "likes": "many"}}]}"""
    )
    assert (item.external_id, item.title, item.text, item.author) == (
        "1713_K49",
        "Recall",
        "Glass in it",
        "Ana",
    )
    assert item.published_at == NOW - timedelta(hours=1)
    assert (item.url, item.lang, item.reach, item.likes) == ("https://a.example/1", "fr", 1200, None)
    assert item.extra == {"source": "X"}


def test_a_mention_that_comes_alone_is_a_batch_of_one() -> None:
    (item,) = read(
        b"""{"mentionId": 7, "fullText": "Not good", "published": 1795338000, "sourceName": "forum",
        "author": {"nickname": "bob", "subscribers": 12},
        "engagement": {"likes": 1, "reposts": 2, "comments": 3}}"""
    )
    assert (item.external_id, item.text, item.author, item.followers) == ("7", "Not good", "bob", 12)
    assert (item.likes, item.shares, item.replies) == (1, 2, 3)
    assert item.published_at == datetime.fromtimestamp(1795338000, UTC)


def test_paths_that_are_set_come_before_the_usual_names() -> None:
    (item,) = read(
        b"""{"hits": {"rows": [{"uid": 1, "id": 2, "parts": [{"html": "<p>A &amp; B</p>"}],
        "when": "Sun, 22 Nov 2026 09:00:00 GMT"}]}}""",
        posts="$.hits.rows",
        fields={"id": "uid", "text": "nothing.here | parts[0].html", "published_at": "when"},
        html=True,
    )
    assert (item.external_id, item.text, item.published_at) == ("1", "A & B", NOW)


@pytest.mark.parametrize(
    "when", ["1795338000", "1795338000000", "1795338000.5", '"1795338000"', '"2026-11-22T10:00:00+0100"']
)
def test_a_time_is_read_however_it_is_written(when: str) -> None:
    (item,) = read(f'{{"id": 1, "text": "x", "date": {when}}}'.encode())
    assert item.published_at
    assert abs(item.published_at - datetime.fromtimestamp(1795338000, UTC)) < timedelta(seconds=1)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b'{"id": 1, "text": "x"}', "published_at is missing"),
        (b'{"id": 1, "date": "2026-11-22"}', "text is missing"),
        (b'{"text": "x", "date": "2026-11-22"}', "id is missing"),
        (b'{"id": 1, "text": "x", "date": "soon"}', "published_at is 'soon'"),
        (b"[7]", "must be an object"),
        (b'"x"', "must be a post"),
    ],
)
def test_what_cannot_be_read_says_which_field_to_set(body: bytes, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        read(body)
