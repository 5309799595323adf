"""A post of Bluesky as its author wrote the record, with all that a reader would see of it."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from app.sources.base import Item
from app.sources.toolkit import loose
from app.sources.toolkit.pictures import pictures
from app.sources.toolkit.text import MAX_AUTHOR, clean, fit_id, language, web_url

COLLECTION = "app.bsky.feed.post"


def item_of(
    uri: str,
    record: Mapping[str, Any],
    *,
    author: str,
    seen_at: datetime | None,
    edited_at: datetime | None = None,
) -> Item:
    """The post; `seen_at` dates it where the author's own date cannot be read."""
    did, _, rkey = uri.removeprefix("at://").partition(f"/{COLLECTION}/")
    languages = record.get("langs")
    first = languages[0] if isinstance(languages, list) and languages else None
    return Item(
        external_id=fit_id(uri),
        text=text_of(record),
        published_at=loose.instant(record.get("createdAt")) or seen_at,
        author=clean(author, MAX_AUTHOR) or None,
        url=web_url(f"https://bsky.app/profile/{did}/post/{rkey}") if rkey else None,
        lang=language(first),
        edited_at=edited_at,
        extra=_extra(record, did),
    )


def text_of(record: Mapping[str, Any]) -> str:
    """The words of the post, then what it links to and shows: a watch may listen for any of it.

    >>> text_of({"text": "look", "embed": {"external": {"uri": "https://a.example", "title": "A"}}})
    'look\\n\\nA\\nhttps://a.example'
    """
    text = clean(loose.word(record.get("text")))
    rest = list[str]()
    for found in (*_shown(record.get("embed"), 2), *_links(record), *_tags(record)):
        words = clean(found, 2_000)
        if words and words not in text and words not in rest:
            rest.append(words)
    return clean("\n\n".join(filter(None, (text, "\n".join(rest)))))


def _shown(embed: object, depth: int) -> Iterator[str]:
    """Titles, addresses and descriptions of pictures in what is attached to the post."""
    external = loose.inner(embed, "external")
    for name in ("title", "description", "uri"):
        yield loose.word(loose.inner(external, name))
    yield loose.word(loose.inner(embed, "alt"))
    for image in loose.rows(loose.inner(embed, "images")):
        yield loose.word(image.get("alt"))
    if depth and isinstance(media := loose.inner(embed, "media"), dict):
        yield from _shown(media, depth - 1)


def _links(record: Mapping[str, Any]) -> Iterator[str]:
    for facet in loose.rows(record.get("facets")):
        for feature in loose.rows(facet.get("features")):
            yield loose.word(feature.get("uri"))


def _tags(record: Mapping[str, Any]) -> Iterator[str]:
    tags = record.get("tags")
    for tag in tags[:20] if isinstance(tags, list) else ():
        yield f"#{tag}" if isinstance(tag, str) and tag else ""


def _pictures(embed: object, did: str) -> Iterator[str]:
    """Small copies of the pictures, as the app shows them."""
    media = loose.inner(embed, "media")
    for image in loose.rows(loose.inner(embed, "images")) + loose.rows(loose.inner(media, "images")):
        cid = loose.word(loose.inner(image, "image", "ref", "$link"))
        if cid.isalnum():
            yield f"https://cdn.bsky.app/img/feed_thumbnail/plain/{did}/{cid}@jpeg"


def _extra(record: Mapping[str, Any], did: str) -> dict[str, Any] | None:
    languages = record.get("langs")
    several = [clean(loose.word(one), 12) for one in languages[:5]] if isinstance(languages, list) else []
    extra = {
        "reply_to": clean(loose.word(loose.inner(record, "reply", "parent", "uri")), 512),
        "quotes": clean(
            loose.word(loose.inner(record, "embed", "record", "uri"))
            or loose.word(loose.inner(record, "embed", "record", "record", "uri")),
            512,
        ),
        "pictures": pictures(_pictures(record.get("embed"), did)),
        "langs": several if len(several) > 1 else [],
    }
    return {name: value for name, value in extra.items() if value} or None
