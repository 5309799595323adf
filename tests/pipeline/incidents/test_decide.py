"""Tell or not, whom, and how loudly."""

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from app.channels.acts import Act
from app.models import MILESTONES, Reason, State
from app.pipeline.incidents.decide import ALWAYS, TRANSITIONS, Hold, Occurrence, decide, what_happened
from app.pipeline.incidents.standing import Rules, Signal
from tests.pipeline.incidents.decisions import (
    AT,
    CASES,
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
