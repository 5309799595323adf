"""Addresses of pictures come with posts of the kinds that have them."""

import json
from typing import Any

from app.sources.base import Item
from app.sources.bluesky import post as bluesky
from app.sources.feed import document
from app.sources.mastodon import status as mastodon


def shown(item: Item | None) -> Any:  # noqa: ANN401 - whatever stands there
    return (item.extra or {}).get("pictures") if item else None


def test_a_status_shows_its_pictures_and_no_film() -> None:
    files = [
        {"type": "image", "url": "https://m.example/large.png", "preview_url": "https://m.example/small.png"},
        {"type": "image", "url": "https://m.example/2.png", "preview_url": None},
        {"type": "video", "url": "https://m.example/f.mp4"},
        {"type": "image", "url": "file:///etc/passwd"}, None, {"type": "image"},
    ]  # fmt: skip
    status = {"uri": "https://m.example/1", "content": "<p>a</p>", "media_attachments": files}
    assert shown(mastodon.item_of(status)) == ["https://m.example/small.png", "https://m.example/2.png"]


def test_a_post_of_bluesky_shows_its_pictures_also_beside_a_quotation() -> None:
    image = {"alt": "x", "image": {"$type": "blob", "ref": {"$link": "bafkrei1"}, "mimeType": "image/jpeg"}}
    wanted = ["https://cdn.bsky.app/img/feed_thumbnail/plain/did:plc:1/bafkrei1@jpeg"]
    odd = [image, {"image": {"ref": {"$link": "../x"}}}, {"image": None}]
    for embed in ({"images": odd}, {"media": {"images": odd}, "record": {"uri": "at://x"}}):
        record = {"text": "a", "createdAt": "2026-11-22T08:00:00Z", "embed": embed}
        item = bluesky.item_of("at://did:plc:1/app.bsky.feed.post/1", record, author="ana", seen_at=None)
        assert shown(item) == wanted


def test_an_item_of_a_feed_shows_what_it_names_as_pictures() -> None:
    parts = (
        '<media:content url="https://a.example/1.jpg" medium="image"/>'
        '<media:content url="https://a.example/f.mp4" type="video/mp4"/>'
        '<enclosure url="https://a.example/2.png" type="image/png" length="1"/>'
        '<enclosure url="https://a.example/3.mp3" type="audio/mpeg" length="1"/>'
        '<media:thumbnail url="https://a.example/4.jpg"/>'
    )
    xml = f"""<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/"><channel><item><guid>1</guid>
        <title>a</title>{parts}</item></channel></rss>"""
    (item,) = document.read(xml.encode(), {}, url="https://a.example/f").items
    assert shown(item) == [f"https://a.example/{n}" for n in ("1.jpg", "2.png", "4.jpg")]
    feed = {"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "title": "a"}]}
    for image, pictures in (
        ("https://a.example/1.jpg", ["https://a.example/1.jpg"]),
        ("1.jpg", None),
        (3, None),
    ):
        entry = feed["items"][0] | {"image": image}  # type: ignore[operator]
        (item,) = document.read(
            json.dumps(feed | {"items": [entry]}).encode(), {}, url="https://a.example/f"
        ).items
        assert shown(item) == pictures
