"""What happens to an incident at one instant: each case reads as a rule."""

from datetime import UTC, datetime, timedelta
from math import nan

import pytest

from app.models import MILESTONES, Reason, State
from app.pipeline.decide import Lines, Rules, Signal, Standing, decide

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
RULES = Rules(Lines(alarm=2.0, calm=1.0, smoke=1.5), timedelta(hours=1), timedelta(hours=6))
HOURS = timedelta(hours=1)


def signal(score: float, observed: float = 100.0, high: float = 20.0) -> Signal:
    return Signal(AT, score, observed, high)


def burning(**more: object) -> Standing:
    return Standing(**({"state": State.burning, "alerted": 100.0} | more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("standing", "seen", "reason", "state"),
    [
        pytest.param(None, signal(0.5), None, None, id="an ordinary hour is nothing"),
        pytest.param(None, signal(1.6), Reason.smoke, State.smouldering, id="below the line is smoke"),
        pytest.param(None, signal(2.0), Reason.ignited, State.burning, id="at the line it is a fire"),
        pytest.param(
            Standing(State.smouldering), signal(2.5), Reason.ignited, State.burning,
            id="smoke becomes a fire",
        ),
        pytest.param(
            Standing(State.smouldering, calm_since=AT - HOURS), signal(0.2), Reason.fizzled, State.out,
            id="smoke that is calm for an hour is nothing any more",
        ),
        pytest.param(burning(), signal(3.0, 199), None, State.burning, id="a fire that holds is no news"),
        pytest.param(burning(), signal(3.0, 200), Reason.grew, State.burning, id="a doubling is told"),
        pytest.param(
            burning(alerted=2.0), signal(3.0, 6, high=1), None, State.burning,
            id="four posts more are no doubling",
        ),
        pytest.param(burning(), signal(0.9), None, State.burning, id="calm has to last"),
        pytest.param(
            burning(calm_since=AT - HOURS), signal(0.9), Reason.contained, State.contained,
            id="an hour of calm contains it",
        ),
        pytest.param(
            burning(calm_since=AT - HOURS), signal(3.0, observed=20), Reason.contained, State.contained,
            id="an hour that is as usual is calm, whatever the hours before weigh",
        ),
        pytest.param(
            burning(calm_since=AT - HOURS), signal(1.2), None, State.burning,
            id="between the lines nothing changes",
        ),
        pytest.param(
            Standing(State.contained, alerted=100), signal(2.1), Reason.flared, State.burning,
            id="over the line again it flares up",
        ),
        pytest.param(
            Standing(State.contained, calm_since=AT - 6 * HOURS), signal(0.1), None, State.contained,
            id="contained is not out",
        ),
        pytest.param(
            Standing(State.contained, calm_since=AT - 7 * HOURS), signal(0.1), Reason.went_out, State.out,
            id="six more hours of calm put it out",
        ),
        pytest.param(
            Standing(State.out), signal(2.1), Reason.ignited, State.burning,
            id="after the end a new one begins",
        ),
    ],
)  # fmt: skip
def test_the_rules(
    standing: Standing | None, seen: Signal, reason: Reason | None, state: State | None
) -> None:
    told, after = decide(standing, seen, RULES)
    assert told == reason
    assert (after.state if after else None) == state


def test_what_was_not_heard_is_no_sign_of_calm() -> None:
    told, after = decide(burning(calm_since=AT - 5 * HOURS), signal(nan), RULES)
    assert told is None
    assert after is not None
    assert after.calm_since is None


def test_a_score_between_the_lines_begins_the_wait_for_calm_anew() -> None:
    _, after = decide(burning(calm_since=AT - 5 * HOURS), signal(1.2), RULES)
    assert after is not None
    assert after.calm_since is None


def test_a_doubling_is_measured_from_what_was_told_last() -> None:
    _, after = decide(burning(), signal(3.0, 210), RULES)
    assert after is not None
    assert (after.level, after.alerted) == (1, 210)
    assert decide(after, signal(3.0, 300), RULES)[0] is None


def test_a_fire_that_goes_on_is_told_anew_each_half_hour_without_a_sound() -> None:
    told, _ = decide(burning(told_at=AT - timedelta(minutes=30)), signal(3.0), RULES)
    assert told == Reason.went_on
    assert decide(burning(told_at=AT - timedelta(minutes=29)), signal(3.0), RULES)[0] is None
    assert decide(burning(told_at=AT - HOURS), signal(3.0, 200), RULES)[0] == Reason.grew, "news comes first"


def test_of_a_small_brand_an_hour_without_a_post_is_no_sign_of_calm() -> None:
    _, after = decide(burning(alerted=5.0), signal(2.5, observed=0, high=0.4), RULES)
    assert after is not None
    assert after.calm_since is None


COOL = timedelta(hours=2)  # since the story was last told aloud, well within the cool-down of six hours


def spoken(state: State = State.burning, ago: timedelta = COOL, **more: object) -> Standing:
    return Standing(**({"state": state, "alerted": 100.0, "spoken_at": AT - ago} | more))  # type: ignore[arg-type]


def news(reason: Reason, score: float = 3.0) -> Signal:
    return Signal(AT, score, 100.0, 20.0, reason)


@pytest.mark.parametrize(
    ("standing", "seen", "reason", "hushed"),
    [
        pytest.param(
            spoken(State.contained), signal(2.1), Reason.relit, True, id="the same fire is not told again"
        ),
        pytest.param(
            spoken(State.out), signal(2.1), Reason.relit, True, id="nor is a new fire of the same story"
        ),
        pytest.param(
            spoken(State.smouldering), signal(2.1), Reason.relit, True, id="nor is smoke that becomes one"
        ),
        pytest.param(
            spoken(State.contained), signal(2.1, 200), Reason.flared, False, id="twice the alerted volume is"
        ),
        pytest.param(
            spoken(State.contained), news(Reason.spread), Reason.flared, False, id="a new source is"
        ),
        pytest.param(spoken(State.out), news(Reason.turned), Reason.ignited, False, id="a new topic is"),
        pytest.param(
            spoken(State.contained, 6 * HOURS), signal(2.1), Reason.flared, False,
            id="after the cool-down everything is",
        ),
        pytest.param(
            spoken(State.out, 8 * HOURS, alerted=10.0), signal(2.1, 100), Reason.ignited, False,
            id="a spark, and eight hours later a fire: both are told",
        ),
        pytest.param(spoken(), news(Reason.spread), Reason.spread, False, id="a burning fire spreads"),
        pytest.param(spoken(), news(Reason.turned), Reason.turned, False, id="a burning fire turns"),
        pytest.param(
            spoken(ago=timedelta(minutes=25)), news(Reason.spread), None, False, id="news waits half an hour"
        ),
        pytest.param(spoken(hushed=True), signal(3.0), None, True, id="what was hushed stays so for a while"),
        pytest.param(
            spoken(ago=6 * HOURS, hushed=True), signal(3.0), Reason.flared, False,
            id="what burns on beyond the cool-down is told after all",
        ),
        pytest.param(spoken(hushed=True), signal(3.0, 200), Reason.grew, False, id="growth is never hushed"),
        pytest.param(spoken(), news(Reason.spread, score=1.2), None, False, id="below the line is no news"),
    ],
)  # fmt: skip
def test_in_the_cool_down_only_what_is_new_is_told_aloud(
    standing: Standing, seen: Signal, reason: Reason | None, hushed: bool
) -> None:
    told, after = decide(standing, seen, RULES)
    assert told == reason
    assert after is not None
    assert after.hushed is hushed
    aloud = reason not in {None, Reason.relit}
    assert after.spoken_at == (AT if aloud else standing.spoken_at)


@pytest.mark.parametrize(
    ("observed", "level"),
    [(200, 1), (399, 1), (400, 2), (1600, 4)],
    ids=["twice", "almost four", "four", "sixteen"],
)
def test_a_level_is_a_doubling_however_fast_it_comes(observed: float, level: int) -> None:
    reason, standing = decide(burning(), signal(3.0, observed), RULES)
    assert standing is not None
    assert (reason, standing.level, standing.alerted) == (Reason.grew, level, observed)


def test_growth_takes_breath_between_two_messages_and_is_not_lost() -> None:
    just_told = burning(spoken_at=AT - timedelta(minutes=5))
    assert decide(just_told, signal(3.0, 300), RULES)[0] is None
    assert decide(burning(spoken_at=AT - timedelta(minutes=10)), signal(3.0, 300), RULES)[0] is Reason.grew


def test_no_hour_of_a_fire_has_more_than_a_handful_of_messages() -> None:
    """Of the wildest hour that there can be: it doubles every five minutes, and something is always new."""
    standing, told = burning(spoken_at=AT), 0
    for n in range(1, 13):
        seen = Signal(AT + n * timedelta(minutes=5), 9.0, 100 * 2.0**n, 20.0, Reason.turned)
        reason, after = decide(standing, seen, RULES)
        assert after is not None
        standing, told = after, told + (reason in {Reason.grew, *MILESTONES})
    assert told <= 6
    assert standing.level == 12, "and its level is that of all that it grew"
