import pytest

from app.channels.acts import LOUDNESS, Act, Audience, Cooldown, choose_message_action
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
    Reason.reminded: (Act.nothing, Act.broadcast),  # nobody has it: perhaps nobody saw it
    Reason.acknowledged: (Act.nothing, Act.update),  # who did it knows it
    Reason.lapsed: (Act.nothing, Act.broadcast),  # nobody has it any more: who had it may be asleep
    Reason.snoozed: (Act.nothing, Act.update),
    Reason.closed: (Act.nothing, Act.update),
    Reason.judged: (Act.nothing, Act.update),
}
CALMED = {Reason.contained, Reason.went_out}


@pytest.mark.parametrize("reason", Reason)
def test_each_reason_has_its_act(reason: Reason) -> None:
    acts = tuple(choose_message_action(reason, has_root=has_root) for has_root in (False, True))
    assert acts == TABLE[reason]


def test_who_was_not_told_that_it_burnt_again_is_not_told_that_it_calmed() -> None:
    for reason in Reason:
        act = choose_message_action(reason, has_root=True, suppressed=True)
        assert act is (Act.update if reason in CALMED else TABLE[reason][1]), "all else is told all the same"
        assert choose_message_action(reason, has_root=False, suppressed=True) is TABLE[reason][0]


def test_what_other_watches_of_the_story_tell_or_go_on_with_calls_nobody() -> None:
    for reason in Reason:
        for suppressed in (False, True):
            act = choose_message_action(reason, has_root=True, suppressed=suppressed, in_story=True)
            assert act is not Act.broadcast or reason is Reason.reminded
            if reason in CALMED | {Reason.lapsed}:
                assert act is Act.update, "the story goes on"
            elif LOUDNESS[reason].audience is Audience.everyone:
                assert act is Act.reply, "never silent: it is told in the thread"
            else:
                assert act is TABLE[reason][1]
        alone = choose_message_action(reason, has_root=False, in_story=True)
        assert alone is TABLE[reason][0], "who was told nothing is told all"
    for reason in {*CALMED, Reason.closed}:
        assert choose_message_action(reason, has_root=True, repaints=False, in_story=True) is Act.nothing


def test_where_nothing_can_be_repainted_only_what_is_told_aloud_is_sent_and_that_it_was_closed() -> None:
    sent = {
        reason
        for reason in Reason
        if choose_message_action(reason, has_root=True, repaints=False) is not Act.nothing
    }
    silent = {reason for reason in Reason if TABLE[reason][1] in {Act.nothing, Act.update}}
    assert sent == set(Reason) - silent | {Reason.closed}
    for reason in Reason:
        assert choose_message_action(reason, has_root=True, repaints=False) is not Act.update
        assert choose_message_action(reason, has_root=False, repaints=False) is TABLE[reason][0]
    assert (
        choose_message_action(Reason.contained, has_root=True, suppressed=True, repaints=False) is Act.nothing
    )
    assert choose_message_action(Reason.closed, has_root=True, repaints=False) is Act.reply


def test_everyone_is_told_of_what_makes_a_message_and_nobody_of_what_never_does() -> None:
    told = {reason: LOUDNESS[reason].audience for reason in Reason}
    assert {r for r in Reason if told[r] is Audience.nobody} == {Reason.smoke, Reason.fizzled}
    alarms = {Reason.ignited, Reason.revealed, Reason.grew, Reason.flared}
    assert {r for r in Reason if told[r] is Audience.everyone} == alarms
    begins = {r for r in Reason if LOUDNESS[r].cooldown is Cooldown.begins}
    assert begins == alarms | set(MILESTONES)
    assert {r for r in Reason if LOUDNESS[r].cooldown is Cooldown.suppresses} == {Reason.relit}
