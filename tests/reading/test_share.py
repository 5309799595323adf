"""The negative share against its usual."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.reading.share import LEAST_USUAL, changed

_CALM = [(10, 100), (12, 96), (9, 104), (11, 99), (8, 90), (13, 110), (10, 101)]


def test_a_usual_day_is_no_change() -> None:
    change = changed(11, 100, _CALM)
    assert not change.risen
    assert change.usual == pytest.approx(0.105, abs=0.01)
    assert change.usual_low < change.share < change.usual_high


def test_a_share_that_doubles_twice_has_risen() -> None:
    assert changed(40, 100, _CALM).risen


def test_more_of_the_same_share_is_no_change() -> None:
    assert not changed(105, 1_000, _CALM).risen


def test_three_of_four_say_little() -> None:
    assert changed(3, 4, _CALM).p > changed(30, 40, _CALM).p
    assert not changed(1, 1, _CALM).risen


def test_days_that_differ_ask_for_more() -> None:
    restless = [(2, 100), (30, 100), (5, 100), (25, 100), (1, 100), (12, 100), (3, 100)]
    assert not changed(30, 100, restless).risen
    assert changed(30, 100, _CALM).risen


def test_a_watch_of_which_little_is_known_has_no_usual() -> None:
    change = changed(5, 5, [(1, LEAST_USUAL - 1)])
    assert (change.usual, change.p, change.risen) == (None, 1.0, False)


def test_no_mention_is_no_change() -> None:
    change = changed(0, 0, _CALM)
    assert (change.low, change.high, change.p) == (0.0, 1.0, 1.0)


def test_more_negative_ones_than_mentions_are_refused() -> None:
    with pytest.raises(ValueError, match="no more mentions"):
        changed(2, 1, _CALM)


def test_usual_days_ring_about_as_seldom_as_said() -> None:
    random = np.random.default_rng(5)
    rung = 0
    for _ in range(400):
        shares = random.beta(4, 26, size=29)
        totals = random.poisson(60, size=29) + 1
        days = [(int(random.binomial(n, share)), int(n)) for n, share in zip(totals, shares, strict=True)]
        rung += changed(*days[-1], days[:-1]).risen
    assert rung <= 16


_DAYS = st.lists(st.integers(0, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), max_size=40)


@given(st.integers(0, 1_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), _DAYS)
def test_any_counts_have_an_answer_within_bounds(now: tuple[int, int], days: list[tuple[int, int]]) -> None:
    change = changed(*now, days)
    assert 0 <= change.low <= change.high <= 1
    assert 0 <= change.usual_low <= change.usual_high <= 1
    assert 0 <= change.p <= 1
    if now[1]:
        assert change.low <= change.share <= change.high
