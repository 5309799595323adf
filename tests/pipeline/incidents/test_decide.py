"""Tell or not, whom, and how loudly."""

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from app.channels.acts import Act
from app.models import MILESTONES, Reason, State
from app.pipeline.incidents.conditions import ALWAYS
from app.pipeline.incidents.decide import TRANSITIONS, Hold, Occurrence, decide, what_happened
from app.pipeline.incidents.standing import Rules, Signal, Story
from tests.pipeline.incidents.cases import (
    AT,
    EVERYONE,
    HOUR,
    INFORMED,
    MINUTE,
    NOBODY,
    REST,
    RULES,
    UNTOLD,
    Case,
    burning,
    contained,
    seen,
    smouldering,
)
from tests.pipeline.incidents.decisions import CASES


@pytest.mark.parametrize("case", [pytest.param(case, id=case.says) for case in CASES])
def test_the_decision(case: Case) -> None:
    standing, happened = what_happened(case.standing, case.signal, RULES)
    if case.reason is None:
        assert happened is None
    else:
        assert happened is not None
        assert standing.last_transition_at == AT
        decision = decide(standing, happened, case.hold, kind=case.kind, rings=RULES.rings)
        standing = decision.standing
        assert (decision.reason, decision.audience) == (case.reason, case.told)
        assert decision.act(has_root=True) is case.later
        assert decision.act(has_root=False) is (Act.root if case.later is Act.broadcast else Act.nothing)
        assert (decision.at, decision.due_at) == (AT, AT + case.due)
    assert standing.state is case.state
    assert {name: getattr(standing, name) for name in case.after} == case.after


# What other watches told of the same fire: an hour ago, at 100 posts an hour; now there are as many.
STORY = Story(told_at=AT - HOUR, posts_told=100.0, posts=100.0, cooldown=6 * HOUR)


@pytest.mark.parametrize(
    ("story", "news"),
    [
        pytest.param(None, True, id="what burns alone is news"),
        pytest.param(STORY, False, id="what others told is none"),
        pytest.param(replace(STORY, posts=199.0), False, id="nor is what does not double"),
        pytest.param(replace(STORY, posts=200.0), True, id="a story that doubles is"),
        pytest.param(replace(STORY, posts_told=4.0, posts=8.0), False, id="four posts more are no doubling"),
        pytest.param(replace(STORY, posts_told=4.0, posts=9.0), True, id="five are"),
        pytest.param(
            replace(STORY, told_at=AT - 6 * HOUR), True, id="what was told so long ago is told anew"
        ),
        pytest.param(replace(STORY, told_at=AT - 6 * HOUR + MINUTE), False, id="and not before"),
        pytest.param(replace(STORY, news=True), True, id="the press, a source, a voice, a tone are news"),
    ],
)
def test_of_one_fire_in_several_watches_people_are_called_for_what_is_news(
    story: Story | None, news: bool
) -> None:
    standing, happened = what_happened(REST, seen(3.0), RULES)
    assert happened is not None
    decision = decide(standing, happened, Hold(), kind="fire", rings=("fire",), story=story)
    assert (decision.reason, decision.audience) == (Reason.ignited, EVERYONE)
    assert decision.suppressed_by_story is not news
    assert decision.act(has_root=True) is (Act.broadcast if news else Act.reply)
    assert decision.act(has_root=False) is Act.root
    assert decision.standing.last_alert_at == AT
    calmer = Occurrence(Reason.contained, AT, 100.0, was_told=True)
    assert not decide(contained(), calmer, Hold(), story=STORY).suppressed_by_story
    untold = decide(standing, happened, Hold(), kind="buzz", rings=("fire",), story=STORY)
    assert not untold.suppressed_by_story


def test_each_row_of_the_table_has_a_case_and_none_stands_behind_one_that_always_holds() -> None:
    tried = {(case.standing.state, case.reason) for case in CASES}
    always = set()
    for row in TRANSITIONS:
        assert (row.state, row.reason) in tried
        assert (row.state, row.seen) not in always
        if row.when is ALWAYS:
            always.add((row.state, row.seen))


def test_what_people_do_is_told_to_those_who_know_of_the_fire() -> None:
    deeds = (Reason.acknowledged, Reason.snoozed, Reason.closed, Reason.judged, Reason.reminded)
    for deed in deeds:
        happened = Occurrence(deed, AT, 100.0, was_told=True)
        assert decide(burning(), happened, Hold()).audience is INFORMED
        assert decide(burning(state=State.out), happened, Hold()).audience is INFORMED
        assert decide(smouldering(), happened, Hold()).audience is NOBODY
        assert decide(UNTOLD, happened, Hold()).audience is NOBODY
        assert decide(UNTOLD, happened, Hold(), rings=("fire",)).standing == UNTOLD, "nothing was read for it"


def test_a_snooze_lets_through_what_grows_what_is_new_and_itself() -> None:
    through = {
        Reason.ignited, Reason.revealed, Reason.grew, Reason.flared, Reason.press, Reason.spread,
        Reason.turned, Reason.joined, Reason.soured, Reason.snoozed,
    }  # fmt: skip
    hold = Hold(snoozed_until=AT + HOUR)
    for reason in Reason:
        decision = decide(burning(), Occurrence(reason, AT, 100.0, was_told=True), hold)
        assert decision.due_at == (AT if reason in through else AT + HOUR), reason


def test_a_doubling_is_measured_from_what_was_told_last() -> None:
    standing, _ = what_happened(burning(), seen(3.0, 210), RULES)
    later = replace(seen(3.0, 300), at=AT + HOUR)
    assert what_happened(standing, later, RULES)[1] is not None, "only that it goes on"
    assert what_happened(standing, later, RULES)[0].level == 1


def test_no_hour_of_a_fire_has_more_than_a_handful_of_messages() -> None:
    """Of the wildest hour that there can be: it doubles every five minutes, and something is always new."""
    standing, aloud = burning(last_alert_at=AT), 0
    for n in range(1, 13):
        signal = Signal(AT + n * 5 * MINUTE, 9.0, 100 * 2.0**n, 20.0, Reason.turned)
        standing, happened = what_happened(standing, signal, RULES)
        aloud += happened is not None and happened.reason in {Reason.grew, *MILESTONES}
    assert aloud <= 6
    assert standing.level == 12, "and its level is that of all that it grew"


def test_without_a_cool_down_and_waits_everything_is_told_at_once() -> None:
    none = timedelta(0)
    rules = Rules(RULES.thresholds, none, none, none, none, none)
    states = (REST, smouldering(), contained(last_alert_at=AT))
    for standing, score in product(states, (2.0, 3.0)):
        assert what_happened(standing, seen(score), rules)[1] is not None
    _, happened = what_happened(burning(), seen(0.0), rules)
    assert happened is not None
    assert happened.reason is Reason.contained
