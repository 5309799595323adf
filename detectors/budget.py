"""From an alarm budget, in words that a team understands, to the line that keeps it."""

import math
from functools import lru_cache

import numpy as np

# False alarms a month for each brand, and the line that gave as many: the quiet weeks of ten brands' real
# volumes, each with other fires lit nearby, alarms closer than six hours counted once. `python -m
# benchmarks.detection --calibrate` prints this table anew; tests do not need it.
_TABLE = (
    (30.0, 0.40),
    (26.6, 0.60),
    (17.6, 1.00),
    (10.5, 1.40),
    (5.3, 1.80),
    (3.2, 2.20),
    (1.5, 2.60),
    (0.85, 2.80),
    (0.6, 3.00),
    (0.32, 3.20),
    (0.16, 3.50),
    (0.10, 3.80),
)
# At each line, the minutes from the fifth post of a lit fire to its alarm, in the median of the same drills:
# fires of 1 to 8 times the usual that double every 10 to 80 minutes. Higher lines see fewer than half.
_DELAYS = (
    (0.4, 25.0),
    (0.6, 45.0),
    (1.0, 70.0),
    (1.4, 100.0),
    (1.8, 125.0),
    (2.2, 170.0),
    (2.6, 220.0),
    (2.8, 255.0),
    (3.0, 300.0),
    (3.2, 350.0),
)
FEWEST, MOST = _TABLE[-1][0], _TABLE[0][0]  # alarms a month that a budget may name
CALM = 0.5  # the calm line is this part of the alarm line, so that a fire does not flicker


def line_for(alarms_per_month: float) -> float:
    """The alarm line that lets through so many false alarms a month for each watch.

    Raises ValueError outside 0.1 to 30: nothing was measured there.
    """
    if not FEWEST <= alarms_per_month <= MOST:
        raise ValueError(
            f"a budget lies between {FEWEST:g} and {MOST:g} alarms a month, not {alarms_per_month:g}"
        )
    rarity = [-math.log(alarms) for alarms, _ in _TABLE]
    return float(np.interp(-math.log(alarms_per_month), rarity, [line for _, line in _TABLE]))


@lru_cache(maxsize=1024)  # asked of the same few lines for each watch and day
def alarms_at(line: float) -> float:
    """The false alarms a month of each watch that a line lets through; the inverse of `line_for`."""
    rarity = [-math.log(alarms) for alarms, _ in _TABLE]
    return math.exp(-float(np.interp(line, [line for _, line in _TABLE], rarity)))


def delay_at(line: float) -> float | None:
    """Typical minutes from the beginning of a fire to its alarm; None: at this line most are not seen."""
    if line > _DELAYS[-1][0]:
        return None
    return round(float(np.interp(line, [at for at, _ in _DELAYS], [minutes for _, minutes in _DELAYS])))


def calm_for(line: float) -> float:
    """The line below which a fire calms down."""
    return CALM * line
