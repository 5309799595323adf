"""Whatever a site sends, it becomes posts that can be stored, or one sentence."""

import json
import random

import pytest

from app.errors import SourceError
from app.http_client import MAX_BYTES
from tests.sources.feed.feeds import FarEnd, entry, read, rss

SPLINTERS = [
    b"<", b">", b"&", b"]]>", b"<![CDATA[", b"<!--", b"<item>", b"</item>", b"http://[", b"\xff", b"\0",
    b"&#x110000;", b"&#55296;", b"<guid>", b"<link href='//[::'/>", b"<pubDate>", b"9" * 30, b"<!DOCTYPE ",
    b"xml:base='http://['", b"<dc:date>2026-13-45T99:99:99+99:99", b"1e999", b"null", b"[", b"{",
    b"<content type='application/octet-stream' mode='base64'>", b"<?xml version='1.0' encoding='",
]  # fmt: skip
TYPES = [
    "text/xml",
    "",
    "text/xml; charset=latin-1",
    "application/xml; charset=zlib",
    'a/b; charset="',
    "x; charset=hex",
]
JSON = {
    "version": "https://jsonfeed.org/version/1",
    "items": [{"id": "1", "title": "T", "content_html": "<p>x", "tags": ["a"], "author": {"name": "Ana"}}],
}


def damaged(body: bytes, chance: random.Random) -> bytes:
    broken = bytearray(body)
    for _ in range(chance.randint(1, 5)):
        at = chance.randrange(len(broken))
        match chance.randrange(3):
            case 0:
                broken[at:at] = chance.choice(SPLINTERS)
            case 1:
                del broken[at : at + chance.randint(1, 40)]
            case _:
                broken[at] = chance.randrange(256)
    return bytes(broken)


@pytest.mark.parametrize("seed", range(5))
def test_a_damaged_feed_is_posts_or_a_sentence(seed: int) -> None:
    chance = random.Random(seed)
    feeds = [
        rss(*[entry(n) for n in range(5)]),
        rss(entry(1)).decode().encode("utf-16"),
        json.dumps(JSON).encode(),
    ]
    read_at_all = 0
    for _ in range(80):
        try:
            batch = read(damaged(chance.choice(feeds), chance), chance.choice(TYPES))
        except SourceError:
            continue
        read_at_all += 1
        for item in batch.items:
            stored = item.external_id + item.title + item.text + (item.author or "") + (item.url or "")
            assert "\0" not in stored
            assert stored.encode()
            assert 0 < len(item.external_id) <= 512
            assert json.dumps(item.extra, allow_nan=False)
    assert read_at_all > 20


def test_an_emoji_that_was_written_as_two_halves_is_whole_again() -> None:
    batch = read(rss(entry(1, title="A &#55357;&#56613; and &#xD83D; and &#0;&#233;"), entry(2)))
    assert batch.items[0].title == "A 🔥 and and é"
    assert batch.note.startswith("first run")
    assert "malformed" not in batch.note


def test_a_link_that_is_no_address_costs_no_other_post() -> None:
    batch = read(rss(entry(1, link="http://["), entry(2, link="javascript:x()"), entry(3, link="/relative")))
    assert [item.url for item in batch.items] == [None, None, "https://news.example/relative"]


def test_a_feed_of_ten_megabytes_is_read_and_a_larger_one_refused() -> None:
    words = "words " * 1_600
    body = rss(*[entry(n, description=words) for n in range(1_000)])
    assert 0.9 * MAX_BYTES < len(body) < MAX_BYTES
    assert len(read(body).items) == 1_000
    with pytest.raises(SourceError, match="more than 10,000,000 bytes"):
        read(body + body)


def test_no_more_than_two_thousand_posts_are_taken_at_once() -> None:
    body = json.dumps(JSON | {"items": [{"id": n, "title": "T"} for n in range(3_000)]}).encode()
    batch = read(body, "application/json")
    assert len(batch.items) == 2_000
    assert "only the first 2,000 of 3,000 posts were taken" in batch.note


def test_ids_do_not_change_with_the_address_of_the_feed() -> None:
    far_end = FarEnd(rss(entry(1), entry(2, guid="http://other.example/2")))
    assert [item.external_id for item in far_end.first().items] == ["id-1", "http://other.example/2"]
