"""What a score is measured in: known to the last digit where it can be said in a line."""

import numpy as np

from detectors.baseline import spread_of
from detectors.flash import LEAST, burst_unit, burst_width, flash_of, largest_of_day
from detectors.floor import floored, under
from detectors.noise import capped_at, noise_of

WIDTHS = (6, 60)


def test_a_series_without_noise_has_the_least_unit_drawn_a_little_to_what_is_common() -> None:
    even, heard = np.zeros((1, 600)), np.ones((1, 600), np.bool_)
    spread, mean, unit = noise_of(even, heard, np.asarray([True]), WIDTHS, 3.0)
    assert (spread.tolist(), mean.tolist()) == ([0.05], [[0.0, 0.0]])
    np.testing.assert_allclose(unit[0], [0.3**0.8 * width ** (0.275 * 0.2) for width in WIDTHS], rtol=1e-12)


def test_only_busy_series_are_measured_whoever_is_beside_them() -> None:
    even = np.stack(
        [np.resize([1.0, -1.0, 0.5], 600), np.resize([0.0, 3.0], 600), np.resize([2.0, -2.0], 600)]
    )
    heard = np.ones(even.shape, np.bool_)
    alone = [noise_of(even[[row]], heard[[row]], np.asarray([True]), WIDTHS, 3.0) for row in (0, 2)]
    together = noise_of(even, heard, np.asarray([True, False, True]), WIDTHS, 3.0)
    for part, own in zip(together, zip(*alone, strict=True), strict=True):
        np.testing.assert_array_equal(part[[0, 2]], np.concatenate(own))
    assert [part[1].tolist() for part in together] == [1.0, [0.0, 0.0], [1.0, 1.0]]
    few = noise_of(even, heard, np.zeros(3, np.bool_), WIDTHS, 3.0)
    assert [part.tolist() for part in few] == [[1.0] * 3, [[0.0, 0.0]] * 3, [[1.0, 1.0]] * 3]


def test_a_series_of_which_little_or_nothing_was_heard_has_numbers_too() -> None:
    even, heard = np.zeros((2, 600)), np.zeros((2, 600), np.bool_)
    even[1, 599], heard[1, 599] = 1.0, True
    spread, mean, unit = noise_of(even, heard, np.ones(2, np.bool_), WIDTHS, 3.0)
    assert spread.tolist() == [0.05, 1.0]
    assert mean.tolist() == [[0.0, 0.0], [1.0, 1.0]], "the one that was heard is the mean"
    np.testing.assert_allclose(unit[0], unit[1])
    assert np.isfinite(unit).all()


def test_the_spread_draws_in_what_is_beyond_three_of_it() -> None:
    one_fire = np.zeros((1, 100))
    one_fire[0, 0] = 40.0
    # One of a hundred is ten deviations: drawn in to three of them, three times.
    np.testing.assert_allclose(spread_of(one_fire, np.ones((1, 100), np.bool_)), [4.0 * 0.3**3], rtol=1e-12)
    assert spread_of(np.zeros((1, 4)), np.zeros((1, 4), np.bool_)).tolist() == [0.05]


def test_residuals_count_half_beyond_one_spread_and_nothing_beyond_the_cap() -> None:
    assert capped_at(np.asarray([-9.0, -3.0, -1.0, 0.5, 1.0, 2.0, 4.0, 9.0]), 4.0).tolist() == [
        -2.5, -2.0, -1.0, 0.5, 1.0, 1.5, 2.5, 2.5,
    ]  # fmt: skip


def test_the_unit_of_a_burst_is_what_one_column_in_500_exceeds() -> None:
    burst = np.zeros((3, 1000))
    burst[0, [10, 500, 900]] = [9.0, 7.0, 5.0]
    burst[1] = burst[0]
    burst[2, :3] = [2.0, 1.9, 1.0]
    known = np.ones(burst.shape, np.bool_)
    known[1, 10] = False
    # Of 1,000 columns two may exceed it; of 999 only one.
    assert burst_unit(burst, known).tolist() == [5.0, 5.0, LEAST]
    assert burst_unit(np.empty((2, 0)), np.empty((2, 0), np.bool_)).tolist() == [LEAST, LEAST]
    assert [burst_width(per_hour) for per_hour in (1, 2, 4, 12, 60)] == [1, 1, 1, 3, 15]


def test_the_largest_of_a_day_moves_on_with_each_column_of_the_hour() -> None:
    burst = np.zeros((1, 30))
    burst[0, [6, 7, 20]] = [9.0, 5.0, 3.0]
    # Of four columns an hour a day has 96, and all 30 are within the day of each column of the next hour.
    assert largest_of_day(burst, 4).tolist() == [[9.0, 9.0, 9.0, 9.0]]
    assert largest_of_day(burst / 90, 4).tolist() == [[0.1, 0.1, 0.1, 0.1]], "what is not known was nought"
    week = np.zeros((1, 200))
    week[0, [103, 104, 105, 107]] = [1.0, 9.0, 5.0, 4.0]  # the day begins at column 104
    assert largest_of_day(week, 4).tolist() == [[5.0, 4.0, 4.0, 0.0]]


def test_a_burst_is_told_once_unless_it_is_so_much_larger() -> None:
    unit = np.asarray([2.0])

    def told(*burst: float, before: float = 0.0, first: int = 0) -> list[float]:
        return list(map(float, flash_of(np.asarray([burst]), np.full((1, 12), before), unit, first)[0]))

    assert told(1.0, 1.0, 3.0, 3.0, 2.9) == [0.5, 0.0, 1.5, 0.0, 0.0]
    assert told(3.0, 4.5, 4.6) == [1.5, 0.0, 0.0], "half as much again is not more than that"
    assert told(3.0, 4.6) == [1.5, 2.3]
    assert told(3.0, before=2.0) == [0.0], "an earlier one of the unit itself was told"
    assert told(3.0, before=1.9) == [1.5]
    assert told(3.1, before=2.0) == [1.55]
    assert told(9.0, 1.0, 20.0, first=1) == [0.0, 10.0]


def test_the_least_excess_counts_and_less_stays_below_every_line() -> None:
    score, most, least = np.asarray([[2.0, 2.0, 0.1]]), np.asarray([[5.0, 4.0, 4.0]]), np.asarray([5.0])
    np.testing.assert_allclose(floored(score, most, least), [[2.0, 0.24, 0.1]], rtol=1e-12)
    np.testing.assert_allclose(under(most, least), [[0.3, 0.24, 0.24]], rtol=1e-12)
