"""Clocks that jump, and hours without a pass."""

from collections.abc import Callable
from datetime import timedelta

from app.pipeline.incidents import late
from app.pipeline.scoring.counts import Series
from tests.faults.matrix.fault import FRESH, Fault, Mend, nothing, replaced
from tests.faults.matrix.house import House
from tests.faults.matrix.proofs import FIRE, FIRST, alerts_at_most, both, noticed

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
EARLIER = FRESH + 2  # at another hour of the day the same fire takes the detectors a little longer

SET_RIGHT = Mend(
    "no stored time is believed that lies later than now",
    replaced(("app.pipeline.timekeeping.set_right.set_right", nothing)),
)
JUMP_TOLD = Mend(
    "a clock that jumps is told", replaced(("app.pipeline.timekeeping.keep_time._tell", nothing))
)
PAUSE_TOLD = Mend(
    "a time without a pass is told", replaced(("app.pipeline.timekeeping.keep_time._pause", nothing))
)
_is_more = late._is_more


def _of_all_since(series: Series, row: int, _first: int, last: int) -> bool:
    """As if all that comes late came at once: beside all that passed since."""
    return _is_more(series, row, last - 1, series.mentions.shape[1])


BY_BUCKET = Mend(
    "what comes late all the time is looked at bucket by bucket",
    replaced(("app.pipeline.incidents.late._is_more", _of_all_since)),
)
AT_ONCE = Mend(
    "what happened in a time without a pass is told once, as it stands",
    replaced(("app.pipeline.delivery.outbox.catch_up_of", nothing)),
)


def _ahead(by: timedelta) -> Callable[[House], None]:
    """One pass by a clock that is ahead; then the right one, by which a fire begins."""

    def inject(house: House) -> None:
        house.set_clock(house.at + by)
        house.passes(1)
        house.set_clock(house.at - by)
        house.world.burn(FIRST)

    return inject


def _back(by: timedelta) -> Callable[[House], None]:
    """The clock is set back, and a fire begins."""

    def inject(house: House) -> None:
        house.set_clock(house.at - by)
        house.world.burn(FIRST)

    return inject


def _stay_ahead(house: House) -> None:
    """The clock is twelve hours ahead from now on: all that is posted seems to come late."""
    house.set_clock(house.at + 12 * HOUR)
    house.passes(1)
    house.world.burn(FIRST)


def _far_ahead(house: House) -> None:
    """The clock is two days ahead from now on."""
    house.set_clock(house.at + 2 * DAY)


def _asleep(by: timedelta) -> Callable[[House], None]:
    """The machine sleeps while a fire begins, and grows before it wakes."""

    def inject(house: House) -> None:
        house.world.shown = 13 * HOUR
        house.world.burn(FIRST, hours=by / HOUR + 1, per_hour=120.0)
        house.world.burn(FIRST, after=by - 2 * HOUR, per_hour=500.0)
        house.sleep(by)

    return inject


ONCE = both(FIRE, alerts_at_most(1))

FAULTS = (
    Fault("the clock goes half a day ahead, and stays so", _stay_ahead, FIRE, BY_BUCKET, passes=FRESH),
    Fault("the clock is a day ahead for one pass", _ahead(DAY), FIRE, SET_RIGHT, passes=FRESH),
    Fault("the clock is two days ahead for one pass", _ahead(2 * DAY), FIRE, SET_RIGHT, passes=FRESH),
    Fault("the clock was ahead, and people are to know", _ahead(DAY), noticed("set back"), JUMP_TOLD),
    Fault("the clock goes two days ahead, and stays so", _far_ahead, noticed("did not listen"), PAUSE_TOLD),
    Fault("the clock is set back by an hour", _back(HOUR), FIRE, SET_RIGHT, passes=EARLIER),
    Fault("the clock is set back by a day", _back(DAY), FIRE, SET_RIGHT, passes=EARLIER),
    Fault("the clock was set back, and people are to know", _back(HOUR), noticed("set back"), JUMP_TOLD),
    Fault(
        "the machine sleeps for eight hours, and a fire begins and grows", _asleep(8 * HOUR), ONCE, AT_ONCE
    ),
    Fault("the machine sleeps for three days, and a fire begins and grows", _asleep(3 * DAY), ONCE, AT_ONCE),
    Fault(
        "the machine slept, and people are to know", _asleep(8 * HOUR), noticed("did not listen"), PAUSE_TOLD
    ),
)
