"""The pace of hosts: never more often than they allow, alone while they rest, and counted by the day."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from app.errors import NotYet, SourceError
from app.http_client import PacedClient, Paces, ask, good, open_client
from app.http_client.limits import LIMITS, QUOTAS, day_of, next_day
from app.http_client.pace import BREAK_AFTER
from app.settings import Settings
from tests.http_client.loopback import NOW, Site
from tests.standins.clock import StillClock

GDELT = httpx.URL("https://api.gdeltproject.org/api/v2/doc/doc?query=a")
SECOND = timedelta(seconds=1)


@pytest.fixture
def clock() -> StillClock:
    return StillClock(NOW)


@pytest.fixture
def paces(clock: StillClock) -> Paces:
    """Paces for which no time passes but what a test says."""
    return Paces(monotonic=clock.monotonic)


@pytest.fixture
def client(client: httpx.Client, paces: Paces) -> httpx.Client:
    assert isinstance(client, PacedClient)
    client.paces = paces
    return client


def wait(paces: Paces, url: httpx.URL, now: datetime, **headers: str) -> float:
    """The seconds to wait; 0 if the call may be made."""
    try:
        paces.go(url, headers, now=now)
    except NotYet as error:
        return error.wait.total_seconds()
    return 0


def test_a_host_with_a_gap_is_not_asked_again_before_it(paces: Paces) -> None:
    assert wait(paces, GDELT, NOW) == 0
    assert wait(paces, GDELT, NOW + 3 * SECOND) == 5
    assert wait(paces, GDELT, NOW + 9 * SECOND) == 0
    assert wait(paces, httpx.URL("https://other.example/"), NOW + 9 * SECOND) == 0


def test_what_a_run_takes_counts_though_its_instant_stands_still(paces: Paces, clock: StillClock) -> None:
    assert wait(paces, GDELT, NOW) == 0
    clock.sleep(3)
    assert wait(paces, GDELT, NOW) == 5
    clock.sleep(5)
    assert wait(paces, GDELT, NOW) == 0


def test_a_limit_in_a_minute_lets_a_burst_through_and_then_no_more(paces: Paces) -> None:
    forum = httpx.URL("https://forum.example/talk/search.json?q=a")
    waits = [wait(paces, forum, NOW) for _ in range(15)]
    assert waits[:14] == [0] * 14
    assert waits[14] == 60
    assert wait(paces, httpx.URL("https://other.example/search.json"), NOW) == 0, "another forum"


def test_a_limit_is_that_of_a_credential(paces: Paces) -> None:
    url = httpx.URL("https://oauth.reddit.com/new")
    limit = next(limit.calls for limit in LIMITS if limit.host == url.host)
    for _ in range(limit):
        assert wait(paces, url, NOW, Authorization="Bearer mine") == 0
    assert wait(paces, url, NOW, Authorization="Bearer mine") > 0
    assert wait(paces, url, NOW, Authorization="Bearer yours") == 0


def test_a_daily_quota_ends_at_midnight_of_its_own_zone(paces: Paces, clock: StillClock) -> None:
    url = httpx.URL("https://www.googleapis.com/youtube/v3/search?key=mine&q=a")
    assert [wait(paces, url, NOW) for _ in range(100)] == [0] * 100
    assert wait(paces, url, NOW) == 23 * 3600, "09:00 UTC is 01:00 in Los Angeles"
    assert wait(paces, httpx.URL("https://www.googleapis.com/youtube/v3/videos?key=mine"), NOW) == 0
    assert wait(paces, url.copy_set_param("key", "yours"), NOW) == 0
    later = Paces(monotonic=clock.monotonic)
    later.remember(paces.used())
    assert wait(later, url, NOW) > 0, "a restart forgets nothing"
    assert paces.used() == [], "what was kept is not kept twice"
    assert wait(paces, url, NOW + timedelta(hours=23)) == 0


def test_the_day_of_a_quota_and_its_end() -> None:
    quota = next(quota for quota in QUOTAS if quota.kind == "youtube")
    assert day_of(quota, NOW) == "2026-11-22"
    assert day_of(quota, NOW - timedelta(hours=2)) == "2026-11-21"
    assert next_day(quota, NOW) == datetime(2026, 11, 23, 8, tzinfo=UTC)


def test_a_host_that_asked_to_wait_is_left_alone_by_all(site: Site, client: httpx.Client) -> None:
    slow = site.says("/slow", 429, Retry_After="90")
    with pytest.raises(SourceError):
        good(ask(client, slow, now=NOW), now=NOW)
    with pytest.raises(NotYet, match="asked to be left alone") as caught:
        ask(client, site.says("/other"), now=NOW + 30 * SECOND)
    assert caught.value.wait.total_seconds() == 60
    assert len(site.asked) == 1
    assert ask(client, site.url + "/other", now=NOW + 91 * SECOND).status == 200


def test_the_last_call_that_a_host_allows_is_the_last_until_its_reset(
    site: Site, client: httpx.Client
) -> None:
    reset = "2026-11-22T09:03:00.070144Z"
    url = site.says("/a", 200, X_RateLimit_Remaining="1", X_RateLimit_Reset=reset)
    ask(client, url, now=NOW)
    ask(client, site.says("/a", 200, X_RateLimit_Remaining="0", X_RateLimit_Reset=reset), now=NOW)
    with pytest.raises(NotYet) as caught:
        ask(client, url, now=NOW)
    assert caught.value.wait.total_seconds() == pytest.approx(180.070144)
    assert ask(client, url, now=NOW + 181 * SECOND).status == 200


def test_a_host_that_goes_on_failing_is_left_alone_and_then_tried_once(
    site: Site, client: httpx.Client
) -> None:
    broken = site.says("/broken", 500)
    for _ in range(BREAK_AFTER):
        assert ask(client, broken, now=NOW).status == 500
    with pytest.raises(NotYet, match="out of order"):
        ask(client, broken, now=NOW + timedelta(minutes=4))
    assert ask(client, broken, now=NOW + timedelta(minutes=6)).status == 500
    with pytest.raises(NotYet):
        ask(client, broken, now=NOW + timedelta(minutes=15))
    assert ask(client, site.says("/broken"), now=NOW + timedelta(minutes=17)).status == 200
    assert ask(client, site.url + "/broken", now=NOW + timedelta(minutes=17)).status == 200


def test_who_asks_a_stand_in_is_not_held_back() -> None:
    stand_in = httpx.MockTransport(lambda _: httpx.Response(200))
    with open_client(Settings(), transport=stand_in) as client:
        client.paces = None
        assert [ask(client, str(GDELT), now=NOW).status for _ in range(3)] == [200] * 3


def test_a_clock_that_is_set_back_makes_no_wait_longer_or_shorter(paces: Paces) -> None:
    assert wait(paces, GDELT, NOW) == 0
    day_before = NOW - timedelta(days=1)
    assert wait(paces, GDELT, day_before) == 8
    paces.rest(("slow.example", ""), timedelta(minutes=10), now=NOW)
    assert wait(paces, httpx.URL("https://slow.example/"), day_before) == 600
    assert wait(paces, GDELT, day_before + 9 * SECOND) == 0


def test_a_quota_counts_on_the_day_that_it_is_after_a_clock_ran_ahead(paces: Paces) -> None:
    url = httpx.URL("https://www.googleapis.com/youtube/v3/search?key=mine&q=a")
    assert wait(paces, url, NOW + timedelta(days=1)) == 0
    assert wait(paces, url, NOW) == 0
    assert [day for (_, _, day), _ in paces.used()] == ["2026-11-23", "2026-11-22"]


def test_what_was_used_and_who_rested_long_ago_is_forgotten(paces: Paces) -> None:
    quota = next(quota for quota in QUOTAS if quota.kind == "youtube")
    url = httpx.URL(f"https://{quota.host}{quota.path}?key=k")
    for day in range(60):
        key = paces.go(url, {}, now=NOW + day * timedelta(days=1))
        paces.rest((f"host-{day}.example", ""), SECOND, now=NOW + day * timedelta(days=1))
    assert len(paces.used()) == 60, "all of it is to be kept in the tables"
    kept = vars(paces)
    assert len(kept["_used"]) <= 33
    assert len(kept["_rests"]) == 1
    assert key[0] == quota.host


def spare(paces: Paces, url: httpx.URL, now: datetime) -> float:
    try:
        paces.go(url, {}, now=now, spare=True)
    except NotYet as error:
        return error.wait.total_seconds()
    return 0


def test_what_is_no_part_of_listening_takes_half_of_a_pace_and_a_twentieth_of_a_quota(paces: Paces) -> None:
    assert spare(paces, GDELT, NOW) == 0
    assert spare(paces, GDELT, NOW + 9 * SECOND) == 7
    assert wait(paces, GDELT, NOW + 9 * SECOND) == 0, "listening waits for its own pace alone"
    news = httpx.URL("https://news.google.com/rss/search?q=a")
    assert [spare(paces, news, NOW + 10 * SECOND) > 0 for _ in range(8)] == [False] * 6 + [True] * 2
    assert [wait(paces, news, NOW + 10 * SECOND) > 0 for _ in range(8)] == [False] * 6 + [True] * 2
    videos = httpx.URL("https://www.googleapis.com/youtube/v3/search?q=a&key=k")
    asked = [spare(paces, videos, NOW + n * SECOND) > 0 for n in range(10, 20)]
    assert asked == [False] * 5 + [True] * 5
    assert wait(paces, videos, NOW + 20 * SECOND) == 0
