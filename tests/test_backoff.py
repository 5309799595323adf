"""How long is waited: a table for each policy, and what holds for all of them."""

from datetime import timedelta

import pytest

from app.backoff import CHANNELS, FAULTS, HOSTS, HUBS, LINES, Backoff, of_source, wait_after

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        pytest.param(CHANNELS, [15, 30, 60, 120, 240, 480, 900, 900], id="channels"),
        pytest.param(FAULTS, [60, 120, 240, 480, 900, 900], id="faults"),
        pytest.param(HOSTS, [300, 600, 1200, 2400, 3600, 3600], id="hosts"),
        pytest.param(HUBS, [21_600, 21_600], id="hubs"),
        pytest.param(LINES, [1, 2, 4, 8, 16, 32, 60, 60], id="lines"),
        pytest.param(of_source(5 * MINUTE), [300, 600, 1200, 2400, 3600, 3600], id="a source"),
        pytest.param(of_source(10 * SECOND), [10, 20, 40, 80, 160, 320, 640, 640], id="a source in a hurry"),
        pytest.param(of_source(24 * HOUR), [3600, 3600], id="a source that is asked once a day"),
    ],
)
def test_each_wait_is_longer_up_to_the_longest(policy: Backoff, expected: list[int]) -> None:
    assert [wait_after(policy, n).total_seconds() for n in range(1, len(expected) + 1)] == expected


def test_a_far_end_that_asks_for_a_wait_gets_it() -> None:
    assert wait_after(CHANNELS, 7, retry_after=3 * SECOND) == 3 * SECOND
    assert wait_after(CHANNELS, 1, retry_after=timedelta(0)) == CHANNELS.first, "none at all is no wait"


def test_those_that_failed_together_do_not_come_back_together() -> None:
    policy = of_source(5 * MINUTE)
    waits = [wait_after(policy, 1, seed=seed) for seed in range(100)]
    assert min(waits) >= 5 * MINUTE
    assert max(waits) <= 6 * MINUTE
    assert len({round(wait.total_seconds()) for wait in waits}) > 20
    assert waits == [wait_after(policy, 1, seed=seed) for seed in range(100)], "chance plays no part"
    assert wait_after(CHANNELS, 1, seed=7) == CHANNELS.first, "a policy without a spread has none"


def test_no_number_of_failures_is_too_many() -> None:
    for policy in (CHANNELS, FAULTS, HOSTS, HUBS, LINES, of_source(5 * MINUTE)):
        assert wait_after(policy, 10**9) == policy.longest
        assert wait_after(policy, 0) == wait_after(policy, 1)
