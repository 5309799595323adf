"""Jetstream: what its frames say in either version, how it is called again, and how a gap is told."""

import json
from datetime import timedelta
from typing import Any

import pytest

from app.clock import EPOCH
from app.errors import SourceError
from app.sources import kind
from app.sources.base import Stream
from app.sources.bluesky.jetstream import JetstreamSettings
from tests.sources.far_ends.base import NOW

US = (NOW - EPOCH) // timedelta(microseconds=1)
RECORD = {
    "$type": "app.bsky.feed.post",
    "createdAt": "2026-11-22T08:59:58.757Z",
    "langs": ["fr"],
    "text": "Velinor again",
    "reply": {"root": {"uri": "at://r"}, "parent": {"uri": "at://p"}},
}
WRONG: tuple[Any, ...] = (None, 7, "x", [], {}, [None])
URI = "at://did:plc:lea/app.bsky.feed.post/3mmo"


def stream(**settings: Any) -> Stream:  # noqa: ANN401 - as people write them
    listen = kind("jetstream").listen
    assert listen
    found = listen(JetstreamSettings.model_validate(settings), None)
    assert found
    return found


def first(operation: str = "create", time_us: int = US, **commit: Any) -> str:  # noqa: ANN401
    """A frame of version 1."""
    body: dict[str, Any] = {
        "rev": "3a",
        "operation": operation,
        "collection": "app.bsky.feed.post",
        "rkey": "3mmo",
    }
    if operation != "delete":
        body |= {"record": RECORD, "cid": "bafy"}
    return json.dumps({"did": "did:plc:lea", "time_us": time_us, "kind": "commit", "commit": body | commit})


def second(operation: str = "create", **payload: Any) -> str:  # noqa: ANN401
    """A frame of version 2."""
    body: dict[str, Any] = {
        "$type": "network.bsky.jetstream.subscribeEvents#commit", "seq": 12, "did": "did:plc:lea",
        "time": "2026-11-22T09:00:00Z", "rev": "3a", "operation": operation,
        "collection": "app.bsky.feed.post", "rkey": "3mmo",
    }  # fmt: skip
    if operation != "delete":
        body |= {"record": RECORD, "cid": "bafy"}
    return json.dumps({"$type": "message", "payload": body | payload})


@pytest.mark.parametrize("frame", [pytest.param(first(), id="v1"), pytest.param(second(), id="v2")])
def test_a_new_post_is_read_in_either_version(frame: str) -> None:
    heard = stream().read(frame)
    (item,) = heard.items
    assert (item.external_id, item.author, item.lang) == (URI, "did:plc:lea", "fr")
    assert (item.text, item.url) == ("Velinor again", "https://bsky.app/profile/did:plc:lea/post/3mmo")
    assert item.published_at
    assert item.published_at.isoformat() == "2026-11-22T08:59:58.757000+00:00"
    assert (heard.position, heard.at, item.edited_at) == ((US, ""), NOW, None)
    assert item.extra == {"reply_to": "at://p"}


@pytest.mark.parametrize("frame", [first("update"), second("update")])
def test_an_update_is_an_edit(frame: str) -> None:
    (item,) = stream().read(frame).items
    assert (item.external_id, item.edited_at) == (URI, NOW)


@pytest.mark.parametrize("frame", [first("delete"), second("delete")])
def test_a_deletion_takes_the_post_back(frame: str) -> None:
    heard = stream().read(frame)
    assert (heard.deleted, list(heard.items)) == ([URI], [])


@pytest.mark.parametrize(
    ("record", "at"),
    [
        ({"createdAt": "2026-11-22T08:59:00+00:00", "text": ""}, "2026-11-22T08:59:00+00:00"),
        ({"createdAt": "soon", "text": "x", "langs": None}, "2026-11-22T09:00:00+00:00"),
        ({"text": "x", "langs": ["en-US", "en"]}, "2026-11-22T09:00:00+00:00"),
    ],
)
def test_records_as_programs_write_them_are_read(record: dict[str, Any], at: str) -> None:
    (item,) = stream().read(first(record=record)).items
    assert item.published_at
    assert item.published_at.isoformat() == at


def test_frames_of_identities_accounts_and_other_collections_only_move_the_time() -> None:
    for frame in (
        json.dumps({"did": "d", "time_us": US, "kind": "identity", "identity": {"did": "d", "handle": "h"}}),
        json.dumps({"did": "d", "time_us": US, "kind": "account", "account": {"active": False}}),
        first(collection="app.bsky.feed.like"),
        second(collection="app.bsky.graph.follow"),
        second(**{"$type": "network.bsky.jetstream.subscribeEvents#identity"}),
    ):
        heard = stream().read(frame)
        assert (list(heard.items), list(heard.deleted), heard.position) == ([], [], (US, ""))


@pytest.mark.parametrize(
    "frame", ["", "x", "[]", "7", "{}", '{"time_us": "soon"}', '{"kind": "commit"}', "{" * 9_000]
)
def test_what_cannot_be_read_says_nothing(frame: str) -> None:
    heard = stream().read(frame)
    assert (list(heard.items), heard.position) == ([], None)
    assert heard.note


def test_no_field_of_a_frame_is_taken_for_granted() -> None:
    for frame in (first(), second()):
        body = json.loads(frame)
        inner = body.get("payload") or body["commit"]
        for place in (body, inner, inner["record"]):
            for name in list(place):
                before = place[name]
                for value in WRONG:
                    place[name] = value
                    try:
                        stream().read(json.dumps(body))
                    except SourceError as error:
                        assert "Jetstream" in str(error)  # noqa: PT017 - few of them raise
                place[name] = before


@pytest.mark.parametrize(("short", "told"), [("c", (1, 0)), ("u", (1, 0)), ("d", (0, 1))])
def test_frames_of_its_first_months_are_read(short: str, told: tuple[int, int]) -> None:
    commit = {
        "rev": "3a",
        "type": short,
        "collection": "app.bsky.feed.post",
        "rkey": "3mmo",
        "record": RECORD,
    }
    frame = {"did": "did:plc:lea", "time_us": US, "type": "com", "commit": commit}
    heard = stream().read(json.dumps(frame))
    assert (len(heard.items), len(heard.deleted)) == told


def test_an_error_of_the_stream_ends_it() -> None:
    frame = {"$type": "error", "error": "ConsumerTooSlow", "message": "you are too slow"}
    with pytest.raises(SourceError, match="you are too slow") as caught:
        stream().read(json.dumps(frame))
    assert not caught.value.permanent


def test_the_cursor_is_the_latest_instant_whatever_the_order_of_the_lines() -> None:
    listening = stream()
    cursor = listening.cursor({"heard": 1}, (US, ""))
    assert cursor == {"heard": 1, "time_us": US}
    assert listening.cursor(cursor, (US - 5, ""))["time_us"] == US


def test_it_is_called_from_a_little_before_the_cursor_and_elsewhere_after_a_failure() -> None:
    calls = [stream().call({"time_us": US}, now=NOW, tries=tries) for tries in range(5)]
    assert calls[0].url == (
        "wss://jetstream1.us-east.bsky.network/subscribe"
        f"?wantedCollections=app.bsky.feed.post&cursor={US - 5_000_000}"
    )
    assert len({call.url for call in calls}) == 4
    assert "cursor" not in stream().call({}, now=NOW, tries=0).url
    newer = stream(version="v2").call({"time_us": US}, now=NOW, tries=1)
    assert newer.url == (
        "wss://jetstream.us-west.bsky.network/xrpc/network.bsky.jetstream.subscribeEvents"
        f"?kinds=commit&collections=app.bsky.feed.post&cursor={US - 5_000_000}"
    )


def test_a_stream_that_begins_later_than_it_was_left_has_a_gap() -> None:
    listening = stream()
    listening.call({"time_us": US - 48 * 3_600_000_000}, now=NOW, tries=0)
    assert listening.read(first(time_us=US - 36 * 3_600_000_000)).note == (
        "gap: the stream goes on at 20 Nov 21:00:00 UTC, and was heard until 20 Nov 09:00:00"
    )
    assert listening.read(first(time_us=US)).note == ""
    listening.call({"time_us": US}, now=NOW, tries=0)
    assert listening.read(first(time_us=US + 2_000_000)).note == ""


def test_version_2_says_itself_that_the_cursor_is_too_old() -> None:
    frame = {
        "$type": "message",
        "payload": {"$type": "network.bsky.jetstream.subscribeEvents#info", "name": "OutdatedCursor"},
    }
    assert stream().read(json.dumps(frame)).note.startswith("gap")


def test_posts_in_other_languages_are_left_out_if_that_is_wished() -> None:
    listening = stream(langs=["fr"])
    told = [
        len(listening.read(first(record=RECORD | {"langs": langs})).items)
        for langs in (["fr"], ["fr-CA"], ["en", "fr"], ["en"], [], None)
    ]
    assert told == [1, 1, 1, 0, 1, 1]


@pytest.mark.parametrize(
    ("url", "settings"),
    [
        ("wss://jetstream2.us-west.bsky.network/subscribe?wantedCollections=x", {"version": "v1"}),
        (
            "wss://jetstream.us-west.bsky.network/xrpc/network.bsky.jetstream.subscribeEvents?kinds=commit",
            {"version": "v2"},
        ),
        ("https://news.example/feed", None),
    ],
)
def test_settings_are_found_from_an_address(url: str, settings: dict[str, str] | None) -> None:
    from_url = kind("jetstream").from_url
    assert from_url
    assert from_url(url) == settings
