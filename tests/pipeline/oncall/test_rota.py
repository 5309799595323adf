"""Who is on duty when: turns, hours, substitutions, and the days when clocks are set."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from dateutil.rrule import DAILY, rrule
from hypothesis import given, settings
from hypothesis import strategies as st

from app.pipeline.oncall.rota import Hours, Layer, Night, Plan, Replaced, holder, is_night

PARIS = ZoneInfo("Europe/Paris")
ZONES = [
    "Europe/Paris",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "America/Sao_Paulo",
    "UTC",
]
LEA, MAX, ZOE, ANA = 1, 2, 3, 4
WEEK = Layer(people=(LEA, MAX, ZOE), starts_on=date(2026, 11, 30), hand_over=time(9))


def at(text: str, zone: ZoneInfo = PARIS) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


@settings(max_examples=200, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    starts_on=st.dates(date(2025, 1, 1), date(2026, 12, 31)),
    hand_over=st.times().map(lambda clock: clock.replace(second=0, microsecond=0)),
    days=st.integers(1, 40),
    people=st.integers(1, 5),
    after=st.timedeltas(timedelta(), timedelta(days=400)),
)
def test_turns_are_those_that_dateutil_expands(
    zone: str, starts_on: date, hand_over: time, days: int, people: int, after: timedelta
) -> None:
    there = ZoneInfo(zone)
    first = datetime.combine(starts_on, hand_over)
    layer = Layer(people=tuple(range(people)), starts_on=starts_on, hand_over=hand_over, days=days)
    now = first.replace(tzinfo=there).astimezone(UTC) + after
    begun = [
        start
        for start in rrule(DAILY, interval=days, dtstart=first, until=first + after + timedelta(days=2))
        if start.replace(tzinfo=there).astimezone(UTC) <= now
    ]
    assert holder(layer, there, now) == (len(begun) - 1) % people


@settings(max_examples=100, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    since=st.integers(0, 364 * 1440).map(lambda m: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=m)),
    days=st.integers(1, 40),
    hours=st.none() | st.builds(Hours, since=st.times(), until=st.times(), days=st.just((1, 6))),
    clocks=st.lists(st.timedeltas(timedelta(), timedelta(days=40)), min_size=2, max_size=2),
)
def test_shifts_leave_no_hole_and_say_what_each_instant_says(
    zone: str, since: datetime, days: int, hours: Hours | None, clocks: list[timedelta]
) -> None:
    layers = (
        Layer(people=(LEA, MAX), starts_on=date(2026, 1, 5), hand_over=time(2, 30), days=3, hours=hours),
        Layer(people=(ZOE,), starts_on=date(2026, 3, 1), hand_over=time(9)),
    )
    start, end = sorted(since + clock for clock in clocks)
    plan = Plan(ZoneInfo(zone), layers, (Replaced(ANA, LEA, start, end),), lead=ANA)
    until = since + timedelta(days=days)
    shifts = plan.shifts(since, until)
    assert [shifts[0].since, shifts[-1].until] == [since, until]
    assert all(a.until == b.since and a.people != b.people for a, b in pairwise(shifts))
    for shift in shifts:
        last = shift.until - timedelta(microseconds=1)
        assert plan.on_duty(shift.since) == plan.on_duty(last) == shift.people


def test_nobody_is_on_duty_before_it_starts_or_outside_its_hours_but_somebody_is_called() -> None:
    plan = Plan(PARIS, (WEEK,), lead=ANA)
    assert plan.on_duty(at("2026-11-30T08:59")) == ()
    assert plan.call_order(at("2026-11-30T08:59")) == (LEA, MAX, ZOE, ANA)
    assert plan.on_duty(at("2026-11-30T09:00")) == (LEA,)
    assert plan.call_order(at("2026-12-07T09:00")) == (MAX, ZOE, LEA, ANA)
    office = WEEK.model_copy(update={"hours": Hours(since=time(8), until=time(20), days=(1, 2, 3, 4, 5))})
    assert Plan(PARIS, (office,)).on_duty(at("2026-12-05T12:00")) == ()


def test_the_layers_are_called_one_after_the_other() -> None:
    nights = Layer(
        people=(ZOE,),
        starts_on=date(2026, 11, 1),
        hand_over=time(9),
        hours=Hours(since=time(20), until=time(8)),
    )
    plan = Plan(PARIS, (nights, WEEK))
    assert plan.on_duty(at("2026-12-01T19:59")) == (LEA,)
    assert plan.on_duty(at("2026-12-01T20:00")) == (ZOE, LEA)
    assert plan.on_duty(at("2026-12-02T07:59")) == (ZOE, LEA)
    assert plan.on_duty(at("2026-12-02T08:00")) == (LEA,)


def test_a_substitution_takes_one_place_and_the_newer_holds() -> None:
    saturday = (at("2026-12-05T09:00"), at("2026-12-06T09:00"))
    plan = Plan(PARIS, (WEEK,), (Replaced(MAX, LEA, *saturday),))
    assert plan.on_duty(at("2026-12-05T08:59")) == (LEA,)
    assert plan.on_duty(at("2026-12-05T09:00")) == (MAX,)
    assert plan.call_order(at("2026-12-05T12:00")) == (MAX, ZOE), "who is away is not called"
    both = Plan(PARIS, (WEEK,), (Replaced(MAX, LEA, *saturday), Replaced(ZOE, None, *saturday)))
    assert both.on_duty(at("2026-12-05T12:00")) == (ZOE,)
    before = (at("2026-11-01T00:00"), at("2026-11-02T00:00"))
    assert Plan(PARIS, (WEEK,), (Replaced(MAX, None, *before),)).on_duty(before[0]) == (MAX,), "also in a gap"


def test_the_night_goes_over_midnight_and_the_change_of_clocks() -> None:
    night = Night(since=time(22), until=time(7), from_level=1)
    for text, sleeps in (("2026-10-24T22:00", True), ("2026-10-25T06:59", True), ("2026-10-25T07:00", False)):
        assert is_night(night, PARIS, at(text)) is sleeps, text
    assert not is_night(None, PARIS, at("2026-10-25T03:00"))
