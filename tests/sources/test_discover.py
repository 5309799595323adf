"""What a site offers to listen to, found on its page and behind its links."""

import httpx
import yaml

from app.cli.sources_discover import file_of
from app.http_client import open_client
from app.settings import Settings
from app.sources import kind
from app.sources.discover import Found, discover
from tests.http_client.loopback import NOW

FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>t</title>
<item><guid>1</guid><title>a</title><pubDate>Sun, 22 Nov 2026 08:00:00 GMT</pubDate></item></channel></rss>"""
PAGE = """<!DOCTYPE html><html><head>
<link rel="alternate" type="application/rss+xml" href="/news.xml" title="News">
<link rel='alternate' type='application/rss+xml' href='/gone.xml'>
<link rel="alternate" hreflang="en" href="/en"></head><body>
<a href="https://forum.brand.example/t/1">Forum</a> <a href="/blog/feed/">Blog</a>
<a href="https://bsky.app/profile/brand.example">Bluesky</a>
<a rel="me noopener" href="https://piaille.fr/@Brand">Mastodon</a>
<a href="https://www.reddit.com/r/brand/">Reddit</a>
<a href="https://apps.apple.com/fr/app/brand-shop/id123456789?l=en">App</a>
<a href="https://play.google.com/store/apps/details?id=com.brand.app&amp;hl=fr">App</a>
<a href="https://www.youtube.com/channel/UC1234567890123456789012">Videos</a>
<a href="http://[">broken</a> <a href='javascript:alert("x")'>script</a></body></html>"""


def world(request: httpx.Request) -> httpx.Response:
    where = f"{request.url.host}{request.url.path}"
    pages = {
        "brand.example/": PAGE,
        "brand.example/news.xml": FEED,
        "brand.example/blog/feed/": FEED,
        "forum.example/talk/": "<html lang='fr' id='XF'><p>Topics</p></html>",
        "forum.example/talk/forums/-/index.rss": FEED,
        "bare.example/": "<html><p>Nothing</p></html>",
        "bare.example/feed": FEED,
        "forum.brand.example/site/basic-info.json": '{"title": "Forum", "description": ""}',
    }
    return httpx.Response(200, text=pages[where]) if where in pages else httpx.Response(404)


def found(url: str) -> list[Found]:
    with open_client(Settings(), transport=httpx.MockTransport(world)) as client:
        return discover(client, url, now=NOW)


def test_a_page_leads_to_feeds_forum_accounts_and_apps() -> None:
    assert [(one.kind, one.settings) for one in found("https://brand.example/")] == [
        ("rss", {"url": "https://brand.example/news.xml"}),
        ("rss", {"url": "https://brand.example/blog/feed/"}),
        ("discourse", {"forum": "https://forum.brand.example"}),
        ("bluesky", {"query": '"brand.example"'}),
        ("mastodon", {"instance": "piaille.fr", "hashtag": "brand"}),
        ("reddit", {"subreddits": ["brand"]}),
        ("youtube", {"channels": ["UC1234567890123456789012"]}),
        ("app_store", {"app": "123456789", "country": "fr"}),
        ("google_play", {"package": "com.brand.app"}),
    ]


def test_a_feed_is_told_with_its_age() -> None:
    assert found("https://brand.example/")[0].why == "named by the page: 1 posts, the newest of 2026-11-22"


def test_a_page_that_names_no_feed_is_asked_at_the_usual_places() -> None:
    assert [(one.kind, one.why[:13]) for one in found("https://bare.example/")] == [("rss", "a usual place")]


def test_the_feed_of_a_forum_is_looked_for_where_its_software_puts_it() -> None:
    (one,) = found("https://forum.example/talk/")
    assert one.settings == {"url": "https://forum.example/talk/forums/-/index.rss"}


def test_an_address_of_a_feed_is_one() -> None:
    (one,) = found("https://brand.example/news.xml")
    assert one.settings == {"url": "https://brand.example/news.xml"}


def test_what_is_found_is_a_file_to_apply_and_what_needs_more_is_a_comment_in_it() -> None:
    text = file_of(found("https://brand.example/"))
    written = yaml.safe_load(text)["sources"]
    assert {one["kind"] for one in written} <= {"rss", "discourse", "mastodon", "app_store"}
    for one in written:
        kind(one["kind"]).settings.model_validate(one["settings"])
    assert "#   kind: reddit" in text
    assert "#     handle: …" in text
