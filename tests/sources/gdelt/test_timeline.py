"""GDELT's volume timeline: read beside the articles, which it never costs."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.errors import NotYet
from app.http_client.asking import PacedClient
from app.sources.base import Volume
from app.sources.gdelt.timeline import volume_of
from tests.sources.far_ends.base import NOW, Play, Post, Reply, later, play, shown
from tests.sources.far_ends.gdelt import FAR_END, SLOT

SOON = timedelta(seconds=8)


@pytest.fixture
def far() -> Iterator[Play]:
    with play(FAR_END) as playing:
        yield playing


def modes(far: Play) -> list[str]:
    """What was asked for since the last time."""
    asked = [one.param("mode") for one in far.server.asked]
    far.server.asked.clear()
    return asked


def data(*rows: dict[str, Any], series: str = "Article Count") -> dict[str, Any]:
    return {"timeline": [{"series": series, "data": list(rows)}]}


def row(minutes: float, value: object, **more: object) -> dict[str, Any]:
    return {"date": f"{later(minutes):%Y%m%dT%H%M%SZ}", "value": value, **more}


def test_once_the_articles_are_heard_the_timeline_has_a_run_of_its_own(far: Play) -> None:
    far.server.posts = [Post(1, later(-50)), Post(2, later(-48)), Post(3, later(-20))]
    articles = far.run(NOW)
    assert (len(articles.items), articles.volume, articles.next_in) == (3, (), SOON)
    assert modes(far) == ["artlist"]
    before = far.cursor
    batch = far.run(NOW + SOON)
    assert modes(far) == ["timelinevolraw"]
    assert (batch.items, batch.status, batch.next_in, batch.aside) == ([], "unchanged", None, True)
    assert (batch.window_from, batch.window_to) == (NOW, NOW)
    assert {k: v for k, v in far.cursor.items() if k != "timeline"} == {
        k: v for k, v in before.items() if k != "timeline"
    }
    counts = {one.at: one.count for one in batch.volume if one.count}
    assert counts == {later(-60): 2, later(-30): 1}
    assert len(batch.volume) == 71 * 4 - 1
    assert all((one.step, one.total) == (SLOT, 1_000 + one.at.hour) for one in batch.volume)


def test_the_two_newest_stretches_are_not_complete_and_come_later(far: Play) -> None:
    far.run(NOW)
    assert far.run(NOW + SOON).volume[-1].at == later(-30)
    far.server.posts = [Post(1, later(-20)), Post(2, later(1))]
    far.run(later(15))
    found = far.run(later(15) + SOON).volume
    assert [(one.at, one.count) for one in found if one.at >= later(-30)] == [
        (later(-30), 1),
        (later(-15), 0),
    ]


def test_it_is_read_once_in_a_quarter_of_an_hour_and_a_little_is_read_again(far: Play) -> None:
    for minute in (0, 0.2, 5, 5.2, 10, 10.2, 15.5, 15.7):
        far.run(later(minute))
    assert [one.param("mode") for one in far.server.asked] == [
        "artlist", "timelinevolraw", "artlist", "artlist", "artlist", "artlist", "artlist", "timelinevolraw",
    ]  # fmt: skip
    far.server.asked = [one for one in far.server.asked if one.param("mode") != "artlist"]
    assert [one.param("startdatetime") for one in far.server.asked] == ["20261119100012", "20261122070012"]


def test_where_its_pace_does_not_matter_one_run_brings_both(far: Play) -> None:
    assert isinstance(far.client, PacedClient)
    far.client.paces = None
    far.server.posts = [Post(1, later(-60))]
    batch = far.run(NOW)
    assert (shown(batch), batch.status, batch.next_in, batch.aside) == (far.ids(1), "ok", None, False)
    assert [one.count for one in batch.volume if one.at == later(-60)] == [1]


def test_while_a_walk_goes_on_the_timeline_waits(far: Play) -> None:
    far.server.posts = [Post(n, later(-540 + n)) for n in range(1, 400)]
    batches = [far.run(NOW)]
    while batches[-1].next_in:
        batches.append(far.run(NOW + timedelta(seconds=10 * len(batches))))
    assert sorted(one for batch in batches for one in shown(batch)) == far.ids(*range(1, 400))
    assert modes(far).index("timelinevolraw") == len(batches) - 1
    assert batches[-1].aside


def test_articles_come_first_when_the_turn_of_the_timeline_was_missed(far: Play) -> None:
    far.run(NOW)
    far.server.posts = [Post(1, later(3))]
    assert shown(far.run(later(10))) == far.ids(1)
    assert modes(far) == ["artlist", "artlist"]


def test_it_can_be_switched_off_and_another_query_begins_anew(far: Play) -> None:
    far.run(NOW)
    far.server.far_end = replace(FAR_END, settings={"query": "velinor", "timeline": False})
    assert far.run(NOW + SOON).next_in is None
    assert "timeline" not in far.cursor
    far.server.far_end = FAR_END
    far.run(later(15))
    far.run(later(15) + SOON)
    far.server.far_end = replace(FAR_END, settings={"query": "evian"})
    assert far.run(later(16)).window_from is None
    assert far.run(later(16) + SOON).volume[0].at == later(-70.75 * 60)


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        pytest.param(FAR_END.throttled, "come less often", id="throttled"),
        pytest.param(replace(FAR_END.throttled, status=429), "come less often", id="throttled, 429"),
        pytest.param(Reply("Timespan is too short."), "Timespan is too short", id="a sentence"),
        pytest.param(Reply("", 500), "out of order", id="500"),
        pytest.param(Reply("<!DOCTYPE html><html></html>"), "web page", id="a web page"),
        pytest.param(Reply({"error": "no such mode"}), "no such mode", id="an error with status 200"),
        pytest.param(Reply('{"timeline": [{"ser'), "cut short", id="half an answer"),
    ],
)
def test_an_error_of_the_timeline_is_a_note_and_costs_no_article(far: Play, reply: Reply, words: str) -> None:
    far.run(NOW)
    far.server.spoil = lambda _number, _reply: reply
    batch = far.run(NOW + SOON)
    assert (batch.volume, batch.status, batch.aside) == ([], "unchanged", True)
    assert "volume timeline was not read" in batch.note
    assert words in batch.note
    far.server.spoil = lambda _number, reply: reply
    far.server.posts = [Post(1, later(1))]
    assert shown(far.run(later(2))) == far.ids(1)
    assert far.run(later(2) + SOON).volume


def test_a_host_that_wants_peace_is_no_failure_of_the_timeline(far: Play) -> None:
    far.run(NOW)
    before = far.cursor
    with pytest.raises(NotYet):
        far.run(NOW + timedelta(seconds=2))
    assert far.cursor == before
    assert far.run(NOW + SOON).volume


@pytest.mark.parametrize("body", ["", "{}", '{"timeline": []}', '{"timeline": [{"data": null}]}'])
def test_nothing_found_is_nothing(far: Play, body: str) -> None:
    far.run(NOW)
    far.server.spoil = lambda *_: Reply(body)
    batch = far.run(NOW + SOON)
    assert (batch.volume, batch.note) == ([], "")


def test_rows_in_disorder_doubled_or_broken_are_read_as_far_as_they_go() -> None:
    found = data(
        row(-120, 4), row(-150, 2, norm=100), row(-150, 3, norm=None), row(-135, "7", norm="120"),
        row(-105, None), row(60, 9), {"date": "soon", "value": 3}, {"value": 3},
        {"date": "20261122074500", "value": 1.0},
    )  # fmt: skip
    assert volume_of(found, NOW) == [
        Volume(later(-150), SLOT, 3), Volume(later(-135), SLOT, 7, 120), Volume(later(-120), SLOT, 4),
        Volume(later(-75), SLOT, 1),
    ]  # fmt: skip


def test_the_step_is_that_of_the_answer() -> None:
    hours = data(*(row(-60 * n, n) for n in range(1, 9)))
    assert {one.step for one in volume_of(hours, NOW)} == {timedelta(hours=1)}
    lonely = data(row(-240, 2)) | {"query_details": {"date_resolution": "hour"}}
    assert volume_of(lonely, NOW) == [Volume(later(-240), timedelta(hours=1), 2)]


def test_another_timeline_is_not_taken_for_counts() -> None:
    assert volume_of(data(row(-120, 0.02), series="Volume Intensity"), NOW) == []
