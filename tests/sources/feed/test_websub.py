"""A feed says which hub tells of it; a hub signs what it tells."""

import hmac
import json

import pytest

from app.sources.feed import document as feed
from app.sources.feed.websub import hub_of, is_signed
from tests.sources.feed.feeds import URL, FarEnd, entry, rss

HUB, SELF = "https://hub.example/", "https://news.example/self"
ATOM_LINKS = f"<atom:link rel='hub' href='{HUB}'/><atom:link rel='self' href='{SELF}'/>"


def with_links(links: str) -> bytes:
    body = rss(entry(1), head=links).decode()
    return body.replace("<rss ", "<rss xmlns:atom='http://www.w3.org/2005/Atom' ").encode()


def found(body: bytes, headers: dict[str, str] | None = None) -> tuple[str, str] | None:
    headers = headers or {}
    return hub_of(feed.read(body, headers, url=URL), headers, url=URL)


def test_a_hub_is_found_in_the_links_of_a_feed() -> None:
    assert found(with_links(ATOM_LINKS)) == (HUB, SELF)
    assert found(with_links(f"<atom:link rel='hub' href='{HUB}'/>")) == (HUB, URL)
    assert found(rss(entry(1))) is None
    json_feed = {
        "version": "https://jsonfeed.org/version/1.1", "items": [], "feed_url": SELF,
        "hubs": [{"type": "rssCloud", "url": "https://x.example/"}, {"type": "WebSub", "url": HUB}, 7],
    }  # fmt: skip
    assert found(json.dumps(json_feed).encode()) == (HUB, SELF)


@pytest.mark.parametrize(
    "link",
    [
        f'<{HUB}>; rel="hub", <{SELF}>; rel="self"',
        f"<{SELF}>;rel=self;type=\"a,b\",<https://x.example/>; rel=next, <{HUB}>; title=x; rel='x'; rel=hub",
        f'</self>; rel="self", <{HUB}>; rel="hub preconnect"',
    ],
)
def test_a_hub_in_the_headers_comes_first(link: str) -> None:
    other = with_links("<atom:link rel='hub' href='https://other.example/'/>")
    if "rel='x'" in link:
        link = link.replace("; rel='x'", "")
    assert found(other, {"link": link}) == (HUB, SELF)


@pytest.mark.parametrize(
    "link", ["", "<", "<x>; rel=hub", "<javascript:x>; rel=hub", "x; rel=hub", "<http://[>; rel=hub"]
)
def test_a_header_that_is_no_link_to_a_hub_gives_none(link: str) -> None:
    hub = found(rss(entry(1)), {"link": link})
    assert hub is None or hub[0] == "https://news.example/x"


def test_a_run_tells_of_the_hub() -> None:
    assert FarEnd(with_links(ATOM_LINKS)).first().hub == (HUB, SELF)


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_a_signature_of_each_method_is_believed(method: str) -> None:
    mac = hmac.new(b"secret", b"body", method).hexdigest()
    assert is_signed(b"body", f"{method}={mac}", "secret")
    assert is_signed(b"body", f"{method.upper()}={mac.upper()} ", "secret")
    for wrong in (f"{method}={mac[:-1]}", mac, f"md5={mac}", "", "=", f"{method}=", f"{method}=é"):
        assert not is_signed(b"body", wrong, "secret")
    assert not is_signed(b"body ", f"{method}={mac}", "secret")
