"""Sums over trailing windows, against the plain sum of each."""

import numpy as np
import pytest

from detectors.grid import Floats
from detectors.windows import between, nested, sustained, trailing_sums

VALUES = np.asarray([[3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0], [0.0, 0.0, 7.0, 0.0, 0.0, 0.0, 8.0, 0.0]])


def plain(values: Floats, width: int) -> Floats:
    columns = range(values.shape[1])
    return np.stack([values[:, max(0, at - width + 1) : at + 1].sum(axis=1) for at in columns], axis=1)


@pytest.mark.parametrize("width", [1, 2, 3, 7, 8, 9, 20])
def test_each_sum_is_that_of_its_window(width: int) -> None:
    np.testing.assert_array_equal(trailing_sums(VALUES, width), plain(VALUES, width))
    running = VALUES.cumsum(axis=1)
    np.testing.assert_array_equal(between(running, width), plain(VALUES, width))
    np.testing.assert_array_equal(running, VALUES.cumsum(axis=1), "what was given is left as it was")


@pytest.mark.parametrize("first", [0, 1, 4, 6, 7])
@pytest.mark.parametrize("widths", [(8,), (8, 9, 30)])
def test_nested_windows_are_the_same_sums_however_far_they_reach_back(
    first: int, widths: tuple[int, ...]
) -> None:
    for width, found in zip(widths, nested(VALUES, widths, first), strict=True):
        np.testing.assert_array_equal(found, plain(VALUES, width)[:, first:])


def test_what_is_sustained_is_measured_by_what_was_heard_of_the_window() -> None:
    known = np.asarray([[True, True, False, True], [False, False, True, True]])
    values = np.asarray([[2.0, 4.0, 0.0, 3.0], [0.0, 0.0, 5.0, -1.0]])
    [(total, heard)] = sustained(values, known, (2,))
    np.testing.assert_allclose(total, [[2, 6 / 2**0.5, 4, 3], [0, 0, 5, 4 / 2**0.5]], rtol=1e-12)
    assert heard.tolist() == [[True, True, True, True], [False, False, True, True]]
    [(whole, all_heard)] = sustained(values, np.ones_like(known), (3,))
    np.testing.assert_allclose(whole[0], [2, 6 / 2**0.5, 6 / 3**0.5, 7 / 3**0.5], rtol=1e-12)
    assert all_heard.all()
