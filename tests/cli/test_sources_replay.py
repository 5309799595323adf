"""Saved answers through the code of a source: what comes out, and how a file that does not fit is told."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import BaseModel, ConfigDict, Field
from typer.testing import CliRunner

from app import sources
from app.cli import app
from app.errors import BadInput
from app.http_client import ask, good
from app.sources.base import Batch, Call, Heard, Item, Kind
from app.sources.feed import rss

FEED = "https://news.example/feed"
Replayed = tuple[list[dict[str, Any]], list[dict[str, Any]]]


def feed(*ids: str) -> str:
    items = "".join(
        f"<item><guid>{i}</guid><title>Vélinor {i}</title><pubDate>Sun, 22 Nov 2026 08:0{n}:00 GMT</pubDate>"
        "</item>"
        for n, i in enumerate(ids)
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>t</title>{items}</channel></rss>'


def answer(body: object, url: str = FEED, status: object = 200, **headers: object) -> dict[str, Any]:
    return {"method": "GET", "url": url, "status": status, "headers": headers, "body": body}


@pytest.fixture
def replayed(tmp_path: Path) -> Callable[..., Replayed]:
    def run(kind: str, *files: object, settings: tuple[str, ...] = ()) -> Replayed:
        saved, out = tmp_path / "saved", tmp_path / "out"
        saved.mkdir()
        for number, content in enumerate(files):
            (saved / f"{number:02}.json").write_text(json.dumps(content), encoding="utf-8")
        given = [part for one in settings for part in ("--settings", one)]
        done = CliRunner().invoke(app, ["sources", "replay", kind, str(saved), "--out", str(out), *given])
        if done.exception is not None:
            raise done.exception
        return tuple(  # type: ignore[return-value]
            [json.loads(line) for line in (out / name).read_text(encoding="utf-8").splitlines()]
            for name in ("posts.jsonl", "runs.jsonl")
        )

    return run


def test_each_file_is_a_run_at_the_time_of_its_answers(replayed: Callable[..., Replayed]) -> None:
    first = [answer(feed("a", "b"), Date="Sun, 22 Nov 2026 09:00:00 GMT", ETag='"1"')]
    second = [answer(feed("a", "b", "c"), Date="Sun, 22 Nov 2026 09:05:00 GMT")]
    posts, runs = replayed("rss", first, second)
    assert [(p["id"], p["published_at"], p["text"], p["edited"]) for p in posts] == [
        ("a", "2026-11-22T08:00:00Z", "Vélinor a", None),
        ("b", "2026-11-22T08:01:00Z", "Vélinor b", None),
        ("c", "2026-11-22T08:02:00Z", "Vélinor c", None),
    ]
    assert [(r["at"], r["window"], r["status"], r["count"], r["coverage"]) for r in runs] == [
        ("2026-11-22T09:00:00Z", [None, "2026-11-22T09:00:00Z"], "ok", 2, 1.0),
        ("2026-11-22T09:05:00Z", ["2026-11-22T09:00:00Z", "2026-11-22T09:05:00Z"], "ok", 1, 1.0),
    ]


def test_an_error_answer_is_a_failed_run_with_its_wait(replayed: Callable[..., Replayed]) -> None:
    date = {"Date": "Sun, 22 Nov 2026 09:00:00 GMT"}
    slow = [answer("", status=429, **{"Retry-After": "90"}, **date)]
    posts, runs = replayed("rss", slow, [answer("oops", status=500, **date)], [answer(feed("a"), **date)])
    assert [(r["status"], r["count"], r["coverage"], r["wait"]) for r in runs] == [
        ("failed", 0, 0.0, 90.0),
        ("failed", 0, 0.0, 600.0),
        ("ok", 1, 1.0, None),
    ]
    assert [p["id"] for p in posts] == ["a"]


def test_an_edit_keeps_the_post_and_says_when(replayed: Callable[..., Replayed]) -> None:
    edited = feed("a").replace("Vélinor a", "Vélinor denies")
    posts, runs = replayed(
        "rss",
        {"now": "2026-11-22T09:00:00+00:00", "answers": [answer(feed("a"))]},
        {"now": "2026-11-22T09:05:00+00:00", "answers": [answer(edited)]},
    )
    assert [(p["id"], p["text"], p["edited"]) for p in posts] == [
        ("a", "Vélinor denies", "2026-11-22T09:05:00Z")
    ]
    assert [(r["count"], r["edited"]) for r in runs] == [(1, 0), (0, 1)]


def test_without_a_date_header_the_newest_date_in_it_is_now(replayed: Callable[..., Replayed]) -> None:
    bare = {"method": "GET", "url": FEED, "status": 200, "body": feed("a", "b")}
    _, runs = replayed("rss", [bare], [{**bare, "status": 500, "body": "", "headers": [["X", "1"]]}])
    assert [run["at"] for run in runs] == ["2026-11-22T08:01:00Z", "2026-11-22T08:06:00Z"]


def test_headers_may_be_pairs_and_bodies_may_have_been_packed(replayed: Callable[..., Replayed]) -> None:
    headers = [["Content-Encoding", "gzip"], ["Content-Type", "text/xml; charset=iso-8859-1"]]
    posts, _ = replayed("rss", [answer(feed("a")) | {"headers": headers}])
    assert posts[0]["text"] == "Vélinor a"


def test_what_the_code_asks_and_nobody_saved_is_told(replayed: Callable[..., Replayed]) -> None:
    other = [answer(feed("a"), url="https://news.example/other")]
    _, runs = replayed("rss", other, settings=(f"url={FEED}",))
    assert runs[0]["status"] == "failed"
    assert f"GET {FEED} is not among the saved answers: next is GET https://news.example" in runs[0]["note"]
    assert "not asked for: GET https://news.example/other" in runs[0]["note"]


POST = {
    "uri": "at://did:plc:a/app.bsky.feed.post/1",
    "record": {"text": "Vélinor", "createdAt": "2026-11-22T08:00:00Z"},
}
STATUS = {
    "id": "7", "uri": "https://m.example/7", "created_at": "2026-11-22T08:00:00Z",
    "content": "<p>Vélinor</p>",
}  # fmt: skip
QUESTION = {"question_id": 5, "title": "Vélinor", "creation_date": 1_795_334_400}


@pytest.mark.parametrize(
    ("kind", "url", "body", "one"),
    [
        pytest.param(
            "bluesky", "https://public.api.bsky.app/xrpc/app.bsky.feed.getPosts?uris=x", {"posts": [POST]},
            POST["uri"], id="bluesky",
        ),
        pytest.param(
            "mastodon", "https://m.example/api/v1/timelines/public", [STATUS], STATUS["uri"], id="mastodon"
        ),
        pytest.param(
            "stackexchange", "https://api.stackexchange.com/2.3/questions?site=superuser",
            {"items": [QUESTION]}, "5", id="stackexchange",
        ),
    ],
)  # fmt: skip
def test_a_list_that_was_saved_at_another_door_is_read_all_the_same(
    replayed: Callable[..., Replayed], kind: str, url: str, body: object, one: str
) -> None:
    saved = [answer(json.dumps(body), url=url)]
    posts, runs = replayed(kind, {"now": "2026-11-22T09:00:00+00:00", "answers": saved}, settings=())
    assert [(post["id"], post["published_at"]) for post in posts] == [(one, "2026-11-22T08:00:00Z")]
    assert (runs[0]["status"], runs[0]["coverage"]) == ("ok", 1)
    assert "was answered by what" in runs[0]["note"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param({"posts": 1}, "must be a list", id="object"),
        pytest.param([{"status": 200}], "entry 0: url is missing", id="no url"),
        pytest.param(["GET"], "entry 0: must be {method", id="text"),
        pytest.param([answer("", status="fine")], "status must be a number", id="status"),
    ],
)
def test_a_file_that_is_none_is_told_where(
    replayed: Callable[..., Replayed], content: object, why: str
) -> None:
    with pytest.raises(BadInput, match=why):
        replayed("rss", content)


def test_an_unknown_setting_is_told_with_those_there_are(replayed: Callable[..., Replayed]) -> None:
    with pytest.raises(BadInput, match="rss has no setting 'uri'; there are: url"):
        replayed("rss", [answer(feed())], settings=("uri=x",))


class Nothing(BaseModel):
    """No settings."""

    model_config = ConfigDict(extra="forbid")
    tags: list[str] = Field(default_factory=list, description="tags")


class Pages:
    """A made-up source whose pages go on until one is empty, behind a token."""

    def __init__(self, client: httpx.Client, secret: str | None) -> None:
        self._client, self._secret = client, secret

    def fetch(self, cursor: dict[str, Any], *, now: datetime) -> Batch:
        token = ask(self._client, "https://api.example/token", now=now, method="POST").json()["access_token"]
        assert (token, self._secret) == ("replay", "replay:replay")
        last, items = cursor.get("last", 0), []
        while True:
            url = "https://api.example/posts"
            page = good(ask(self._client, url, now=now, params={"min": last}), now=now).json()
            if not page["posts"]:
                break
            items += [Item(str(post), "text", now) for post in page["posts"]]
            last = page["posts"][-1]
        return Batch(items, {"last": last}, None, now, "ok")


class Murmur:
    """A made-up stream: one number a frame, and the seconds at which it was said."""

    def call(self, _cursor: dict[str, Any], *, now: datetime, tries: int) -> Call:  # noqa: ARG002
        return Call("wss://stream.example/")

    def read(self, frame: str) -> Heard:
        said = json.loads(frame)
        at = datetime.fromtimestamp(said["s"], UTC)
        if said.get("gone"):
            return Heard(deleted=[said["id"]], position=(said["s"], ""), at=at)
        return Heard([Item(said["id"], said["id"], at)], position=(said["s"], ""), at=at)

    def cursor(self, _before: dict[str, Any], position: tuple[int, str]) -> dict[str, Any]:
        return {"time": position[0]}


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Kind(
        "madeup", "A made-up kind for tests.", Nothing, lambda _, client, secret: Pages(client, secret),
        rss.KIND.cadence, secret="needed",
    )  # fmt: skip
    stream = replace(made, name="murmur", build=None, listen=lambda _settings, _secret: Murmur())
    monkeypatch.setattr(sources, "KINDS", (*sources.KINDS, made, stream))


@pytest.mark.usefixtures("made_up")
def test_tokens_and_the_page_after_the_last_need_not_be_saved(replayed: Callable[..., Replayed]) -> None:
    pages = [
        answer({"posts": [1, 2], "next_cursor": "x"}, url="https://api.example/posts?min=7&page=1"),
        answer({"posts": [3]}, url="https://api.example/posts?min=2"),
    ]
    posts, runs = replayed("madeup", {"now": 1_795_000_000, "answers": pages})
    assert [post["id"] for post in posts] == ["1", "2", "3"]
    assert runs[0]["cursor"] == {"last": 3}
    assert "asked once more than was saved: taken for the end" in runs[0]["note"]


@pytest.mark.usefixtures("made_up")
def test_frames_go_through_the_reader_of_the_stream(replayed: Callable[..., Replayed]) -> None:
    def frames(*said: dict[str, Any]) -> list[dict[str, Any]]:
        body = "\n".join(json.dumps(one) for one in said)
        return [{"method": "FRAME", "url": "wss://stream.example/", "body": body}]

    at = 1_795_000_000
    posts, runs = replayed(
        "murmur",
        frames({"s": at, "id": "a"}, {"s": at + 2, "id": "b"}, {"s": at + 1, "id": "a"}),
        frames({"s": at + 3, "id": "a", "gone": True}, {"s": at + 4, "id": "c"}),
        frames({"s": at + 94, "id": "d"}, {"s": at + 104, "id": "e"}),
    )
    assert [post["id"] for post in posts] == ["b", "c", "d", "e"]
    assert [(r["status"], r["count"], r["deleted"], r["coverage"]) for r in runs] == [
        ("ok", 2, 0, 1.0),
        ("ok", 1, 1, 1.0),
        ("partial", 2, 0, 0.1),
    ]
    assert runs[2]["note"].startswith("gap: nothing from 2026-11-18")
    assert runs[2]["cursor"] == {"time": at + 104}


def test_what_was_brought_is_read_as_a_delivery(replayed: Callable[..., Replayed]) -> None:
    body = {"posts": [{"id": "a", "published_at": "2026-11-22T08:00:00Z", "text": "Glass"}, {"id": "b"}]}
    sent = {"method": "POST", "url": "https://tocsin.example/api/v1/sources/1/posts", "body": body}
    posts, runs = replayed("push", [sent])
    assert [(post["id"], post["text"]) for post in posts] == [("a", "Glass")]
    assert "post 1 was rejected" in runs[0]["note"]


@pytest.mark.usefixtures("made_up")
def test_frames_may_be_saved_one_by_one_and_without_an_address(replayed: Callable[..., Replayed]) -> None:
    said = [{"s": 1_795_000_000 + n, "id": f"p{n}"} for n in range(3)]
    posts, _ = replayed("murmur", [{"method": "FRAME", "body": one} for one in said])
    assert [post["id"] for post in posts] == ["p0", "p1", "p2"]


def test_the_same_thing_asked_for_at_another_door_is_answered(replayed: Callable[..., Replayed]) -> None:
    child = {"name": "t3_a", "created_utc": 1_795_000_000.0, "title": "Velinor", "selftext": "",
             "author": "lea", "permalink": "/r/velinor/comments/a/", "subreddit": "velinor"}  # fmt: skip
    listing = {"kind": "Listing", "data": {"after": None, "children": [{"kind": "t3", "data": child}]}}
    saved = [answer(listing, url="https://www.reddit.com/r/velinor/new.json?limit=100")]
    posts, runs = replayed("reddit", {"now": 1_795_000_600, "answers": saved})
    assert [post["id"] for post in posts] == ["t3_a"], runs
