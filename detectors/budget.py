"""From an alarm budget, in words that a team understands, to the threshold that keeps it."""

import math
from functools import lru_cache

import numpy as np

# False alarms a month for each brand, and the threshold that gave as many: the mean of ten brands' real
# volumes as they are, with fires two weeks apart, and with one every four days; alarms closer than six hours
# count once.
# This table and the next are printed by `python -m benchmarks.detection --calibrate`; tests do not need it.
_TABLE = (
    (30.0, 0.50),
    (26.0, 0.80),
    (21.3, 1.00),
    (16.6, 1.20),
    (13.1, 1.40),
    (9.8, 1.60),
    (7.1, 1.80),
    (5.4, 2.00),
    (4.0, 2.20),
    (2.9, 2.40),
    (1.97, 2.60),
    (1.20, 2.80),
    (0.79, 3.00),
    (0.57, 3.20),
    (0.31, 3.40),
    (0.17, 3.60),
    (0.1, 3.80),
)
# At each line, the minutes from the fifth post of a lit fire to its alarm, in the median of the same drills:
# fires of 1 to 8 times the usual that double every 10 to 80 minutes. Higher lines see few more than half.
_DELAYS = (
    (0.6, 30.0),
    (0.8, 45.0),
    (1.0, 65.0),
    (1.2, 80.0),
    (1.4, 100.0),
    (1.6, 125.0),
    (1.8, 150.0),
    (2.0, 170.0),
    (2.2, 195.0),
    (2.4, 215.0),
    (2.6, 260.0),
    (2.8, 290.0),
    (3.0, 390.0),
    (3.2, 480.0),
)
FEWEST, MOST = _TABLE[-1][0], _TABLE[0][0]  # alarms a month that a budget may name
CALM = 0.5  # the calm line is this part of the alarm line, so that a fire does not flicker


def threshold_for(alarms_per_month: float) -> float:
    """The alarm line that lets through so many false alarms a month for each watch.

    Raises ValueError outside 0.1 to 30: nothing was measured there.
    """
    if not FEWEST <= alarms_per_month <= MOST:
        raise ValueError(
            f"a budget lies between {FEWEST:g} and {MOST:g} alarms a month, not {alarms_per_month:g}"
        )
    rarity = [-math.log(alarms) for alarms, _ in _TABLE]
    return float(np.interp(-math.log(alarms_per_month), rarity, [threshold for _, threshold in _TABLE]))


@lru_cache(maxsize=1024)  # asked of the same few lines for each watch and day
def alarms_at(threshold: float) -> float:
    """The false alarms a month of each watch at a threshold; the inverse of `threshold_for`."""
    rarity = [-math.log(alarms) for alarms, _ in _TABLE]
    return math.exp(-float(np.interp(threshold, [score for _, score in _TABLE], rarity)))


def delay_at(threshold: float) -> float | None:
    """Typical minutes from the beginning of a fire to its alarm; None: at this line most are not seen."""
    if threshold > _DELAYS[-1][0]:
        return None
    return round(float(np.interp(threshold, [at for at, _ in _DELAYS], [minutes for _, minutes in _DELAYS])))


def calm_for(threshold: float) -> float:
    """The line below which a fire calms down."""
    return CALM * threshold
