"""Each format of feed, as sites write them, becomes the same posts."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from app.errors import SourceError
from tests.sources.feed.feeds import NOW, entry, read, rss

AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
RSS_2 = rss(
    """<item><title>Panne chez &lt;b&gt;Volta&lt;/b&gt;</title><link>https://news.example/volta</link>
    <guid isPermaLink="false">tag:1</guid><pubDate>Sun, 22 Nov 2026 09:00:00 +0100</pubDate>
    <description><![CDATA[<p>Plus de courant &amp; de
    train.<br/>D&eacute;part de feu&nbsp;?</p><script>x()</script>]]></description>
    <dc:creator xmlns:dc="http://purl.org/dc/elements/1.1/">Ana Ortiz</dc:creator><category>rail</category>
    <slash:comments xmlns:slash="http://purl.org/rss/1.0/modules/slash/">12</slash:comments></item>""",
    head="<language>fr-FR</language><ttl>10</ttl>",
)
RSS_1 = b"""<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
    <channel rdf:about="https://news.example/"><title>News</title><dc:language>fr-FR</dc:language></channel>
    <item rdf:about="tag:1"><title>Panne chez Volta</title><link>https://news.example/volta</link>
    <description>Plus de courant &amp;amp; de train.&lt;br&gt;D\xc3\xa9part de feu ?</description>
    <dc:date>2026-11-22T09:00:00+01:00</dc:date><dc:creator>Ana Ortiz</dc:creator></item></rdf:RDF>"""
ATOM = """<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="fr-FR">
    <title>News</title><id>tag:0</id><updated>2026-11-22T08:00:00Z</updated>
    <entry><id>tag:1</id><title type="html">Panne chez &lt;b&gt;Volta&lt;/b&gt;</title><link href="/volta"/>
    <published>2026-11-22T08:00:00Z</published><updated>2026-11-22T08:30:00Z</updated>
    <author><name>Ana Ortiz</name></author><summary>Une panne.</summary>
    <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">
    <p>Plus de courant &amp; de train.<br/>Départ
    de feu ?</p></div></content></entry></feed>""".encode()
JSON = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "News",
    "language": "fr-FR",
    "items": [
        {
            "id": "tag:1",
            "url": "https://news.example/volta",
            "title": "Panne chez Volta",
            "content_html": "<p>Plus de courant &amp; de train.<br>Départ de feu ?",
            "date_published": "2026-11-22T09:00:00+01:00",
            "authors": [{"name": "Ana Ortiz"}],
        }
    ],
}
JSON_1 = JSON | {
    "version": "https://jsonfeed.org/version/1",
    "items": [
        {key: value for key, value in JSON["items"][0].items() if key != "authors"}  # type: ignore[attr-defined]
        | {"author": {"name": "Ana Ortiz"}}
    ],
}


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        pytest.param(RSS_2, "application/rss+xml", id="RSS 2.0"),
        pytest.param(RSS_1, "application/rdf+xml", id="RSS 1.0"),
        pytest.param(ATOM, "application/atom+xml", id="Atom"),
        pytest.param(json.dumps(JSON).encode(), "application/feed+json", id="JSON Feed 1.1"),
        pytest.param(json.dumps(JSON_1).encode(), "text/html", id="JSON Feed 1.0, of the wrong type"),
        pytest.param(b"\xef\xbb\xbf" + RSS_2, "text/plain", id="byte order mark, of the wrong type"),
        pytest.param(RSS_2.decode().encode("utf-16"), "application/xml", id="UTF-16"),
    ],
)
def test_every_format_gives_the_same_post(body: bytes, content_type: str) -> None:
    batch = read(body, content_type)
    (item,) = batch.items
    assert item.external_id == "tag:1"
    assert item.title == "Panne chez Volta"
    assert item.text == "Plus de courant & de train.\nDépart de feu ?"
    assert (item.published_at, item.precision) == (AT, "exact")
    assert (item.author, item.lang, item.url) == ("Ana Ortiz", "fr-FR", "https://news.example/volta")
    assert (batch.status, batch.window_from, batch.coverage) == ("ok", None, 1.0)
    assert batch.note == "first run: the 1 posts that the feed held already"


def test_the_edit_the_comments_and_the_tags_are_kept() -> None:
    assert read(ATOM).items[0].edited_at == datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
    assert read(RSS_2).items[0].edited_at is None
    assert (read(RSS_2).items[0].replies, read(RSS_2).items[0].extra) == (12, {"tags": ["rail"]})


def test_a_body_in_windows_1252_is_read_as_its_header_says() -> None:
    body = (
        "<rss version='2.0'><channel><item><title>L’été à 20 €</title><guid>1</guid></item></channel></rss>"
    )
    assert read(body.encode("cp1252"), "text/xml; charset=windows-1252").items[0].title == "L’été à 20 €"


def test_a_wrong_charset_in_the_header_does_not_lose_the_feed() -> None:
    body = "<rss version='2.0'><channel><item><title>L’été</title><guid>1</guid></item></channel></rss>"
    batch = read(body.encode("cp1252"), "text/xml; charset=utf-8")
    assert batch.items[0].title == "L’été"


def test_without_guid_the_link_is_the_id_and_without_both_the_words_are() -> None:
    by_link, by_words, by_date = read(
        rss(entry(1, guid=""), entry(2, guid="", link=""), entry(3, guid="", link="", title="Post 2"))
    ).items
    assert by_link.external_id == "https://news.example/1"
    assert len(by_words.external_id) == len(by_date.external_id) == 64
    assert by_words.external_id != by_date.external_id


def test_an_id_longer_than_the_column_becomes_its_digest() -> None:
    (item,) = read(rss(entry(1, guid="x" * 513))).items
    assert len(item.external_id) == 64


YESTERDAY = NOW - timedelta(days=1)


@pytest.mark.parametrize(
    ("written", "read_as", "precision"),
    [
        pytest.param("Sun, 22 Nov 2026 08:00:00 GMT", AT, "exact", id="standard"),
        pytest.param("Sun, 22 Nov 2026 09:00:00 CET", AT, "exact", id="zone of Europe"),
        pytest.param("Sun, 22 Nov 2026 03:00:00 EST", AT, "exact", id="zone of America"),
        pytest.param("2026-11-22T08:00:00Z", AT, "exact", id="ISO"),
        pytest.param("2026-11-22", AT.replace(hour=0), "day", id="day"),
        pytest.param("Thu, 01 Jan 2099 00:00:00 GMT", YESTERDAY, "first_seen", id="2099"),
        pytest.param("yesterday evening", YESTERDAY, "first_seen", id="nonsense"),
        pytest.param("Sun, 99 Nov 2026 08:00:00 GMT", YESTERDAY, "first_seen", id="no such day"),
        pytest.param("", YESTERDAY, "first_seen", id="none"),
    ],
)
def test_dates_are_read_and_without_one_a_post_of_the_first_look_was_there_before(
    written: str, read_as: datetime, precision: str
) -> None:
    (item,) = read(rss(entry(1, pubDate=written))).items
    assert (item.published_at, item.precision) == (read_as, precision)


def test_text_that_a_database_or_a_terminal_would_choke_on_is_cleaned() -> None:
    hostile = {
        "id": 7,
        "title": "a\0b\ud800c\x1b[2Jd",
        "content_text": "\u202etext 🔥",
        "url": "javascript:x()",
    }
    (item,) = read(json.dumps(JSON | {"items": [hostile, "no object", {"id": None}]}).encode()).items
    assert (item.external_id, item.title, item.url) == ("7", "abc[2Jd", None)
    assert item.text == "\u202etext 🔥"
    assert item.precision == "first_seen"


def test_an_emoji_alone_is_a_post_and_nothing_at_all_is_none() -> None:
    batch = read(rss(entry(1, title="🔥", description=""), entry(2, title="", description="<img src='x'/>")))
    assert [item.title for item in batch.items] == ["🔥"]


def test_an_empty_feed_is_not_a_failure() -> None:
    assert read(rss()).status == "empty"
    assert read(json.dumps(JSON | {"items": []}).encode()).status == "empty"


def test_a_feed_that_breaks_in_the_middle_gives_what_it_has_and_says_so() -> None:
    whole = rss(*[entry(n) for n in range(10)])
    batch = read(whole.replace(b"Words of post 5</description>", b"Words & <b of post 5"))
    assert len(batch.items) >= 5
    assert "the feed is malformed: " in batch.note
    assert "in line 1" in batch.note


@pytest.mark.parametrize(
    ("body", "content_type", "why"),
    [
        pytest.param(b"<!DOCTYPE html><html><body>Hi</body></html>", "text/html", "a web page", id="page"),
        pytest.param(b"", "application/rss+xml", "not a feed", id="nothing"),
        pytest.param(b"/etc/passwd", "application/rss+xml", "not a feed", id="name of a file"),
        pytest.param(b"\x89PNG\r\n\x1a\n", "image/png", "not a feed", id="picture"),
        pytest.param(b"<rss version='2.0'><channel><title>", "text/xml", "broken and empty", id="cut"),
        pytest.param(b'{"a": 1}', "application/json", "not a JSON Feed", id="other JSON"),
        pytest.param(b'{"a": ' + b"[" * 100_000, "application/json", "nested too deeply", id="depth bomb"),
        pytest.param(b'{"a": NaN}', "application/json", "NaN", id="NaN"),
        pytest.param(b'{"version": ', "application/json", "broken", id="cut JSON"),
        pytest.param(b"<rss version='2.0'>" + b"<a>" * 400_000, "text/xml", "tags", id="too many tags"),
        pytest.param(rss(entry(1)), "text/xml; charset=punycode", "punycode", id="slow charset"),
        pytest.param(b"<?xml version='1.0' encoding='utf-7'?><rss/>", "", "utf-7", id="hiding charset"),
    ],
)
def test_what_is_not_a_feed_is_told_in_a_sentence(body: bytes, content_type: str, why: str) -> None:
    with pytest.raises(SourceError, match=why) as caught:
        read(body, content_type)
    assert str(caught.value).startswith("https://news.example/feed ")
    assert not caught.value.permanent


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BOMB = f"""<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l0 "ha">{LAUGHS}]>
    <rss version="2.0"><channel><item><title>&l9;</title></item></channel></rss>"""
FILE = """<?xml version="1.0"?><!doctype rss [<!entity x SYSTEM "file:///etc/passwd">]>
    <rss version="2.0"><channel><item><title>&x;</title></item></channel></rss>"""


@pytest.mark.parametrize("body", [BOMB.encode(), FILE.encode(), BOMB.encode("utf-16"), BOMB.encode("utf-32")])
def test_entities_of_its_own_make_a_feed_refused(body: bytes) -> None:
    with pytest.raises(SourceError, match="declares entities of its own"):
        read(body)
