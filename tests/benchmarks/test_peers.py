"""Peers ring where their own documentation and specifications say that they do."""

import numpy as np
import pytest

from benchmarks.detection.peers import DAY, HOUR, PEERS, Rule, gnip_poisson, huginn_peak
from benchmarks.detection.shipped import SHIPPED, elastalert_spikes, huginn_peaks


def test_huginn_tells_the_first_peak_of_its_specification_and_passes_over_the_next() -> None:
    values = np.asarray([5, 6, 4, 5, 4, 5, 15, 11, 8, 50, 4, 5], np.float64)
    assert huginn_peaks(values, window=14 * 24, spacing=48) == [6]


def test_huginn_rings_for_one_more_where_nothing_ever_moved() -> None:
    values = np.asarray([2.0] * 8 + [3.0])
    assert huginn_peaks(values, window=14 * 24, spacing=48) == [8]


def test_huginn_checks_nothing_before_its_fifth_event() -> None:
    assert huginn_peaks(np.asarray([1.0, 1.0, 1.0, 90.0]), window=336, spacing=48) == []


# Events of successive hours, by the three rules that ElastAlert2's documentation explains; at which it rings.
_FOUR_TIMES = {"height": 4.0, "threshold_cur": 15.0}
_TWICE = {"height": 2.0, "threshold_ref": 5.0}
_FIVE_TIMES = {"height": 5.0, "threshold_cur": 100.0}


@pytest.mark.parametrize(
    ("hours", "rule", "rings"),
    [
        ([5, 5, 10, 35], _FOUR_TIMES, [3]),
        ([20, 21, 19, 23], _FOUR_TIMES, []),
        ([10, 0, 0, 30, 5], _FOUR_TIMES, [4]),
        ([20, 100, 100, 100], _TWICE, []),
        ([0, 20, 100, 100], _TWICE, [3]),
        ([1, 2, 2, 1000, 2, 4], _TWICE, []),
        ([1000, 0, 0, 0, 1000, 1050, 1075], _TWICE, [6]),
        ([1000], _FIVE_TIMES, []),
        ([2, 1, 20, 81], _FIVE_TIMES, [3]),
        ([10, 20, 40, 80, 200], _FIVE_TIMES, []),
    ],
)
def test_elastalert_rings_as_documented(hours: list[int], rule: dict[str, float], rings: list[int]) -> None:
    assert elastalert_spikes(np.asarray(hours, np.float64), frame=2, **rule) == rings


def test_elastalert_is_blind_for_two_time_frames_after_an_alarm() -> None:
    hours = np.asarray([1, 1, 50, 500, 5000, 50_000, 500_000], np.float64)
    assert elastalert_spikes(hours, frame=1, height=3.0) == [2, 4, 6]


def test_elastalert_without_thresholds_rings_for_nothing_at_all() -> None:
    assert elastalert_spikes(np.zeros(4), frame=2, height=3.0) == [3]


def test_gnip_counts_the_excess_in_widths_of_the_interval() -> None:
    hours = np.asarray([4.0] * 24 + [20.0])
    counts = np.repeat(hours / HOUR, HOUR)[None]
    eta = gnip_poisson(counts, "lc", rolling=False)
    assert eta[0, -1] == pytest.approx((20 - 4) / (10 - 0))  # the 99 % interval of a mean of 4 is 0 to 10


def test_gnip_of_the_hour_of_day_takes_the_current_count_into_the_mean() -> None:
    counts = np.repeat(np.asarray([6.0] * 24 + [18.0]) / HOUR, HOUR)[None]
    eta = gnip_poisson(counts, "a", rolling=False)
    assert eta[0, -1] == pytest.approx((18 - 12) / (22 - 4))


_RULES = [
    pytest.param(rule, id=f"{peer.name}, {name}") for peer in PEERS for name, rule in peer.settings.items()
] + [pytest.param(rule, id=name) for name, rule in SHIPPED.items()]


@pytest.mark.parametrize("rule", _RULES)
def test_no_rule_looks_ahead(rule: Rule) -> None:
    counts = np.random.default_rng(4).poisson(3.0, (2, 12 * DAY)).astype(np.float64)
    counts[:, 11 * DAY :] *= 9
    early = 11 * DAY + 6 * HOUR
    whole, part = rule(counts)[:, :early], rule(counts[:, :early])
    np.testing.assert_allclose(whole, part, rtol=1e-6, atol=1e-6)


def test_huginns_score_is_over_its_limit_where_the_rule_rings() -> None:
    counts = np.zeros((1, 40 * HOUR))
    hours = np.asarray([5, 6, 4, 5, 4, 5, 15], np.float64)
    counts[0, HOUR - 1 : 7 * HOUR : HOUR] = hours
    assert huginn_peak(counts)[0, 7 * HOUR - 1] > 3
