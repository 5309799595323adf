"""Two hundred odd feeds of our own making, each with what must come out of it: `odd/*.txt`.

A feed is a few lines: `# its name`, if need be `@` with how its bytes are made, `>` with its format and
body, then for each item `=` with what is wanted of it (JSON), or `*` with how many there are, or `!` with
the words of the error; `?` with the word for what must be told beside. Bodies: `rss` and `atom` get their
frame, `date` is the date of one item, `raw` stands as it is; a backslash is what it is in Python, and
`{{9*word}}` is nine times that word. `@ enc=` encodes the body, `declare=` names an encoding in it, `bom=`
sets a mark before it, `type=` is the header, `bytes` takes each letter as a byte, `gzip` packs it, `cut=`
leaves so many bytes.
"""

import codecs
import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.errors import SourceError
from app.sources.base import Item
from app.sources.feed import document
from app.sources.feed.page import Page

ODD = Path(__file__).parent / "odd"
URL = "https://site.example/blog/feed.xml"
NAMESPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:atom="http://www.w3.org/2005/Atom" '
    'xmlns:slash="http://purl.org/rss/1.0/modules/slash/" '
    'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
)
FRAMES = {
    "rss": f'<?xml version="1.0"{{0}}?><rss version="2.0" {NAMESPACES}><channel>{{1}}</channel></rss>',
    "atom": '<?xml version="1.0"{0}?><feed xmlns="http://www.w3.org/2005/Atom">{1}</feed>',
    "date": "<rss version='2.0'><channel><item><guid>1</guid><title>a</title><pubDate>{1}</pubDate></item>"
    "</channel></rss>",
    "raw": "{1}",
}
ESCAPED = re.compile(r"\\(n|t|r|x[0-9a-f]{2}|u[0-9a-f]{4})")
REPEATED = re.compile(r"\{\{(\d+)\*(.*?)\}\}")
MARKS = {
    "utf-8": codecs.BOM_UTF8, "utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
}  # fmt: skip


@dataclass
class Odd:
    """One feed, and what must come out of it."""

    name: str
    how: dict[str, str] = field(default_factory=dict)
    frame: str = ""
    body: str = ""
    items: list[dict[str, Any]] = field(default_factory=list)
    error: str = ""
    told: str = ""

    def content(self) -> bytes:
        """The document as it comes over the wire."""
        body = REPEATED.sub(lambda found: int(found[1]) * found[2], self.body)
        body = ESCAPED.sub(lambda found: _character(found[1]), body)
        declared = f' encoding="{self.how["declare"]}"' if self.how.get("declare") else ""
        text = FRAMES[self.frame].replace("{0}", declared).replace("{1}", body)
        content = text.encode("latin-1" if "bytes" in self.how else self.how.get("enc", "utf-8"))
        content = MARKS[self.how["bom"]] + content if "bom" in self.how else content
        content = gzip.compress(content, mtime=0) if "gzip" in self.how else content
        return content[: int(self.how.get("cut", len(content)))]

    def read(self, content: bytes) -> Page:
        """What is read of it."""
        return document.read(content, {"content-type": self.how.get("type", "application/rss+xml")}, url=URL)


def _character(code: str) -> str:
    return {"n": "\n", "t": "\t", "r": "\r"}.get(code) or chr(int(code[1:], 16))


def odd_feeds() -> Iterator[Odd]:
    """All of them."""
    for file in sorted(ODD.glob("*.txt")):
        name, feed = "", Odd("")
        for line in file.read_text(encoding="utf-8").split("\n")[1:]:
            sign, rest = line[:1], line[1:].removeprefix(" ")
            if sign in ("#", "") and feed.frame:
                yield feed
                feed = Odd("")
            if sign == "#":
                name, feed = rest, Odd(f"{file.stem}: {rest}")
            elif sign == "@":
                feed.how = {one.partition("=")[0]: one.partition("=")[2] for one in rest.split()}
            elif sign == ">":
                feed.frame, _, feed.body = line[1:].partition(" ")
            elif sign == "=":
                feed.items.append(json.loads(rest))
            elif sign == "*":
                feed.items = [{} for _ in range(int(rest))]
            elif sign == "!":
                feed.error = rest
            elif sign == "?":
                feed.told = rest
            else:
                assert not line, f"{file.name}, {name}: {line}"


def seen(item: Item, wanted: dict[str, Any]) -> dict[str, Any]:
    """Of the item what is asked for, as it is written in the files."""
    at, edited, extra = item.published_at, item.edited_at, item.extra or {}
    shown = {
        "id": item.external_id, "length": len(item.external_id), "title": item.title, "text": item.text,
        "at": f"{at:%Y-%m-%dT%H:%M:%S}" if at else None, "precision": item.precision, "url": item.url,
        "edited": f"{edited:%Y-%m-%dT%H:%M:%S}" if edited else None, "author": item.author, "lang": item.lang,
        "replies": item.replies, "publisher": extra.get("publisher"), "tags": extra.get("tags"),
    }  # fmt: skip
    return {name: shown[name] for name in wanted}


FEEDS = list(odd_feeds())


def missed(one: Odd) -> str:
    """What came out of it in the place of what must; empty if all is right."""
    try:
        page = one.read(one.content())
    except SourceError as error:
        return "" if one.error and one.error in str(error) else f"{one.name}: {error}"
    found = [seen(item, wanted) for item, wanted in zip(page.items, one.items, strict=False)]
    if one.error or found != one.items or len(page.items) != len(one.items):
        return f"{one.name}: {len(page.items)} items, {found[:3]}"
    told = {"": "nothing", "malformed": page.malformed, "unread": page.unread}[one.told]
    return "" if told else f"{one.name}: nothing is told"


def test_every_odd_feed_brings_what_it_must() -> None:
    assert len(FEEDS) >= 200
    assert len({one.name for one in FEEDS}) == len(FEEDS)
    assert [wrong for one in FEEDS if (wrong := missed(one))] == []


def test_no_odd_feed_that_is_cut_breaks_the_reader() -> None:
    for one in FEEDS:
        content = one.content()
        if len(content) > 10_000:
            continue
        try:
            one.read(content[: len(content) * 2 // 3])
        except SourceError as error:
            assert "site.example" in str(error)  # noqa: PT017 - others break the test
