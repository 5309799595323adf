"""GDELT: what an article becomes, windows that are halved, and errors that are sentences."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from app.errors import SourceError
from app.http_client.asking import PacedClient
from app.sources import kind
from app.sources.gdelt.source import GdeltSettings
from tests.sources.far_ends.base import NOW, Play, Post, Reply, later, play, shown
from tests.sources.far_ends.gdelt import FAR_END, article

HOUR = timedelta(hours=1)


@pytest.fixture
def far() -> Iterator[Play]:
    with play(FAR_END) as playing:
        yield playing


def unpaced(far: Play) -> Play:
    """The same, as if it did not matter how soon one asks again."""
    assert isinstance(far.client, PacedClient)
    far.client.paces = None
    return far


def windows(far: Play) -> list[tuple[str, str]]:
    """The hours and minutes that were asked for."""
    return [
        (request.param("startdatetime")[8:12], request.param("enddatetime")[8:12])
        for request in far.server.asked
        if request.param("mode") == "artlist"
    ]


def test_an_article_is_its_headline_and_who_printed_it(far: Play) -> None:
    far.server.posts = [Post(1, later(-50))]
    (item,) = far.run(NOW).items
    assert item.external_id == "https://journal.example/1"
    assert item.url == "https://www.journal.example/1?utm_source=x"
    assert (item.title, item.text) == ("Velinor again: l'usine 1", "")
    assert (item.author, item.lang, item.extra) == ("journal.example", "fr", {"country": "France"})
    assert item.published_at == later(-60)


@pytest.mark.parametrize("seen", ["20261122T084500Z", "20261122084500", "2026-11-22T08:45:00Z"])
def test_dates_are_read_as_it_ever_wrote_them(seen: str) -> None:
    row = article(Post(1, NOW)) | {"seendate": seen}
    with play(replace(FAR_END, answer=lambda *_: Reply({"articles": [row]}))) as far:
        assert far.run(NOW).items[0].published_at == later(-15)


def test_a_backslash_that_means_nothing_is_no_hindrance(far: Play) -> None:
    title = 'Velinor\\\'s L\\Oréal \\"x\\" \\u00e9 \\\\'
    body = f'{{"articles": [{{"url": "https://a.example/1", "title": "{title}"}}]}}'
    far.server.spoil = lambda *_: Reply(body)
    assert far.run(NOW).items[0].title == 'Velinor\'s LOréal "x" é \\'


def test_a_window_that_is_full_is_asked_for_again_by_halves(far: Play) -> None:
    unpaced(far).server.posts = [Post(n, later(-540 + n)) for n in range(1, 400)]
    batch = far.run(NOW)
    assert (batch.status, len(batch.items), batch.coverage) == ("ok", 399, 1.0)
    assert windows(far) == [
        ("0900", "0900"),
        ("0900", "2100"),
        ("2100", "0900"),
        ("2100", "0300"),
        ("0300", "0900"),
    ]


def test_halving_goes_on_at_the_next_run_where_its_pace_forbids_more(far: Play) -> None:
    far.run(NOW)
    far.server.posts = [Post(n, later(n / 5)) for n in range(1, 600)]
    far.server.asked.clear()
    batches = [far.run(later(120))]
    while batches[-1].next_in:
        assert batches[-1].next_in >= timedelta(seconds=8)
        batches.append(far.run(later(120) + timedelta(seconds=10 * len(batches))))
    assert sorted({one for batch in batches for one in shown(batch)}) == far.ids(*range(1, 600))
    assert sum(len(batch.items) for batch in batches) == 599
    assert [batch.window_from for batch in batches[1:]] == [batch.window_to for batch in batches[:-1]]
    assert batches[-1].window_to > later(120)
    assert all(batch.coverage == 1.0 for batch in batches)
    assert all(batch.status == "ok" or batch.aside for batch in batches)


def test_a_quarter_of_an_hour_that_is_full_has_lost_some(far: Play) -> None:
    unpaced(far).run(NOW)
    far.server.posts = [Post(n, later(16)) for n in range(1, 300)]
    batch = far.run(later(30))
    assert batch.status == "partial"
    assert 0.5 < batch.coverage < 1
    assert "narrow the query" in batch.note


def test_the_time_before_the_cursor_is_asked_for_again(far: Play) -> None:
    far.run(NOW)
    far.run(later(15))
    assert windows(far)[1] == ("0830", "0915")


@pytest.mark.parametrize("body", ["", "{}", '{"articles": []}', '{"articles": null}'])
def test_nothing_found_is_said_in_many_ways(far: Play, body: str) -> None:
    far.server.spoil = lambda *_: Reply(body)
    assert far.run(NOW).status == "empty"


@pytest.mark.parametrize(
    "sentence",
    [
        "The specified phrase is too short.",
        "Queries containing OR'd terms must be surrounded by ().",
        "Timespan is too short.",
    ],
)
def test_a_query_that_it_refuses_is_for_people_to_change(far: Play, sentence: str) -> None:
    far.server.spoil = lambda *_: Reply(sentence)
    with pytest.raises(SourceError, match="Change the query") as caught:
        far.run(NOW)
    assert caught.value.permanent


@pytest.mark.parametrize("status", [200, 429])
def test_it_asks_for_patience_with_either_status(far: Play, status: int) -> None:
    far.server.spoil = lambda *_: replace(FAR_END.throttled, status=status)
    with pytest.raises(SourceError) as caught:
        far.run(NOW)
    assert (caught.value.permanent, caught.value.retry_after) == (False, timedelta(seconds=8))


def test_alternatives_are_put_in_brackets_as_it_wants_them() -> None:
    assert GdeltSettings(query="Danone OR Evian").query == "(Danone OR Evian)"
    assert GdeltSettings(query='("L\'Oréal" OR x) y').query == '("L\'Oréal" OR x) y'


def test_settings_are_found_from_an_address() -> None:
    from_url = kind("gdelt").from_url
    assert from_url
    url = "https://api.gdeltproject.org/api/v2/doc/doc?query=velinor%20sourcelang:french&mode=artlist"
    assert from_url(url) == {"query": "velinor sourcelang:french", "timeline": False}
    assert from_url(url.replace("artlist", "timelinevolraw")) == {
        "query": "velinor sourcelang:french", "timeline": True,
    }  # fmt: skip
