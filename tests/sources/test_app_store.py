"""Reviews come once, edits come again, and an empty store is never calm."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.errors import SourceError
from app.sources.app_store import KIND, AppStoreSettings
from app.sources.base import Batch
from tests.sources.street import ReceivedRequest, Reply, says, street

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def review(n: int, at: datetime | None = None, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever JSON holds
    """Review number n, newer the larger n is, an hour apart."""
    at = at or NOW - timedelta(hours=500 - n)
    labels = {
        "id": str(n), "title": f"Title {n}", "content": f"Words of {n}", "im:rating": "1",
        "im:version": "5.2", "im:voteSum": "3", "im:voteCount": "4", "updated": at.isoformat(),
    } | more  # fmt: skip
    return {
        "author": {"name": {"label": f"author {n}"}, "uri": {"label": "https://itunes.apple.com/fr/x"}},
        "link": {"attributes": {"rel": "related", "href": f"https://itunes.apple.com/fr/review?id={n}"}},
        **{name: {"label": label} for name, label in labels.items() if label is not None},
    }


APP = {
    "im:name": {"label": "The app"},
    "id": {"label": "https://itunes.apple.com/fr/app"},
    "title": {"label": "App"},
}


class Store:
    """The store: `reviews` newest first, in pages of 50."""

    def __init__(self, *reviews: dict[str, Any]) -> None:
        self.reviews = list(reviews)
        self.broken: dict[int, Reply] = {}  # by page
        self.first_way = self.other_way = False  # whether it is out of order

    def __call__(self, request: ReceivedRequest) -> Reply:
        path = re.fullmatch(
            r"/fr/rss/customerreviews/(?:page=(\d+)/id=284|id=284(?:/page=(\d+))?)/sortBy=mostRecent/json",
            request.path,
        )
        assert path, request.path
        assert request.host == "itunes.apple.com"
        number = int(path[1] or path[2] or 1)
        if (path[1] and self.first_way) or (path[2] and self.other_way):
            return says("", 502)
        if number in self.broken:
            return self.broken[number]
        here: Any = self.reviews[50 * (number - 1) : 50 * number] if number <= 10 else []
        feed: dict[str, Any] = {"author": {"name": {"label": "iTunes Store"}}, "updated": {"label": "x"}}
        if here:
            feed["entry"] = here[0] if len(here) == 1 else here
        return says({"feed": feed})


def run(store: Store, *cursors: dict[str, Any], at: datetime = NOW) -> tuple[Batch, list[str]]:
    """What one run brings, and the paths that it asked for."""
    assert KIND.build
    with street(store) as (server, client):
        source = KIND.build(AppStoreSettings(app="284", country="fr"), client, None)
        batch = source.fetch(cursors[0] if cursors else {}, now=at)
        return batch, [request.path for request in server.asked]


def ids(batch: Batch) -> list[str]:
    return [item.external_id for item in batch.items]


def test_a_review_has_its_id_its_time_its_stars_and_its_words() -> None:
    (item,) = run(Store(review(7, updated="2026-11-04T23:12:01-07:00")))[0].items
    assert (item.external_id, item.title, item.text, item.author) == (
        "7",
        "Title 7",
        "Words of 7",
        "author 7",
    )
    assert item.published_at == datetime(2026, 11, 5, 6, 12, 1, tzinfo=UTC)
    assert (item.url, item.likes, item.edited_at) == ("https://itunes.apple.com/fr/review?id=7", 3, None)
    assert item.extra == {"rating": 1, "country": "fr", "version": "5.2"}


def test_one_review_many_reviews_and_the_app_itself_are_told_apart() -> None:
    assert ids(run(Store(review(1)))[0]) == ["1"]
    assert ids(run(Store(APP, review(2), review(1)))[0]) == ["2", "1"]


def test_a_review_of_an_old_recording_has_no_date_and_no_votes() -> None:
    old = review(1, updated=None) | {"im:voteSum": None, "author": {}, "link": [{"attributes": {}}]}
    (item,) = run(Store(old))[0].items
    assert (item.published_at, item.likes, item.author, item.url) == (None, None, None, None)


def test_the_first_run_looks_a_day_back_and_says_so() -> None:
    store = Store(*[review(n, NOW - timedelta(minutes=20 * (200 - n))) for n in range(199, 0, -1)])
    batch, paths = run(store)
    assert [path.split("/")[4] for path in paths] == ["page=1", "page=2"]  # 50 reviews reach 16 hours back
    assert (len(batch.items), batch.window_from, batch.window_to) == (100, None, NOW)
    assert batch.note == "first run: the 100 newest posts"


def test_later_runs_bring_what_is_new_and_what_was_edited_and_nothing_twice() -> None:
    store = Store(review(2), review(1))
    first, _ = run(store)
    store.reviews = [review(1, NOW, title="Worse"), review(3), review(2)]
    later = NOW + timedelta(minutes=15)
    second, _ = run(store, first.cursor, at=later)
    assert ids(second) == ["1", "3"]
    assert (second.items[0].edited_at, second.items[1].edited_at) == (NOW, None)
    assert (second.status, second.coverage, second.window_from) == ("ok", 1.0, NOW)
    third, _ = run(store, second.cursor, at=later + timedelta(minutes=15))
    assert (third.status, third.items, third.window_from) == ("unchanged", [], later)


def test_a_wave_is_read_page_after_page_until_a_known_review() -> None:
    store = Store(*[review(n) for n in range(10, 0, -1)])
    first, _ = run(store)
    wave = [review(n, NOW + timedelta(seconds=n)) for n in range(130, 10, -1)]
    store.reviews = wave + store.reviews
    second, paths = run(store, first.cursor, at=NOW + timedelta(minutes=15))
    assert len(paths) == 3
    assert (len(second.items), second.status, second.coverage) == (120, "ok", 1.0)


def test_a_wave_larger_than_the_feed_is_a_gap() -> None:
    store = Store(review(1))
    first, _ = run(store)
    store.reviews = [review(n, NOW + timedelta(seconds=n)) for n in range(900, 100, -1)]
    second, paths = run(store, first.cursor, at=NOW + timedelta(minutes=15))
    assert len(paths) == 10
    assert (len(second.items), second.status) == (500, "partial")
    assert second.coverage == pytest.approx(499 / 900, abs=0.001)
    assert second.note == "gap: the list ends before the posts that were known at 09:00 UTC"


def test_an_empty_store_is_asked_in_the_other_way_and_never_taken_for_calm() -> None:
    first, _ = run(Store(review(1)))
    second, paths = run(Store(), first.cursor, at=NOW + timedelta(minutes=15))
    assert [path.split("/")[4] for path in paths] == ["page=1", "id=284", "id=284"]
    assert (second.status, second.coverage, second.items) == ("partial", 0.0, [])
    assert (second.window_from, second.window_to) == (NOW, NOW)
    assert "although it had some before: that is not taken for calm" in second.note
    third, _ = run(Store(review(2), review(1)), second.cursor, at=NOW + timedelta(minutes=30))
    assert (ids(third), third.window_from, third.coverage) == (["2"], NOW, 1.0)


def test_a_store_that_answers_in_one_way_only_is_heard() -> None:
    store = Store(*[review(n, NOW - timedelta(minutes=n)) for n in range(1, 61)])
    store.first_way = True
    batch, paths = run(store)
    assert len(batch.items) == 60
    assert [path.split("/")[4] for path in paths] == [
        "page=1",
        "id=284",
        "page=2",
        "id=284",
        "page=3",
        "id=284",
    ]
    store.other_way = True
    assert len(run(store)[0].items) == 50  # the third way has no pages


def test_an_app_without_reviews_stays_at_its_first_run() -> None:
    batch, _ = run(Store())
    assert (batch.status, batch.coverage, batch.cursor) == ("empty", 0.0, {})


def test_when_an_older_page_fails_the_newer_ones_count_and_the_rest_comes_later() -> None:
    store = Store(*[review(n, NOW) for n in range(100, 0, -1)])
    store.broken[2] = says("out", 502)
    first, _ = run(store)
    assert (len(first.items), first.status, "older pages could not be read" in first.note) == (
        50,
        "partial",
        True,
    )
    store.reviews = [review(n, NOW) for n in range(190, 0, -1)]
    second, _ = run(store, first.cursor, at=NOW + timedelta(minutes=15))
    assert ids(second) == [str(n) for n in range(190, 140, -1)]
    assert (second.status, second.window_from, second.window_to) == ("partial", NOW, NOW)
    store.broken = {}
    third, _ = run(store, second.cursor, at=NOW + timedelta(minutes=30))
    assert ids(third) == [str(n) for n in [*range(140, 100, -1), *range(50, 0, -1)]]
    assert (third.status, third.coverage, third.window_to) == ("ok", 1.0, NOW + timedelta(minutes=30))


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        pytest.param(says("<html><title>Sorry</title></html>"), "web page where JSON", id="HTML"),
        pytest.param(says(""), "empty answer", id="nothing"),
        pytest.param(says({"error": "x"}), "no reviews", id="other JSON"),
        pytest.param(says([]), "no reviews", id="a list"),
        pytest.param(says("", 403), "as it does at times for hours", id="403"),
    ],
)
def test_what_is_no_feed_is_an_error(reply: Reply, why: str) -> None:
    store = Store()
    store.broken[1] = reply
    with pytest.raises(SourceError, match=why) as caught:
        run(store)
    assert not caught.value.permanent
