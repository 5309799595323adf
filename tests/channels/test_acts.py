import pytest

from app.channels.acts import Act, decide
from app.models import Reason

TABLE = {
    # reason: (without a root message, with one)
    Reason.smoke: (Act.nothing, Act.nothing),  # recorded, not told
    Reason.ignited: (Act.root, Act.broadcast),  # with one: the story burns again
    Reason.grew: (Act.root, Act.broadcast),  # the first that a new channel hears of it
    Reason.flared: (Act.root, Act.broadcast),
    Reason.contained: (Act.nothing, Act.reply),  # good news calls nobody
    Reason.went_out: (Act.nothing, Act.reply),
    Reason.fizzled: (Act.nothing, Act.nothing),
    Reason.went_on: (Act.nothing, Act.update),  # what was told is brought up to date, without a sound
    Reason.acknowledged: (Act.nothing, Act.update),  # who did it knows it
    Reason.snoozed: (Act.nothing, Act.update),
    Reason.closed: (Act.nothing, Act.update),
    Reason.judged: (Act.nothing, Act.update),
}


@pytest.mark.parametrize("reason", Reason)
def test_each_reason_has_its_act(reason: Reason) -> None:
    assert (decide(reason, has_root=False), decide(reason, has_root=True)) == TABLE[reason]
