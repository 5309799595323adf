"""Which post an item is, and when it was published, where a feed says odd things of it."""

from datetime import datetime, timedelta
from email.utils import format_datetime

import pytest

from app.sources.base import Batch
from tests.sources.feed.feeds import NOW, FarEnd, later, read, run, told


def post(title: str, *, guid: str = "", link: str = "", at: datetime | None = None, text: str = "") -> str:
    parts = {"title": title, "guid": guid, "link": link, "description": text}
    parts["pubDate"] = format_datetime(at) if at else ""
    return "".join(f"<{name}>{value}</{name}>" for name, value in parts.items() if value)


def titles(*batches: Batch) -> list[str]:
    return [item.title for batch in batches for item in batch.items]


def many(n: int, minutes: float, *, links: bool = True) -> list[str]:
    """Ten reviews under guids that are invented for each request, dated with it."""
    return [
        post(
            f"Review {i}",
            guid=f"{n}-{i}" if links else "",
            link=f"https://r.example/{i}" if links else "",
            at=later(minutes),
        )
        for i in range(10)
    ]


def test_one_guid_for_all_identifies_nothing() -> None:
    first = [post(f"Lot {n}", guid="same", link=f"https://n.example/{n}") for n in range(3)]
    one, two = run(
        FarEnd(), told(*first), told(post("Lot 3", guid="same", link="https://n.example/3"), *first)
    )
    assert titles(one) == ["Lot 0", "Lot 1", "Lot 2"]
    assert titles(two) == ["Lot 3"]
    assert "guids stand for several posts" in one.note
    (alone,) = run(FarEnd(), told(*[post(f"Lot {n}", guid="same") for n in range(3)]))
    assert titles(alone) == ["Lot 0", "Lot 1", "Lot 2"]


def test_a_guid_that_holds_the_headline_is_the_same_post_after_an_edit() -> None:
    before = post(
        "Kettel recalled", guid="kettel-recalled", link="https://n.example/7", at=NOW, text="It melts."
    )
    after = post(
        "Kettle recalled", guid="kettle-recalled", link="https://n.example/7", at=NOW, text="It melts."
    )
    one, two = run(FarEnd(), told(before), told(after))
    assert [item.external_id for item in (*one.items, *two.items)] == ["kettel-recalled"] * 2
    assert (two.status, two.coverage) == ("ok", 1.0)


def test_a_page_that_is_filled_anew_each_day_has_a_new_post_each_day() -> None:
    days = [
        told(
            post(
                f"Day {n}", guid=f"d{n}", link="https://n.example/today", at=later(5 * n) - timedelta(hours=1)
            )
        )
        for n in range(3)
    ]
    assert titles(*run(FarEnd(), *days)) == ["Day 0", "Day 1", "Day 2"]


@pytest.mark.parametrize("links", [True, False])
def test_invented_guids_and_the_dates_of_the_request_bring_a_post_once(links: bool) -> None:
    runs = [told(*many(n, n * 5, links=links)) for n in range(3)]
    first, *others = run(FarEnd(), *runs)
    assert titles(*others) == []
    assert all(item.published_at and item.published_at < NOW for item in first.items), (
        "they were there before"
    )
    assert "those of the request" in others[0].note
    new = post("Review 10", guid="new", link="https://r.example/10", at=later(15))
    *_, last = run(FarEnd(), *runs, told(new, *many(3, 15, links=links)))
    assert [(item.title, item.published_at) for item in last.items] == [("Review 10", None)]


def test_a_redesign_that_changes_all_guids_brings_no_old_post_again() -> None:
    before = [post(f"Story {n}", guid=f"a{n}", link=f"https://n.example/a/{n}", text="t") for n in range(20)]
    after = [post(f"Story {n}", guid=f"b{n}", link=f"https://n.example/b/{n}", text="t") for n in range(20)]
    _, two = run(FarEnd(), told(*before), told(*after))
    assert titles(two) == []


def test_the_same_words_beside_each_other_are_two_posts() -> None:
    first = post("Line 4 stands still", guid="1", link="https://n.example/1")
    second = post("Line 4 stands still", guid="2", link="https://n.example/2")
    _, two = run(FarEnd(), told(first), told(second, first))
    assert [item.external_id for item in two.items] == ["2"]


def test_at_the_first_look_what_has_no_date_is_as_old_as_its_neighbours() -> None:
    old = NOW - timedelta(days=30)
    absurd = "<title>Absurd</title><guid>c</guid><pubDate>Thu, 01 Jan 1970 00:00:00 GMT</pubDate>"
    batch = read(told(post("a", guid="a", at=old), post("b", guid="b"), absurd))
    assert [(item.precision, item.published_at) for item in batch.items] == [
        ("exact", old),
        ("first_seen", old),
        ("first_seen", old),
    ]
    assert "1 dates cannot be read, the first 'Thu, 01 Jan 1970" in batch.note


def test_later_a_post_without_a_date_is_new() -> None:
    _, two = run(FarEnd(), told(post("a", guid="a")), told(post("b", guid="b"), post("a", guid="a")))
    assert [(item.title, item.published_at) for item in two.items] == [("b", None)]


def test_new_posts_that_say_that_they_are_old_are_asked_about() -> None:
    old = post("b", guid="b", at=NOW - timedelta(days=40))
    new = post("a", guid="a", at=NOW)
    _, two = run(FarEnd(), told(new), told(new, old))
    assert titles(two) == ["b"]
    assert "1 new posts say that they are older than 14 days" in two.note
