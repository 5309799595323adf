"""How a process does, by what happened in it."""

from datetime import timedelta

from app.vitals import Vitals
from tests.pipeline.brand import START
from tests.standins.clock import StillClock

MINUTE = timedelta(minutes=1)


def test_a_pass_whose_faults_could_not_be_written_down_fails_until_one_can() -> None:
    clock = StillClock(START)
    vitals = Vitals(clock.monotonic)
    vitals.passed(lost="disk is full")
    clock.at += 4 * MINUTE
    vitals.wrote()  # a small one, which found room
    vitals.passed(lost="disk is full")
    clock.at += 6 * MINUTE
    assert vitals.failing() == "disk is full", "however long ago, until the next pass says otherwise"
    assert vitals.failing_for() == 10 * MINUTE
    vitals.passed()
    assert vitals.failing() is None
    assert vitals.failing_for() == timedelta(0)


def test_a_write_that_failed_says_nothing_after_some_minutes() -> None:
    clock = StillClock(START)
    vitals = Vitals(clock.monotonic)
    vitals.write_failed("disk is full")
    clock.at += 2 * MINUTE
    assert vitals.failing_for() == 2 * MINUTE
    clock.at += 4 * MINUTE
    assert vitals.failing() is None
    assert vitals.failing_for() == timedelta(0)
