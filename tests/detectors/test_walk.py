"""Hour by hour through an array, and what keeps an alarm out of what is learnt."""

from collections.abc import Callable
from datetime import timedelta

import numpy as np
import pytest

from detectors import FireDetector, Grid, Guard, scan, walk
from detectors.grid import Floats
from tests.detectors.conftest import DAY, MONDAY, STEP

Make = Callable[..., Floats]
DETECTOR = FireDetector(memory=timedelta(days=3), warm_up=timedelta(hours=6))
NAMES = ("expected", "low", "high", "flash", "score")


@pytest.mark.parametrize(
    ("minutes", "first", "pieces"),
    [
        (0, 0, [(0, 12), (12, 24), (24, 30)]),
        (10, 0, [(0, 10), (10, 22), (22, 30)]),
        (10, 3, [(3, 10), (10, 22), (22, 30)]),
        (10, 13, [(13, 22), (22, 30)]),
        (55, 0, [(0, 1), (1, 13), (13, 25), (25, 30)]),
        (0, 30, []),
    ],
)
def test_each_piece_is_of_one_hour(minutes: int, first: int, pieces: list[tuple[int, int]]) -> None:
    grid = Grid.of(MONDAY + timedelta(minutes=minutes), STEP, series=1)
    found = walk(DETECTOR, np.ones((1, 30)), np.ones((1, 30), np.bool_), grid, first=first)
    assert [(piece.start, piece.stop) for piece, _ in found] == pieces


@pytest.mark.parametrize("cut", [1, 5, 11])
def test_an_array_that_begins_within_an_hour_is_one_whose_hour_was_not_heard(brand: Make, cut: int) -> None:
    counts = brand(1)
    counts[:, :cut] = np.nan
    whole = scan(DETECTOR, counts, Grid.of(MONDAY, STEP, series=1), threshold=2.0, calm=1.0)
    later = scan(
        DETECTOR, counts[:, cut:], Grid.of(MONDAY + cut * STEP, STEP, series=1), threshold=2.0, calm=1.0
    )
    for name in NAMES:
        there, here = (getattr(found.evidence, name) for found in (whole, later))
        np.testing.assert_allclose(here, there[:, cut:], rtol=1e-9, atol=1e-9, err_msg=name)


def guarded(*scores: float, per_hour: int = 3) -> list[bool]:
    """Whether an alarm is open after each; it opens at 2 and is calm below 1."""
    guard = Guard(1, threshold=2.0, calm=1.0, per_hour=per_hour)
    opened = []
    for score in scores:
        learns = guard.see(np.asarray([score]))
        opened.append(bool(guard.open[0]))
        assert learns.tolist() == [not opened[-1]]
    return opened


def test_an_alarm_opens_at_its_line_and_closes_after_an_hour_below_the_calm_one() -> None:
    assert guarded(1.9, 2.0, 0.9, 0.9, 0.9, 0.9) == [False, True, True, True, False, False]
    assert guarded(3.0, 0.9, 0.9, 1.0, 0.9, 0.9, 0.9) == [True] * 6 + [False], "calm is below it"
    assert guarded(3.0, 0.9, float("nan"), 0.9, 0.9) == [True, True, True, True, False], "unheard counts not"
    assert guarded(float("nan"), 0.0, 2.5, 0.0, 0.0) == [False, False, True, True, True]
    assert guarded(5.0, *[0.0] * 12, per_hour=12) == [True] * 12 + [False]


def test_a_score_at_the_line_is_an_alarm(brand: Make) -> None:
    counts = brand(5)
    counts[0, 4 * DAY + 60 : 4 * DAY + 90] *= 3
    grid = Grid.of(MONDAY, STEP, series=1)
    line = float(np.nanmax(scan(DETECTOR, counts, grid, threshold=99.0, calm=1.0).evidence.score))
    found = scan(DETECTOR, counts, grid, threshold=line, calm=1.0)
    assert found.alarm.sum() == 1
    assert found.open[found.alarm].all()


def test_of_no_columns_there_is_no_evidence() -> None:
    found = scan(DETECTOR, np.empty((2, 0)), Grid.of(MONDAY, STEP, series=2), threshold=2.0, calm=1.0)
    assert {getattr(found.evidence, name).shape for name in NAMES} == {(2, 0)}
    assert (found.alarm.shape, found.open.shape) == ((2, 0), (2, 0))
