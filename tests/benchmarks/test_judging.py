"""The benchmark judges as it says."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from benchmarks.detection.__main__ import BEGIN, END, put
from benchmarks.detection.drill import STEP, WEEK, Drill, false_a_week, line_within, outcome_at, own
from benchmarks.detection.measure import play
from benchmarks.detection.scenes import Fire, Scene, clock_change
from detectors import Grid

START = datetime(2026, 1, 5, tzinfo=UTC)


def _drill(columns: int = 4 * WEEK) -> Drill:
    grid = Grid.of(START, STEP, series=1)
    fire = {"lit": 3000, "start": 3006, "peak": 3020, "end": 3100, "shape": 1}
    quiet = np.ones(columns, np.bool_)
    quiet[3000:3172] = False
    return Drill(np.zeros((1, columns)), grid, [columns], [0], [quiet], [[fire]])


def _scene(columns: int = 1000) -> Scene:
    counts = np.zeros((1, columns))
    return Scene(counts, counts, Grid.of(START, STEP, series=1), np.zeros(counts.shape, np.bool_))


def test_a_line_keeps_the_budget_and_sees_what_is_over_it() -> None:
    drill = _drill()
    scores = np.zeros(drill.counts.shape)
    scores[0, [500, 1500, 2500, 5000, 6000]] = [9, 8, 7, 6, 5]  # alarms in a little less than four weeks
    scores[0, 3010] = 6.5
    line = line_within(scores, drill, 1.0)
    found = outcome_at(scores, drill, line)
    assert (line, found.seen, found.before_peak, found.delay) == (7.0, 0.0, 0.0, float("inf"))
    more = outcome_at(scores, drill, line_within(scores, drill, 1.1))
    assert (more.line, more.seen, more.before_peak, more.delay) == (6.0, 1.0, 1.0, 20.0)
    assert more.false == pytest.approx(4 / (drill.quiet[0].sum() / WEEK))


def test_a_line_below_everything_is_no_way_to_keep_a_budget() -> None:
    drill = _drill()
    scores = np.zeros(drill.counts.shape)
    scores[0, 100::200] = np.arange(1, 41)[: len(scores[0, 100::200])]
    assert false_a_week(own(scores, drill), drill, 0.0) < 1.0  # an alarm without an end is one incident
    assert line_within(scores, drill, 1.0) > 0.0


def test_fires_of_a_shape_are_judged_alone() -> None:
    drill = _drill()
    scores = np.ones(drill.counts.shape)
    assert outcome_at(scores, drill, 0.5, shape=1).seen == 1.0
    assert outcome_at(scores, drill, 0.5, shape=2).seen == 0.0


def test_a_fire_is_told_apart_from_a_spark_only_by_an_alarm_of_its_own() -> None:
    scene = _scene()
    scene.fires.append(Fire(row=0, lit=300, start=303, end=400, apart_from=200))
    ringing, again = np.zeros((2, 1, 1000))
    ringing[0, 210:330] = 1.0
    again[0, 210:220] = again[0, 310:330] = 1.0
    assert play(scene, ringing, ringing, 0.5).delays == [float("inf")]
    assert play(scene, again, again, 0.5).delays == [35.0]


def test_a_scene_counts_false_alarms_with_and_without_what_happened() -> None:
    scene = _scene()
    scene.calm = [(0, 100, 200), (0, 500, 600)]
    scores, plain = np.zeros((2, 1, 1000))
    scores[0, [120, 550]] = 1.0
    plain[0, 550] = 1.0
    found = play(scene, scores, plain, 0.5)
    assert (found.false, found.spans, found.control_false) == (2, 2, 1)
    scene.ignored[0, 120] = True
    assert play(scene, scores, plain, 0.5).false == 1


@pytest.mark.parametrize(("seed", "month"), [(1, 10), (2, 3)])
def test_the_clocks_of_the_scene_change_between_its_two_weeks(seed: int, month: int) -> None:
    scene = clock_change(Path(), seed)
    assert scene.calm[0][1] == scene.control[0][2]
    assert scene.grid.at(scene.calm[0][1]).month == month


def test_tables_go_between_the_marks_of_a_page(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    put("new", page)
    assert page.read_text() == f"before\n{BEGIN}\n\nnew\n\n{END}\nafter\n"
    page.write_text("no marks")
    with pytest.raises(SystemExit):
        put("new", page)
