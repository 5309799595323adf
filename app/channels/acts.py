"""What a channel does about a transition: a decision, nothing else."""

from enum import StrEnum

from app.models import MILESTONES, Reason


class Act(StrEnum):
    """The closed list of what can be done; all but `nothing` and `root` also repaint the root message."""

    nothing = "nothing"  # it is not told
    root = "root"  # the story's first message
    update = "update"  # the root message is repainted: no new message, nobody is called
    reply = "reply"  # news in the thread
    broadcast = "broadcast"  # news in the thread that the whole channel sees


_LOUD = frozenset({Reason.ignited, Reason.revealed, Reason.grew, Reason.flared})
_CALMED = frozenset({Reason.contained, Reason.went_out})
_NOTED = frozenset(
    {Reason.went_on, Reason.relit, Reason.acknowledged, Reason.snoozed, Reason.closed, Reason.judged}
)


def decide(reason: Reason, *, has_root: bool, hushed: bool = False) -> Act:
    """What to do, given whether the story has its root message in this channel, and is in its cool-down.

    >>> decide(Reason.grew, has_root=False)
    <Act.root: 'root'>
    """
    if reason in _LOUD:
        return Act.broadcast if has_root else Act.root
    if not has_root:  # whoever was not told that it began is not told how it goes on
        return Act.nothing
    if reason in MILESTONES or reason is Reason.reminded or (reason in _CALMED and not hushed):
        return Act.reply
    if reason in _CALMED:  # who was not told that it burnt again is not told that it calmed
        return Act.update
    return Act.update if reason in _NOTED else Act.nothing
