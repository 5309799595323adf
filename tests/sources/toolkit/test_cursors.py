"""What a source remembered under an older version is understood by this one: nothing is brought twice."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.sources.base import Batch, Item
from app.sources.feed.memory import Memory
from app.sources.toolkit.known import Known, words_and_date
from app.sources.toolkit.progress import Gathered, Progress
from app.sources.toolkit.walk import Terms, gather

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ITEMS = [
    Item("b", "second", NOW - 5 * MINUTE, title="B"),
    Item("a", "first", NOW - 60 * MINUTE, edited_at=NOW - 9 * MINUTE),
]
EDITED = [replace(ITEMS[0], text="second, in other words"), ITEMS[1]]
FEED = "https://feed.example/rss"
# As version 0.1.0 wrote them after it had brought ITEMS.
FEED_CURSOR: dict[str, Any] = {
    "feed": FEED,
    "at": "2026-11-22T09:00:00+00:00",
    "moved": None,
    "etag": '"7"',
    "modified": None,
    "size": 2,
    "turnover": None,
    "known": ["3e23e8160039594ada288d0cad94", "ca978112ca1bbdca2aee9508506b"],
}
WINDOW_CURSOR: dict[str, Any] = {
    "about": "08030e150e1b3374",
    "at": "2026-11-22T09:00:00+00:00",
    "newest": "2026-11-22T08:55:00+00:00",
    "position": {"page": 2},
    "known": ["3e23e8160039594a6079298cbbba", "ca978112ca1bbdcad4e15b7eb0a7"],
}
WALK_CURSOR: dict[str, Any] = {
    "at": "2026-11-22T09:00:00+00:00",
    "known": {"all": ["3e23e8160039594ad681a2026e9a", "ca978112ca1bbdca036a09cc6957"]},
    "ahead": {},
}


def of_a_feed(items: list[Item]) -> Batch:
    memory = Memory.of(FEED_CURSOR, FEED)
    status, coverage, note = memory.judge(items, size=len(items), now=NOW + MINUTE)
    after = memory.after(items, items, now=NOW, moved=None, headers={"etag": '"7"'})
    return Batch(memory.fresh(items), after.cursor(), memory.at, NOW, status, coverage, note)


def of_a_window(items: list[Item]) -> Batch:
    progress = Progress.of(WINDOW_CURSOR, "lemmy", "Velinor")
    return progress.batch(Gathered(items), now=NOW)


def of_a_walk(items: list[Item]) -> Batch:
    return gather({"all": lambda _mark: (items, None)}, WALK_CURSOR, now=NOW, terms=Terms())


CURSORS = [
    pytest.param(of_a_feed, FEED_CURSOR, id="feed"),
    pytest.param(of_a_window, WINDOW_CURSOR, id="window"),
    pytest.param(of_a_walk, WALK_CURSOR, id="walk"),
]


@pytest.mark.parametrize(("run", "cursor"), CURSORS)
def test_what_an_older_version_brought_is_not_brought_again(run: Any, cursor: dict[str, Any]) -> None:  # noqa: ANN401 - one of the three
    batch = run(ITEMS)
    assert (batch.items, batch.status, batch.coverage) == ([], "unchanged", 1.0)
    assert {**batch.cursor, "turnover": None} == {**cursor, "turnover": None}, "and it is written as before"


@pytest.mark.parametrize(("run", "cursor"), CURSORS)
def test_an_edit_of_what_an_older_version_brought_is_seen(run: Any, cursor: dict[str, Any]) -> None:  # noqa: ANN401 - one of the three
    batch = run(EDITED)
    assert [item.external_id for item in batch.items] == ["b"]
    assert batch.cursor["known"] != cursor["known"]


def test_a_post_under_an_invented_id_is_known_where_ids_are_invented() -> None:
    known = Known(words_and_date).after(ITEMS, kept=10)
    renamed = [replace(item, external_id=f"{item.external_id}-again") for item in ITEMS]
    assert known.fresh(renamed, invented_ids=True) == []
    assert known.fresh(renamed) == renamed
    assert known.any_of(renamed)
    assert not known.any_of([Item("c", "third", NOW)])


def test_likes_shares_and_replies_are_news_of_a_post_that_stays_as_it_is() -> None:
    liked = [replace(ITEMS[0], likes=3, shares=1), ITEMS[1]]
    known = Known(words_and_date).after(liked, kept=10)
    again = Known.of(known.listed(), words_and_date)
    assert again.recounted(liked) == []
    more = [replace(liked[0], likes=40), ITEMS[1]]
    assert (again.fresh(more), again.recounted(more)) == ([], [more[0]])
    assert again.after(more, kept=10).recounted(more) == []
    edited = [replace(more[0], text="in other words")]
    assert (again.fresh(edited), again.recounted(edited)) == (edited, []), "it is brought once"


def test_what_an_older_version_did_not_count_is_counted_once() -> None:
    liked = [replace(ITEMS[0], likes=3), ITEMS[1]]
    first = of_a_window(liked)
    assert (first.items, first.status) == ([liked[0]], "unchanged")
    second = Progress.of(first.cursor, "lemmy", "Velinor").batch(Gathered(liked), now=NOW + MINUTE)
    assert second.items == []
