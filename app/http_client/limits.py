"""How often hosts may be asked: what they publish, and how much a day."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

_SECOND, _MINUTE, _DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many calls in a time, of one host with one credential."""

    host: str  # empty: every host; a leading dot: every host under it
    path: str  # how the path begins, or with a leading * how it ends; empty: every path
    calls: int
    per: timedelta


@dataclass(frozen=True, slots=True)
class Quota:
    """So many calls a day, counted from midnight in the host's own time zone."""

    kind: str  # of source; empty: not shown
    name: str  # for people
    host: str
    path: str
    calls: int
    zone: str = "UTC"
    unless: str = ""  # a parameter that lifts this quota
    only_with: str = ""  # a parameter without which it is another quota


LIMITS: tuple[Limit, ...] = (
    Limit("api.gdeltproject.org", "", 1, 8 * _SECOND),
    Limit("api.stackexchange.com", "", 25, _SECOND),
    Limit("oauth.reddit.com", "", 95, _MINUTE),
    Limit("t.me", "/s/", 20, _MINUTE),
    Limit("news.google.com", "/rss/search", 12, _MINUTE),
    Limit("hn.algolia.com", "", 150, _MINUTE),
    Limit("", "*/search.json", 14, _MINUTE),  # Discourse, for who does not log in
    Limit("", "/posts.json", 60, _MINUTE),  # the same
    Limit("", "/api/v1/timelines/", 280, 5 * _MINUTE),  # Mastodon
    Limit("", "/xrpc/com.atproto.server.createSession", 25, 5 * _MINUTE),
    Limit("", "/xrpc/", 2_900, 5 * _MINUTE),
    Limit("api.x.com", "/2/tweets/search/recent", 290, 15 * _MINUTE),
    Limit("api.x.com", "/2/tweets/counts/recent", 290, 15 * _MINUTE),
)
QUOTAS: tuple[Quota, ...] = (
    Quota(
        "youtube",
        "searches of YouTube",
        "www.googleapis.com",
        "/youtube/v3/search",
        100,
        "America/Los_Angeles",
    ),
    Quota("stackexchange", "calls of Stack Exchange", "api.stackexchange.com", "", 300, unless="key"),
    Quota("stackexchange", "calls of Stack Exchange", "api.stackexchange.com", "", 10_000, only_with="key"),
    Quota("threads", "searches of Threads", "graph.threads.net", "/v1.0/keyword_search", 2_200),
    Quota("", "logins to Bluesky", "", "/xrpc/com.atproto.server.createSession", 290),
)


def fits(host: str, path: str, asked_host: str, asked_path: str) -> bool:
    """Whether a rule of that host and path is about this address.

    >>> fits("", "*/search.json", "forum.example", "/talk/search.json")
    True
    """
    if host and not (asked_host == host or (host.startswith(".") and asked_host.endswith(host))):
        return False
    if path.startswith("*"):
        return asked_path.endswith(path[1:])
    return asked_path.startswith(path)


def day_of(quota: Quota, now: datetime) -> str:
    """The day that the quota counts this instant to."""
    return now.astimezone(ZoneInfo(quota.zone)).date().isoformat()


def next_day(quota: Quota, now: datetime) -> datetime:
    """When the quota is full again."""
    here = now.astimezone(ZoneInfo(quota.zone))
    midnight = here.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None) + _DAY
    return midnight.replace(tzinfo=ZoneInfo(quota.zone)).astimezone(now.tzinfo)
