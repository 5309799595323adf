import pytest

from app.channels.acts import Act, decide
from app.models import MILESTONES, Reason

TABLE = {
    # reason: (without a root message, with one)
    Reason.smoke: (Act.nothing, Act.nothing),  # recorded, not told
    Reason.ignited: (Act.root, Act.broadcast),  # with one: the story burns again
    Reason.revealed: (Act.root, Act.broadcast),  # it kept quiet until now
    Reason.grew: (Act.root, Act.broadcast),  # the first that a new channel hears of it
    Reason.flared: (Act.root, Act.broadcast),
    Reason.spread: (Act.nothing, Act.reply),
    Reason.turned: (Act.nothing, Act.reply),
    Reason.press: (Act.nothing, Act.reply),
    Reason.joined: (Act.nothing, Act.reply),
    Reason.soured: (Act.nothing, Act.reply),
    Reason.slowed: (Act.nothing, Act.reply),
    Reason.relit: (Act.nothing, Act.update),  # within the cool-down, and nothing new of it
    Reason.contained: (Act.nothing, Act.reply),  # good news calls nobody
    Reason.went_out: (Act.nothing, Act.reply),
    Reason.fizzled: (Act.nothing, Act.nothing),
    Reason.went_on: (Act.nothing, Act.update),  # what was told is brought up to date, without a sound
    Reason.reminded: (Act.nothing, Act.reply),  # the thread, not the channel: nothing grew
    Reason.acknowledged: (Act.nothing, Act.update),  # who did it knows it
    Reason.snoozed: (Act.nothing, Act.update),
    Reason.closed: (Act.nothing, Act.update),
    Reason.judged: (Act.nothing, Act.update),
}


@pytest.mark.parametrize("reason", Reason)
def test_each_reason_has_its_act(reason: Reason) -> None:
    assert (decide(reason, has_root=False), decide(reason, has_root=True)) == TABLE[reason]


@pytest.mark.parametrize("reason", [Reason.contained, Reason.went_out])
def test_who_was_not_told_that_it_burnt_again_is_not_told_that_it_calmed(reason: Reason) -> None:
    assert decide(reason, has_root=True, hushed=True) is Act.update


@pytest.mark.parametrize("reason", [Reason.grew, *MILESTONES])
def test_what_is_new_is_told_in_the_cool_down_too(reason: Reason) -> None:
    assert decide(reason, has_root=True, hushed=True) is decide(reason, has_root=True)
