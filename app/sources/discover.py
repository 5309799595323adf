"""What can be listened to of a site: feeds, forums, accounts and apps that its pages lead to."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx

from app import http_client
from app.errors import NotYet, SourceError
from app.sources.feed import jsonfeed, xmlfeed
from app.sources.toolkit.markup import plain, unescaped
from app.sources.toolkit.text import clean

_TAG = re.compile(r"<(link|a|meta)\b((?:[^<>\"']|\"[^\"]{0,4000}\"|'[^']{0,4000}'){0,200})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([a-zA-Z:-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json")
_FEED_PATHS = ("/feed", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/rss", "/feed.json")
# What shows that a page is of a forum's software, and where that software puts the feed of all its forums.
_FORUM_FEEDS = (
    (re.compile(r"<html[^<>]{0,500}\bid=[\"']XF[\"']"), "forums/-/index.rss"),
    (re.compile(r"<body[^<>]{0,500}\bid=[\"']phpbb[\"']"), "app.php/feed"),
)
_FORUM_HOSTS = ("forum", "community", "communaute", "discuss", "forums")
_MOST_FEEDS = 6
_PAGE = 3_000_000


@dataclass(frozen=True, slots=True)
class Found:
    """A source that could be set up."""

    kind: str
    name: str
    settings: dict[str, Any]
    why: str  # where it was found
    needs: str = field(default="")


def discover(client: httpx.Client, url: str, *, now: datetime) -> list[Found]:
    """What there is, the surest first; a SourceError only if the page itself cannot be read."""
    answer = http_client.fetch(client, url, headers={"Accept": "text/html, */*"}, now=now, max_bytes=_PAGE)
    if feed := _feed(answer.url, answer, "it is one itself"):
        return [feed]
    html = answer.content.decode("utf-8", "replace")
    links = list(_links(html, answer.url))
    found = [
        *_feeds(client, answer.url, html, links, now),
        *_forum(client, answer.url, html, links, now),
        *_accounts(links),
        *_apps(links),
    ]
    return list({(one.kind, str(sorted(one.settings.items()))): one for one in reversed(found)}.values())[
        ::-1
    ]


def _links(html: str, base: str) -> Iterator[tuple[str, dict[str, str], str]]:
    """(tag, attributes, address) of all links of a page."""
    for tag in _TAG.finditer(html):
        attributes = {name.lower(): unescaped(a or b or c) for name, a, b, c in _ATTRIBUTE.findall(tag[2])}
        if href := attributes.get("href"):
            with suppress(ValueError):
                yield tag[1].lower(), attributes, urljoin(base, href.strip())


def _feeds(
    client: httpx.Client, url: str, html: str, links: list[tuple[str, dict[str, str], str]], now: datetime
) -> Iterator[Found]:
    told = [
        target
        for tag, attributes, target in links
        if tag == "link"
        and "alternate" in attributes.get("rel", "").lower().split()
        and attributes.get("type", "").lower().split(";")[0].strip() in _FEED_TYPES
    ]
    linked = [
        target
        for tag, _, target in links
        if tag == "a" and re.search(r"/(rss|feeds?|atom)(\.xml|\.json)?/?$", urlsplit(target).path)
    ]
    guessed = [] if told else [urljoin(url, path) for path in _FEED_PATHS]
    guessed += [urljoin(url, path) for sign, path in _FORUM_FEEDS if sign.search(html)]
    why = dict.fromkeys(guessed, "a usual place") | dict.fromkeys(linked, "a link of the page")
    why |= dict.fromkeys(told, "named by the page")
    tried = list(dict.fromkeys([*told, *linked, *guessed]))
    count = 0
    for target in tried:
        if count == _MOST_FEEDS:
            return
        with suppress(SourceError):
            if found := _feed(target, http_client.fetch(client, target, now=now), why[target]):
                count += 1
                yield found


def _feed(target: str, answer: http_client.Answer, why: str) -> Found | None:
    where = http_client.shown(answer.url)
    try:
        if jsonfeed.looks_like_json(answer.content):
            page = jsonfeed.parse(answer.content, where=where)
        else:
            page = xmlfeed.parse(answer.content, answer.headers, url=answer.url, where=where)
    except SourceError:
        return None
    dates = [item.published_at for item in page.items if item.published_at]
    newest = f", the newest of {max(dates):%Y-%m-%d}" if dates else ""
    parts = urlsplit(target)
    name = f"{parts.hostname}{parts.path}".rstrip("/")
    return Found("rss", name, {"url": answer.moved_to or target}, f"{why}: {len(page.items)} posts{newest}")


def _forum(
    client: httpx.Client, url: str, html: str, links: list[tuple[str, dict[str, str], str]], now: datetime
) -> Iterator[Found]:
    """A Discourse forum: the page itself, or one that it links to."""
    if re.search(r"<meta[^>]+name=[\"']generator[\"'][^>]+Discourse", html, re.IGNORECASE):
        yield _discourse(url, "the page is one")
        return
    own = (urlsplit(url).hostname or "").removeprefix("www.")
    asked: set[str] = set()
    for _, _, target in links:
        parts = urlsplit(target)
        host = parts.hostname or ""
        first = host.partition(".")[0]
        if host in asked or host == own or not host.endswith(own) or first not in _FORUM_HOSTS:
            continue
        asked.add(host)
        base = f"{parts.scheme}://{parts.netloc}"
        with suppress(SourceError, NotYet):
            response = http_client.ask(client, f"{base}/site/basic-info.json", now=now)
            if response.status == 200 and "title" in response.json():
                yield _discourse(base, "linked from the page")


def _discourse(url: str, why: str) -> Found:
    parts = urlsplit(url)
    return Found("discourse", parts.hostname or url, {"forum": f"{parts.scheme}://{parts.netloc}"}, why)


def _accounts(links: list[tuple[str, dict[str, str], str]]) -> Iterator[Found]:
    """Names under which the brand speaks: whoever speaks to it names them."""
    for _, attributes, target in links:
        parts = urlsplit(target)
        host, path = (parts.hostname or "").removeprefix("www."), parts.path.strip("/")
        if host == "bsky.app" and (account := re.match(r"profile/([\w.:-]+)", path)):
            query = f'"{account[1]}"'
            yield Found("bluesky", f"Bluesky: {account[1]}", {"query": query}, "an account of the site")
        elif "me" in attributes.get("rel", "").lower().split() and re.fullmatch(r"@\w+", path):
            settings = {"instance": host, "hashtag": path[1:].lower()}
            yield Found("mastodon", f"Mastodon: #{path[1:]}", settings, f"an account on {host}")
        elif host in ("reddit.com", "old.reddit.com") and (name := re.match(r"r/(\w{2,30})", path)):
            yield Found("reddit", f"r/{name[1]}", {"subreddits": [name[1]]}, "a subreddit of the site")
        elif host == "youtube.com" and (channel := re.match(r"channel/(UC[\w-]{22})", path)):
            yield Found(
                "youtube", f"YouTube: {channel[1]}", {"channels": [channel[1]]}, "a channel of the site"
            )


def _apps(links: list[tuple[str, dict[str, str], str]]) -> Iterator[Found]:
    for _, _, target in links:
        parts = urlsplit(target)
        if parts.hostname in ("apps.apple.com", "itunes.apple.com"):
            app = re.search(r"^/(?:([a-z]{2})/)?.*?id(\d{5,12})", parts.path)
            if app:
                settings = {"app": app[2], "country": app[1] or "fr"}
                yield Found("app_store", f"App Store: {app[2]}", settings, "an app of the site")
        elif parts.hostname == "play.google.com" and (names := parse_qs(parts.query).get("id")):
            package = clean(plain(names[0]), 200)
            yield Found("google_play", f"Google Play: {package}", {"package": package}, "an app of the site")
