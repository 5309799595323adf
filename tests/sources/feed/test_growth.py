"""No feed takes long to be read: four times as much of whatever it holds takes about four times as long."""

from collections.abc import Callable

import pytest

from app.errors import SourceError
from app.sources.feed import document
from tests.sources.feed.feeds import entry, read, rss
from tests.standins.growth import grows_with_its_share

URL = "https://feeds.example/feed"
_ATOM = "<feed xmlns='http://www.w3.org/2005/Atom'>"
_NAMES = (
    "xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:itunes='http://www.itunes.com/DTDs/PodCast-1.0.dtd'"
)


def feed(inner: str, *, head: str = "", more: str = "") -> bytes:
    return f"{head}<rss version='2.0' {_NAMES} {more}><channel>{inner}</channel></rss>".encode()


def item(inner: str) -> bytes:
    return feed(f"<item><guid>1</guid><title>T</title>{inner}</item>")


def broken(inner: str) -> bytes:
    return f"<rss version='2.0'><channel><item><title>T</title>&nothing;<b>{inner}".encode()


def xhtml(inner: str) -> bytes:
    return f"{_ATOM}<entry><content type='xhtml'>{inner}</content></entry></feed>".encode()


def counted(tag: str, n: int) -> str:
    return "".join(f"<{tag}>{i}</{tag}>" for i in range(n))


# What a feed holds so many of, and how many are enough to see how its reading grows.
MUCH: dict[str, tuple[Callable[[int], bytes], int]] = {
    "letters in an author": (lambda n: item(f"<author>{'a' * n}</author>"), 8_000),
    "full stops in an author": (lambda n: item(f"<author>a@{'a.' * n}</author>"), 4_000),
    "letters in an author of Dublin Core": (lambda n: item(f"<dc:creator>{'a' * n}</dc:creator>"), 8_000),
    "letters in an editor": (lambda n: feed(f"<managingEditor>{'a' * n}</managingEditor>"), 8_000),
    "letters in an owner": (lambda n: item(f"<itunes:author>{'a' * n}</itunes:author>"), 8_000),
    "letters in a broken author": (lambda n: broken(f"<author>{'a' * n}</author>"), 8_000),
    "authors in a post": (lambda n: item(f"<author>{'a' * 250}@</author>" * n), 500),
    "parts of an author": (lambda n: item(f"<author>{'<b/>aaaaaaaa' * n}</author>"), 2_000),
    "tags of a post": (lambda n: item(counted("category", n)), 3_000),
    "broken tags of a post": (lambda n: broken(counted("category", n)), 3_000),
    "keywords": (
        lambda n: item(f"<itunes:keywords>{' '.join(map(str, range(n)))}</itunes:keywords>"),
        3_000,
    ),
    "attributes": (lambda n: item("<b " + " ".join(f"a{i}='1'" for i in range(n)) + "/>"), 2_000),
    "namespaces and elements": (
        lambda n: feed("<x:b/>" * n, more=" ".join(f"xmlns:n{i}='{i}'" for i in range(n)) + " xmlns:x='x'"),
        1_500,
    ),
    "letters in a namespace": (lambda n: feed("<x:b/>" * n, more=f"xmlns:x='{'u' * 40 * n}'"), 2_000),
    "folders of a base": (lambda n: feed("<b/>" * n, more=f"xml:base='http://a/{'a/' * n}'"), 1_000),
    "letters in a language": (lambda n: feed("<title/>" * n, more=f"xml:lang='{'a_' * 20 * n}'"), 2_000),
    "letters in a type": (lambda n: item(f"<content type='{'A' * 40 * n}xml'>{'<b/>' * n}</content>"), 2_000),
    "empty lines before it": (lambda n: feed("", head="<?xml version='1.0'?>" + "\n" * n), 8_000),
    "empty lines in a comment": (lambda n: feed("", head=f"<!--{chr(10) * n}-->"), 8_000),
    "entities before it": (lambda n: feed("", head="\n<!ENTITY" * n), 2_000),
    "charsets in its first line": (lambda n: feed("", head="<? " + "encoding='" * n + "\n"), 200),
    "charsets in its only line": (
        lambda n: feed("<title>" + "encoding='" * n + "</title>", head="<?xml version='1.0'?>"),
        200,
    ),
    "elements in each other": (lambda n: item("<b>" * n + "</b>" * n), 3_000),
    "broken elements in each other": (lambda n: broken("<b>" * n), 3_000),
    "ends of what was never begun": (lambda n: broken("<b>" * n + "</c>" * n), 3_000),
    "ends in another order": (lambda n: broken("<b><c>" * n + "</b></d>" * n), 2_000),
    "HTML in itself": (lambda n: item(f"<description><![CDATA[{'<b>' * n}]]></description>"), 2_000),
    "XHTML in itself": (
        lambda n: xhtml("<div>" * n + "</div>" * n),
        2_000,
    ),
    "digits in a date": (lambda n: item(f"<pubDate>{'1' * n}</pubDate>"), 20_000),
    "spaces in a date": (lambda n: item(f"<pubDate>1{' ' * n}x</pubDate>"), 20_000),
    "open tags": (lambda n: broken("<a " * n), 3_000),
    "open quotes": (lambda n: broken("<a \"'" * n), 3_000),
    "open comments": (lambda n: broken("<!--" * n), 3_000),
    "ampersands": (lambda n: broken("&" * n), 8_000),
}


@pytest.mark.parametrize("what", MUCH)
def test_four_times_as_much_takes_no_sixteen_times_as_long(what: str) -> None:
    make, size = MUCH[what]
    assert grows_with_its_share(lambda content: document.read(content, {}, url=URL), make, size)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param(MUCH["attributes"][0](60), "more than 50 attributes", id="attributes"),
        pytest.param(MUCH["namespaces and elements"][0](120), "more than 100 namespaces", id="namespaces"),
        pytest.param(MUCH["letters in a namespace"][0](20), "more than 500 characters", id="namespace"),
        pytest.param(MUCH["entities before it"][0](2_000), "more than 10,000 bytes before", id="entities"),
        pytest.param(feed("").decode().encode("cp037"), "charset|not a feed", id="a charset of its own"),
        pytest.param(b"Lo\xa7\x94" + feed("").decode().encode("cp037"), "EBCDIC", id="EBCDIC"),
        pytest.param(feed("", head="<?xml version='1.0' encoding='cp500'?>"), "cp500", id="EBCDIC, named"),
    ],
)
def test_what_no_feed_needs_is_refused_by_its_name(content: bytes, why: str) -> None:
    with pytest.raises(SourceError, match=why) as caught:
        document.read(content, {}, url=URL)
    assert "feeds.example" in str(caught.value)


def test_what_is_cut_of_an_author_is_more_than_what_is_kept_of_it() -> None:
    long = "ana@example.org (Ana Lima) " + "Ana " * 1_000
    batch = read(rss(entry(1, author=long), entry(2, author="ben@example.org (Ben)")))
    assert [item.author for item in batch.items] == [long[:200].strip(), "ben@example.org (Ben)"]
