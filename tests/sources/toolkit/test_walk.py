"""A walk ends at a known post, loses nothing to an error, and tells what it could not reach."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.errors import NotYet, SourceError
from app.sources.base import Batch, Item
from app.sources.toolkit.walk import Read, Terms, gather

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def post(n: int, text: str = "words", **more: Any) -> Item:  # noqa: ANN401 - fields of an item
    """Post n, a minute younger than the one before."""
    return replace(Item(external_id=str(n), text=text, published_at=NOW + n * MINUTE), **more)


class List:
    """Posts, newest first, three on a page; `broken` pages fail."""

    def __init__(self, *numbers: int) -> None:
        self.posts = [post(n) for n in numbers]
        self.broken: dict[int, SourceError] = {}
        self.read = 0

    def __call__(self, mark: int | None) -> tuple[list[Item], int | None]:
        page = mark or 0
        self.read += 1
        if page in self.broken:
            raise self.broken[page]
        following = page + 1 if len(self.posts) > 3 * (page + 1) else None
        return self.posts[3 * page : 3 * page + 3], following


def run(cursor: dict[str, Any], minutes: int, terms: Terms | None = None, **lists: Read) -> Batch:
    return gather(lists, cursor, now=NOW + minutes * MINUTE, terms=terms or Terms())


def ids(batch: Batch) -> list[int]:
    return sorted(int(item.external_id) for item in batch.items)


def test_a_walk_ends_where_a_known_post_is_met() -> None:
    posts = List(2, 1)
    first = run({}, 2, posts=posts)
    posts.posts = [post(n) for n in range(9, -30, -1)]
    posts.read = 0
    second = run(first.cursor, 10, posts=posts)
    assert (ids(second)[-7:], posts.read) == ([3, 4, 5, 6, 7, 8, 9], 3)
    assert (second.status, second.coverage) == ("ok", 1.0)


def test_an_overlap_is_read_beyond_the_known_post_and_may_fail() -> None:
    posts = List(*range(9, -30, -1))
    first = run({}, 9, posts=posts, terms=Terms(pages=1))
    posts.read = 0
    assert run(first.cursor, 10, Terms(overlap=10 * MINUTE), posts=posts).status == "ok"
    assert posts.read == 4
    posts.broken[1] = SourceError("out of order")
    assert run(first.cursor, 10, Terms(overlap=10 * MINUTE), posts=posts).coverage == 1.0


def test_a_walk_that_an_error_ends_brings_what_it_has_and_is_walked_again() -> None:
    posts = List(1)
    first = run({}, 1, posts=posts)
    posts.posts = [post(n) for n in range(9, 0, -1)]
    posts.broken[1] = SourceError("out of order", retry_after=2 * MINUTE)
    second = run(first.cursor, 10, posts=posts)
    assert (ids(second), second.status, second.next_in) == ([7, 8, 9], "partial", 2 * MINUTE)
    assert (second.window_from, second.window_to) == (NOW + MINUTE, NOW + MINUTE)
    posts.broken = {}
    third = run(second.cursor, 12, posts=posts)
    assert (ids(third), third.status, third.window_to) == ([2, 3, 4, 5, 6], "ok", NOW + 12 * MINUTE)
    assert run(third.cursor, 13, posts=posts).status == "unchanged"


def test_a_walk_that_waits_for_its_turn_is_no_trouble() -> None:
    posts = List(1)
    first = run({}, 1, posts=posts)
    posts.posts = [post(n) for n in range(9, 0, -1)]
    posts.broken[1] = NotYet("asked as often as it allows", MINUTE)
    second = run(first.cursor, 10, posts=posts)
    assert (second.status, second.next_in, second.coverage) == ("ok", MINUTE, 1.0)
    assert second.window_to == first.window_to


def test_a_newest_page_that_fails_fails_the_run() -> None:
    posts = List(1)
    posts.broken[0] = SourceError("out of order")
    with pytest.raises(SourceError):
        run({}, 1, posts=posts)


def test_a_list_that_is_longer_than_can_be_read_is_a_gap() -> None:
    posts = List(1)
    first = run({}, 1, posts=posts)
    posts.posts = [
        post(n, published_at=NOW + 11 * MINUTE - n * timedelta(seconds=1)) for n in range(100, 130)
    ]
    second = run(first.cursor, 11, Terms(pages=2), posts=posts)
    assert (second.status, len(second.items)) == ("partial", 6)
    assert second.coverage == pytest.approx(105 / 600, abs=0.001)
    assert second.note == "gap: the list ends before the posts that were known at 09:01 UTC"


def test_a_list_in_which_posts_stay_has_lost_some_if_none_is_known() -> None:
    posts = List(1)
    for stays, status in ((False, "ok"), (True, "partial")):
        cursor = run({}, 1, posts=List(1)).cursor
        posts.posts = [post(5)]
        assert run(cursor, 6, Terms(stays=stays), posts=posts).status == status


def test_lists_are_known_each_by_itself() -> None:
    first = run({}, 9, quiet=List(1), busy=List(5, 4))
    busy = List(*range(20, 3, -1))
    second = run(first.cursor, 20, Terms(kept=3), quiet=List(1), busy=busy)
    assert ids(second) == list(range(6, 21))
    assert len(second.cursor["known"]["quiet"]) == 1


def test_an_edit_comes_again_with_its_date_if_the_source_has_one_for_both() -> None:
    posts = List(1)
    for one_date, edited in ((False, None), (True, NOW + 7 * MINUTE)):
        cursor = run({}, 1, posts=List(1)).cursor
        posts.posts = [post(1, text="other words", published_at=NOW + 7 * MINUTE)]
        (item,) = run(cursor, 8, Terms(one_date=one_date), posts=posts).items
        assert item.edited_at == edited


def test_a_first_look_reaches_a_day_back() -> None:
    posts = List(*range(0, -3_000, -100))
    batch = run({}, 1, posts=posts)
    assert ids(batch) == list(range(-1_700, 1, 100))[-18:]
    assert (batch.window_from, batch.note) == (None, "first run: the 18 newest posts")
