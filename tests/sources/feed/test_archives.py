"""A feed looks back: over what it holds, and over its archive where it has one."""

from datetime import timedelta

import httpx

from app.sources.base import LooksBack, Past, StepBack
from tests.sources.feed.feeds import NOW, FarEnd, entry, rss

DAY = timedelta(days=1)
URL = "https://news.example/feed"
WORDPRESS = "<generator>https://wordpress.org/?v=6.8.1</generator>"


def page(first: int, last: int, *, head: str = "") -> bytes:
    """Posts of so many days ago, newest first."""
    return rss(*(entry(n, NOW - n * DAY) for n in range(first, last + 1)), head=head)


def walk(site: FarEnd) -> list[Past]:
    source = site.source()
    assert isinstance(source, LooksBack)
    cursor = source.fetch({}, now=NOW).cursor
    step, steps = StepBack(NOW - 90 * DAY, NOW, NOW, cursor=cursor), list[Past]()
    while len(steps) < 20:
        past = source.look_back(step)
        steps.append(past)
        if past.mark is None:
            break
        step = StepBack(step.since, past.reached, NOW, past.mark, cursor)
    return steps


def days(steps: list[Past]) -> set[int]:
    items = {item.external_id for past in steps for item in past.items}
    return {int(name.removeprefix("id-")) for name in items}


def test_what_a_feed_holds_is_covered_but_for_a_post_that_may_be_pinned() -> None:
    pinned = entry(80, NOW - 80 * DAY)
    site = FarEnd(rss(pinned, *(entry(n, NOW - n * DAY) for n in range(1, 16))))
    steps = walk(site)
    assert [(past.mark, past.reached) for past in steps] == [(None, NOW - 15 * DAY)]
    assert days(steps) == {*range(1, 16), 80}


def test_wordpress_has_older_pages_until_there_is_none() -> None:
    site = FarEnd(page(1, 10, head=WORDPRESS))
    site.pages[f"{URL}?paged=2"] = page(11, 20, head=WORDPRESS)
    site.pages[f"{URL}?paged=3"] = page(21, 30, head=WORDPRESS)
    site.pages[f"{URL}?paged=4"] = lambda: httpx.Response(404)
    steps = walk(site)
    assert days(steps) == set(range(1, 31))
    assert steps[-1].reached == NOW - 29 * DAY, "the last post may be pinned, and nothing older is known"


def test_an_archive_that_the_feed_names_is_read_and_a_site_that_knows_no_pages_is_left() -> None:
    linked = '<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="prev-archive" href="https://news.example/a1"/>'
    site = FarEnd(page(1, 10, head=linked))
    site.pages["https://news.example/a1"] = page(11, 20)
    assert days(walk(site)) == set(range(1, 21))
    same = FarEnd(page(1, 10, head=WORDPRESS))  # it gives its newest posts, whichever page it is asked for
    assert len(walk(same)) == 2


def test_an_archive_of_ninety_days_is_not_left_early() -> None:
    site = FarEnd(page(1, 50, head=WORDPRESS))
    site.pages[f"{URL}?paged=2"] = page(51, 120, head=WORDPRESS)
    steps = walk(site)
    assert (steps[-1].reached, steps[-1].mark) == (NOW - 90 * DAY, None)
