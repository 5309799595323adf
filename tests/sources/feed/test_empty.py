"""Feeds that hold nothing, and held posts before."""

from tests.sources.feed.feeds import FarEnd, entry, rss, run


def test_a_feed_that_was_emptied_is_told_and_goes_on_later() -> None:
    _, second, third = run(FarEnd(), rss(entry(1)), rss(), rss(entry(2)))
    assert (second.status, second.coverage) == ("partial", 0.0)
    assert second.note == "the feed is empty; it held 1 posts before: that is not calm"
    assert [item.external_id for item in third.items] == ["id-2"]


def test_a_feed_that_stays_empty_is_no_calm_though_it_is_unchanged() -> None:
    far_end = FarEnd()
    far_end.headers["ETag"] = '"same"'
    *_, still = run(far_end, rss(entry(1)), rss(), rss())
    assert (still.status, still.coverage) == ("partial", 0.0)


def test_a_feed_that_is_empty_now_and_then_is_calm_when_it_is() -> None:
    *_, calm = run(FarEnd(), rss(entry(1)), rss(), rss(entry(2)), rss())
    assert (calm.status, calm.coverage) == ("empty", 1.0)
    *_, fault = run(FarEnd(), rss(entry(1)), rss(), rss(entry(1), entry(2)), rss())
    assert (fault.status, fault.coverage) == ("partial", 0.0), "it came back with what it had lost"
