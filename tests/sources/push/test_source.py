"""Pushed posts are believed only with a fresh signature, and read one by one."""

import hmac
import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest

from app.errors import BadInput, TooLarge, Unauthorized
from app.sources.push.source import HEADER, parse, sign, verify

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SECRET = "tocsin_0123456789abcdef"
BODY = b'{"posts": []}'
STAMP = int(NOW.timestamp())
MAC = hmac.new(SECRET.encode(), f"{STAMP}.".encode() + BODY, sha256).hexdigest()


def post(**more: Any) -> dict[str, Any]:  # noqa: ANN401 - as hostile as JSON can be
    return {"id": "1", "published_at": "2026-11-22T08:59:00Z", "text": "No power at Volta"} | more


def body(*posts: object) -> bytes:
    return json.dumps({"posts": posts}).encode()


def refused(header: str | None, body: bytes = BODY, now: datetime = NOW) -> str:
    with pytest.raises(Unauthorized) as caught:
        verify(body, {} if header is None else {HEADER: header}, SECRET, now=now)
    return str(caught.value)


def test_a_signature_is_the_hmac_of_time_and_body() -> None:
    assert sign(BODY, SECRET, now=NOW) == f"t={STAMP},v1={MAC}"


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_a_fresh_signature_is_believed_whatever_the_case_of_its_header(seconds: int) -> None:
    header = sign(BODY, SECRET, now=NOW + timedelta(seconds=seconds))
    verify(BODY, {HEADER.lower(): header}, SECRET, now=NOW)
    verify(BODY, {HEADER.upper(): header.replace(",", ", ")}, SECRET, now=NOW)


def test_while_a_secret_is_changed_the_old_signature_may_stand_beside_the_new() -> None:
    verify(BODY, {HEADER: f"t={STAMP},v1={'0' * 64},v1={MAC.upper()},v0=x"}, SECRET, now=NOW)


@pytest.mark.parametrize(
    ("header", "why"),
    [
        pytest.param(None, "is missing", id="none"),
        pytest.param("", "is missing", id="empty"),
        pytest.param("nonsense", "one t=", id="nonsense"),
        pytest.param(f"v1={MAC}", "one t=", id="no time"),
        pytest.param(f"t={STAMP},t={STAMP},v1={MAC}", "one t=", id="two times"),
        pytest.param(f"t=soon,v1={MAC}", "one t=", id="time in words"),
        pytest.param(f"t=-{STAMP},v1={MAC}", "one t=", id="negative time"),
        pytest.param(f"t=٣{STAMP},v1={MAC}", "one t=", id="other digits"),
        pytest.param(f"t={'9' * 5000},v1={MAC}", "one t=", id="endless time"),
        pytest.param(f"t={STAMP}", "v1=", id="no signature"),
        pytest.param(f"t={STAMP},v0={MAC}", "v1=", id="other scheme"),
        pytest.param(f"t={STAMP}" + f",v1={MAC}" * 9, "between one and 8", id="too many"),
        pytest.param(f"t={STAMP},v1=", "does not match", id="empty signature"),
        pytest.param(f"t={STAMP},v1={MAC[:-1]}", "does not match", id="short"),
        pytest.param(f"t={STAMP},v1=é{MAC[1:]}", "does not match", id="not ASCII"),
        pytest.param(f"t={STAMP + 1},v1={MAC}", "does not match", id="other time"),
    ],
)
def test_every_broken_signature_is_refused_with_a_sentence(header: str | None, why: str) -> None:
    text = refused(header)
    assert why in text
    assert MAC not in text
    assert SECRET not in text


@pytest.mark.parametrize("seconds", [-301, 301])
def test_a_signature_of_another_time_is_refused(seconds: int) -> None:
    assert "more than 300 seconds off" in refused(sign(BODY, SECRET, now=NOW + timedelta(seconds=seconds)))


def test_a_body_that_was_changed_and_another_secret_are_refused() -> None:
    assert "does not match" in refused(sign(BODY, SECRET, now=NOW), body=BODY + b" ")
    assert "does not match" in refused(sign(BODY, "other", now=NOW))


def test_an_array_and_an_object_of_posts_are_read_alike() -> None:
    for given in (json.dumps([post()]).encode(), b"\xef\xbb\xbf" + body(post())):
        (item,) = parse(given).items
        assert (item.external_id, item.text) == ("1", "No power at Volta")
        assert item.published_at == NOW - timedelta(minutes=1)


def test_all_fields_are_kept_and_unknown_ones_put_aside() -> None:
    (item,) = parse(
        body(
            post(
                id=12, source="forum", author="Ana", url="https://x.example/1", title="T", lang="fr",
                likes="12", shares=3.0, replies=0, reach=5_000_000_000, followers="", parent_id=7,
                geo={"city": "Lyon\0"},
            )
        )
    ).items  # fmt: skip
    assert (item.external_id, item.author, item.url, item.title) == ("12", "Ana", "https://x.example/1", "T")
    assert (item.lang, item.likes, item.shares, item.replies, item.followers) == ("fr", 12, 3, 0, None)
    assert item.reach == 2**31 - 1
    assert item.extra == {"source": "forum", "parent_id": 7, "geo": {"city": "Lyon"}}


def test_bad_posts_are_named_and_the_good_ones_kept() -> None:
    deep: Any = "x"
    for _ in range(20):
        deep = [deep]
    bad = {
        1: (7, "a post must be an object"),
        2: (post(id=None), "id is missing"),
        3: (post(id=True), "id is not text"),
        4: (post(text=""), "text is missing, and there is no title either"),
        5: (post(text=["x"]), "text is not text"),
        6: (post(published_at=None), "published_at is missing"),
        7: (post(published_at=STAMP), "write it as 2026-11-22T09:14:00Z"),
        8: (post(published_at="yesterday"), "write it as 2026-11-22T09:14:00Z"),
        9: (post(published_at="0001-01-01T00:00:00+14:00"), "write it as"),
        10: (post(published_at="1970-01-01T00:00:00Z"), "nothing was posted then"),
        11: (post(likes="many"), "likes is 'many': write a whole number"),
        12: (post(likes=1.5), "likes is '1.5'"),
        13: (post(likes=True), "likes is 'True'"),
        14: (post(deep=deep), "deep is nested too deeply"),
    }
    parsed = parse(body(post(id="first"), *(given for given, _ in bad.values()), post(id="last")))
    assert [item.external_id for item in parsed.items] == ["first", "last"]
    assert [index for index, _ in parsed.rejected] == list(bad)
    for index, why in parsed.rejected:
        assert bad[index][1] in why


def test_a_number_beyond_all_numbers_is_one_bad_post() -> None:
    parsed = parse(b'[{"id": 1, "text": "x", "published_at": "2026-11-22", "score": 1e999}]')
    assert parsed.rejected == [(0, "score is too large a number")]


def test_of_posts_with_one_id_the_last_counts() -> None:
    assert [item.text for item in parse(body(post(text="a"), post(text="b"))).items] == ["b"]


@pytest.mark.parametrize(
    ("given", "error", "why"),
    [
        pytest.param(b"", BadInput, "not JSON", id="empty"),
        pytest.param(b"\xff\xfe{", BadInput, "not JSON in UTF-8", id="UTF-16"),
        pytest.param(b"7", BadInput, "array of posts", id="number"),
        pytest.param(b'{"items": []}', BadInput, "array of posts", id="other key"),
        pytest.param(b"[" * 200_000, BadInput, "nested too deeply", id="depth bomb"),
        pytest.param(b'[{"id": NaN}]', BadInput, "NaN is not a JSON number", id="NaN"),
        pytest.param(b'[{"id": 1, "id": 2}]', BadInput, "'id' twice", id="key twice"),
        pytest.param(b"[" + b"9" * 5_000 + b"]", BadInput, "not JSON", id="endless number"),
        pytest.param(b"[" + b"7," * 1_000 + b"7]", TooLarge, "1,001 posts", id="too many"),
        pytest.param(b" " * 5_000_001, TooLarge, "larger than 5,000,000 bytes", id="too large"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_whole(given: bytes, error: type[Exception], why: str) -> None:
    with pytest.raises(error, match=why):
        parse(given)


def test_text_that_would_break_the_database_is_cleaned() -> None:
    (item,) = parse(
        b'[{"id": "a\\u0000b", "text": "\\ud83dfire\\u0000", "published_at": "2026-11-22"}]'
    ).items
    assert (item.external_id, item.text, item.precision) == ("ab", "fire", "day")
