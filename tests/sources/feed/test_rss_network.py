"""A feed over a real connection: packed, asked twice, dripping, and led astray."""

import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import pytest

from app.errors import SourceError
from app.http_client import open_client
from app.settings import Settings
from app.sources.feed.rss import Feed, RssSettings
from tests.http_client.loopback import Site
from tests.sources.feed.feeds import NOW, entry, later, rss


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def feed(site: Site) -> Iterator[Feed]:
    with open_client(Settings(allow_private_hosts=["127.0.0.1"])) as client:
        yield Feed(RssSettings(url=site.url + "/feed"), client)


def test_a_packed_feed_is_read_and_then_found_unchanged(site: Site, feed: Feed) -> None:
    def reply(handler: BaseHTTPRequestHandler) -> None:
        known = handler.headers["If-None-Match"] == '"1"'
        body = b"" if known else gzip.compress(rss(entry(1), entry(2)))
        handler.send_response(304 if known else 200)
        handler.send_header("ETag", '"1"')
        handler.send_header("Content-Encoding", "gzip")
        handler.send_header("Content-Type", "application/rss+xml")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    site.replies["/feed"] = reply
    first = feed.fetch({}, now=NOW)
    assert [item.external_id for item in first.items] == ["id-1", "id-2"]
    assert feed.fetch(first.cursor, now=later(5)).status == "unchanged"


def test_a_feed_that_leads_into_a_private_network_is_refused_for_good(site: Site, feed: Feed) -> None:
    site.says("/feed", 301, Location="http://169.254.169.254/latest/meta-data/")
    with pytest.raises(SourceError, match="private network") as caught:
        feed.fetch({}, now=NOW)
    assert caught.value.permanent


def test_a_feed_that_ends_too_early_is_tried_again_later(site: Site, feed: Feed) -> None:
    def reply(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "5000")
        handler.end_headers()
        handler.wfile.write(rss(entry(1)))

    site.replies["/feed"] = reply
    with pytest.raises(SourceError, match="cannot be reached") as caught:
        feed.fetch({}, now=NOW)
    assert not caught.value.permanent
