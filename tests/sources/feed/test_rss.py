"""A feed is asked politely, brings each post once, and says when it may have missed some."""

import json
from datetime import timedelta

import httpx
import pytest
from pydantic import ValidationError

from app.errors import SourceError
from app.sources.feed.rss import RssSettings
from tests.sources.feed.feeds import NOW, URL, FarEnd, entry, later, rss, run


def test_what_was_read_is_asked_for_again_only_if_it_changed() -> None:
    far_end = FarEnd(rss(entry(1)))
    far_end.headers |= {"ETag": 'W/"abc"', "Last-Modified": "Sun, 22 Nov 2026 08:59:00 GMT"}
    first = far_end.first()
    far_end.status, far_end.body = 304, b""
    second = far_end.source().fetch(first.cursor, now=later(5))
    asked = far_end.asked[-1].headers
    assert (asked["if-none-match"], asked["if-modified-since"]) == (
        'W/"abc"',
        "Sun, 22 Nov 2026 08:59:00 GMT",
    )
    assert (second.status, second.items, second.coverage) == ("unchanged", [], 1.0)
    assert (second.window_from, second.window_to) == (NOW, later(5))
    assert far_end.source().fetch(second.cursor, now=later(10)).window_from == later(5)


def test_the_first_request_sets_no_condition() -> None:
    far_end = FarEnd(rss(entry(1)))
    far_end.first()
    assert not {"if-none-match", "if-modified-since"} & set(far_end.asked[0].headers)


def test_a_second_run_brings_what_is_new_and_nothing_twice() -> None:
    first, second, third = run(
        FarEnd(),
        rss(entry(2), entry(1)),
        rss(entry(3), entry(2), entry(1)),
        rss(entry(3), entry(2), entry(1)),
    )
    assert [item.external_id for item in first.items] == ["id-2", "id-1"]
    assert [item.external_id for item in second.items] == ["id-3"]
    assert (second.status, second.coverage, second.note) == ("ok", 1.0, "")
    assert (third.status, third.items) == ("unchanged", [])


def test_a_cursor_survives_the_database() -> None:
    far_end = FarEnd(rss(entry(1)))
    cursor = json.loads(json.dumps(far_end.first().cursor))
    assert far_end.source().fetch(cursor, now=later(5)).status == "unchanged"


def test_an_etag_that_changes_at_each_request_brings_nothing_twice() -> None:
    far_end = FarEnd(rss(entry(1)))
    far_end.headers["ETag"] = '"1"'
    first = far_end.first()
    far_end.headers["ETag"] = '"2"'
    second = far_end.source().fetch(first.cursor, now=later(5))
    assert (second.status, second.items) == ("unchanged", [])


def test_a_post_that_was_edited_comes_again() -> None:
    _, second = run(FarEnd(), rss(entry(1), entry(2)), rss(entry(1, title="Corrected"), entry(2)))
    assert [(item.external_id, item.title) for item in second.items] == [("id-1", "Corrected")]


def test_a_feed_that_makes_up_new_ids_each_time_is_seen_through() -> None:
    _, second = run(FarEnd(), rss(entry(1), entry(2)), rss(entry(1, guid="x"), entry(2, guid="y"), entry(3)))
    assert [item.external_id for item in second.items] == ["id-3"]
    assert second.status == "ok"


def test_an_id_that_stands_twice_in_a_feed_is_one_post() -> None:
    (only,) = run(FarEnd(), rss(entry(1), entry(1, title="Again"), entry(2)))
    assert [item.title for item in only.items] == ["Post 1", "Post 2"]


def test_when_no_known_post_is_left_the_gap_is_told_and_the_next_run_is_sooner() -> None:
    far_end = FarEnd()
    old = rss(*[entry(n) for n in range(10)])
    new = rss(*[entry(n, at=later(n - 50)) for n in range(100, 110)])
    first, second = run(far_end, old, new, every=60)
    assert (second.status, len(second.items)) == ("partial", 10)
    assert second.note == "gap: none of the posts known at 09:00 UTC is left in the feed"
    assert second.coverage == pytest.approx(1 / 6, abs=0.001)
    assert second.next_in
    assert abs(second.next_in - timedelta(minutes=5)) < timedelta(seconds=1)
    assert first.note.startswith("first run")


@pytest.mark.parametrize("hours", [8, 72])
def test_after_hours_without_a_run_a_feed_is_asked_again_as_soon_as_ever(hours: int) -> None:
    old = rss(*[entry(n) for n in range(10)])
    new = rss(*[entry(n, at=later(hours * 60 - 50)) for n in range(100, 110)])
    _, second = run(FarEnd(), old, new, every=hours * 60)
    assert second.status == "partial"
    assert second.next_in == timedelta(minutes=15)


def test_a_gap_without_dates_is_half_a_guess() -> None:
    _, second = run(FarEnd(), rss(entry(1, pubDate="")), rss(entry(2, pubDate="")))
    assert (second.status, second.coverage) == ("partial", 0.5)


def test_a_shorter_feed_of_new_posts_is_no_gap() -> None:
    _, second = run(FarEnd(), rss(*[entry(n) for n in range(10)]), rss(entry(20)))
    assert (second.status, second.coverage) == ("ok", 1.0)


def test_older_pages_are_read_until_a_known_post() -> None:
    far_end = FarEnd(content_type="application/feed+json")

    def page(*ids: int, after: int | None = None) -> bytes:
        items = [{"id": f"{n}", "title": f"Post {n}", "date_published": later(n).isoformat()} for n in ids]
        more = {"next_url": f"{URL}?page={after}"} if after else {}
        return json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items} | more).encode()

    far_end.pages = {f"{URL}?page=2": page(6, 5, 4, after=3), f"{URL}?page=3": page(3, 2, 1, after=4)}
    first, second = run(far_end, page(2, 1, after=9), page(9, 8, 7, after=2))
    assert len(first.items) == 2
    assert [item.external_id for item in second.items] == ["9", "8", "7", "6", "5", "4", "3"]
    assert (second.status, second.coverage) == ("ok", 1.0)


def test_pages_that_never_end_are_left_after_five() -> None:
    far_end = FarEnd(content_type="application/atom+xml")
    count = 0

    def atom() -> bytes:
        nonlocal count
        count += 1
        return (
            f"<feed xmlns='http://www.w3.org/2005/Atom'><title>F</title><link rel='next' href='{URL}?more'/>"
            f"<entry><id>{count}</id><title>Post {count}</title></entry></feed>"
        ).encode()

    far_end.pages[f"{URL}?more"] = lambda: httpx.Response(200, content=atom())
    _, second = run(far_end, atom(), atom())
    assert len(far_end.asked) == 1 + 5
    assert second.status == "partial"


def test_a_page_that_fails_fails_the_run_so_that_nothing_is_skipped() -> None:
    far_end = FarEnd(content_type="application/atom+xml")
    far_end.pages[f"{URL}?more"] = lambda: httpx.Response(500)
    feed = "<feed xmlns='http://www.w3.org/2005/Atom'><link rel='next' href='{0}?more'/><entry><id>{1}</id><title>t{1}</title></entry></feed>"  # noqa: E501
    with pytest.raises(SourceError, match="out of order"):
        run(far_end, feed.format(URL, 1).encode(), feed.format(URL, 2).encode())


def test_a_feed_that_moved_for_good_is_asked_at_its_new_address() -> None:
    far_end = FarEnd()
    moved = "https://news.example/new"
    far_end.pages = {
        URL: lambda: httpx.Response(301, headers={"Location": moved}),
        moved: rss(entry(1)),
    }
    first = far_end.first()
    second = far_end.source().fetch(first.cursor, now=later(5))
    assert [str(request.url) for request in far_end.asked] == [URL, moved, moved]
    assert second.status == "unchanged"
    far_end.pages = {moved: lambda: httpx.Response(410), URL: rss(entry(2), entry(1))}
    third = far_end.source().fetch(second.cursor, now=later(10))
    assert [item.external_id for item in third.items] == ["id-2"]
    far_end.source().fetch(third.cursor, now=later(15))
    assert str(far_end.asked[-1].url) == URL


def test_a_move_is_remembered_although_nothing_changed() -> None:
    far_end = FarEnd(rss(entry(1)))
    far_end.headers["ETag"] = '"1"'
    cursor = far_end.first().cursor
    moved = "https://news.example/new"
    far_end.pages = {
        URL: lambda: httpx.Response(308, headers={"Location": moved}),
        moved: lambda: httpx.Response(304),
    }
    assert far_end.source().fetch(cursor, now=later(5)).cursor["moved"] == moved


def test_a_cursor_of_another_address_is_not_believed() -> None:
    far_end = FarEnd(rss(entry(1)))
    cursor = far_end.first().cursor | {"feed": "https://elsewhere.example/"}
    assert far_end.source().fetch(cursor, now=later(5)).window_from is None


@pytest.mark.parametrize(
    ("head", "cache", "wish"),
    [
        pytest.param("", "", None, id="none"),
        pytest.param("<ttl>5</ttl>", "", timedelta(minutes=5), id="ttl"),
        pytest.param("<ttl>5</ttl>", "public, max-age=600", timedelta(minutes=10), id="the longer one"),
        pytest.param("", "max-age=1", timedelta(seconds=60), id="at least a minute"),
        pytest.param("<ttl>1440</ttl>", "", timedelta(minutes=15), id="at most a quarter of an hour"),
        pytest.param("<ttl>soon</ttl>", "max-age=x", None, id="nonsense"),
    ],
)
def test_the_wish_of_a_feed_is_kept_within_reason(head: str, cache: str, wish: timedelta | None) -> None:
    far_end = FarEnd(rss(entry(1), head=head))
    far_end.headers["Cache-Control"] = cache
    assert far_end.first().next_in == wish


def test_a_busy_feed_is_asked_again_before_half_of_it_is_replaced() -> None:
    far_end = FarEnd(rss(*[entry(n, at=later(-n / 2)) for n in range(20)]))  # one in half a minute
    first = far_end.first()
    assert (first.next_in, first.latest_in) == (None, timedelta(minutes=4, seconds=30))


def test_a_feed_that_quickens_is_asked_sooner_and_one_that_rests_later() -> None:
    old = [entry(n, at=later(-60 * n)) for n in range(1, 20)]
    far_end = FarEnd()
    far_end.headers["ETag"] = '"1"'
    first, second = run(
        far_end, rss(*old), rss(*[entry(100 + n, at=later(n / 2)) for n in range(10)], *old[:9])
    )
    assert first.latest_in
    assert second.latest_in
    assert first.latest_in > timedelta(hours=9)
    assert second.latest_in < timedelta(minutes=6)
    far_end.status, far_end.body = 304, b""
    third = far_end.source().fetch(second.cursor, now=later(10))
    assert third.latest_in == 2 * second.latest_in


@pytest.mark.parametrize(
    "body",
    [rss(), rss(entry(1)), rss(*[entry(n, pubDate="") for n in range(5)])],
    ids=["none", "one", "dateless"],
)
def test_a_feed_that_does_not_say_how_fast_it_is_has_no_latest_time(body: bytes) -> None:
    assert FarEnd(body).first().latest_in is None


def test_a_feed_that_was_just_filled_is_asked_again_in_a_minute_and_no_sooner() -> None:
    assert FarEnd(rss(*[entry(n, at=later(-1 / 60)) for n in range(9)])).first().latest_in == timedelta(
        minutes=1
    )


def test_a_feed_with_older_pages_can_wait() -> None:
    items = [{"id": f"{n}", "title": "x", "date_published": later(-n).isoformat()} for n in range(9)]
    feed = {"version": "https://jsonfeed.org/version/1.1", "items": items, "next_url": f"{URL}?page=2"}
    far_end = FarEnd(json.dumps(feed).encode(), "application/feed+json")
    assert far_end.first().latest_in is None


@pytest.mark.parametrize(
    ("status", "permanent"), [(401, True), (404, True), (410, True), (429, False), (500, False)]
)
def test_a_refusal_is_an_error_of_the_right_kind(status: int, permanent: bool) -> None:
    far_end = FarEnd()
    far_end.status = status
    far_end.headers["Retry-After"] = "90"
    with pytest.raises(SourceError) as caught:
        far_end.first()
    assert (caught.value.permanent, caught.value.retry_after) == (permanent, timedelta(seconds=90))


def test_validators_that_could_not_be_sent_back_are_not_kept() -> None:
    far_end = FarEnd(rss(entry(1)))
    far_end.pages[URL] = lambda: httpx.Response(
        200, content=far_end.body, headers=[(b"ETag", b'"\xe9"'), (b"Last-Modified", b"x" * 600)]
    )
    cursor = far_end.first().cursor
    assert (cursor["etag"], cursor["modified"]) == (None, None)


def test_what_is_remembered_of_a_feed_stays_small() -> None:
    bodies = [rss(*[entry(n) for n in range(run_, run_ + 400)]) for run_ in range(0, 2000, 200)]
    batches = run(FarEnd(), *bodies)
    assert all(len(batch.cursor["known"]) <= 500 for batch in batches)
    assert [len(batch.items) for batch in batches] == [400, *[200] * 9]


@pytest.mark.parametrize(
    "url", ["news.example/feed", "ftp://a.example/", "https://me:pw@a.example/", "https://", ""]
)
def test_an_address_that_cannot_be_a_feed_is_refused_when_it_is_set(url: str) -> None:
    with pytest.raises(ValidationError):
        RssSettings(url=url)
