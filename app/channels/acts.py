"""How loudly each reason is told: one table, for the pipeline that decides and the channels that tell.

docs/decision.md shows it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.models import Reason, State


class Act(StrEnum):
    """The closed list of what can be done; all but `nothing` and `root` also repaint the root message."""

    nothing = "nothing"  # it is not told
    root = "root"  # the story's first message
    update = "update"  # the root message is repainted: no new message, nobody is called
    reply = "reply"  # news in the thread
    broadcast = "broadcast"  # news in the thread that the whole channel sees


class Audience(StrEnum):
    """Who is told."""

    nobody = "nobody"  # it is recorded, to be looked at
    informed = "informed"  # the channels that were told how the story began
    everyone = "everyone"  # all channels that the incident is routed to


class Cooldown(StrEnum):
    """What a reason has to do with the cool-down."""

    begins = "begins"  # it is an alert: for a while only what is new is told aloud
    suppresses = "suppresses"  # it would be an alert, and the cool-down keeps it quiet
    unconcerned = "unconcerned"


@dataclass(frozen=True, slots=True)
class Loudness:
    """How loudly a reason is told."""

    first: Act  # in a channel that has no message of the story yet
    later: Act  # in one that has
    while_suppressed: Act  # the same, of a fire that the cool-down keeps quiet
    unpainted: Act = Act.nothing  # instead of `update`, where a message cannot be repainted
    cooldown: Cooldown = Cooldown.unconcerned
    through_snooze: bool = False  # a snooze does not hold it back
    in_story: Act | None = None  # in one that has, where other watches of the story tell it; None: as above

    @property
    def audience(self) -> Audience:
        """Who is told of it, of a fire that is told at all."""
        if self.first is not Act.nothing:
            return Audience.everyone
        # Whoever was not told that it began is not told how it goes on.
        return Audience.informed if self.later is not Act.nothing else Audience.nobody


_RECORD = Loudness(Act.nothing, Act.nothing, Act.nothing)
_ALERT = Loudness(
    Act.root, Act.broadcast, Act.broadcast, cooldown=Cooldown.begins, through_snooze=True, in_story=Act.reply
)
_NEWS = Loudness(Act.nothing, Act.reply, Act.reply, cooldown=Cooldown.begins, through_snooze=True)
_NOTE = Loudness(Act.nothing, Act.update, Act.update)
# Good news calls nobody; who was not told that it burnt again is not told that it calmed.
_CALMED = Loudness(Act.nothing, Act.reply, Act.update, in_story=Act.update)  # the story goes on

LOUDNESS: Mapping[Reason, Loudness] = {
    Reason.smoke: _RECORD,
    Reason.ignited: _ALERT,
    Reason.revealed: _ALERT,
    Reason.flared: _ALERT,
    Reason.grew: _ALERT,
    Reason.press: _NEWS,
    Reason.spread: _NEWS,
    Reason.turned: _NEWS,
    Reason.joined: _NEWS,
    Reason.soured: _NEWS,
    Reason.slowed: Loudness(Act.nothing, Act.reply, Act.reply, cooldown=Cooldown.begins),
    Reason.relit: Loudness(Act.nothing, Act.update, Act.update, cooldown=Cooldown.suppresses),
    Reason.went_on: _NOTE,
    Reason.contained: _CALMED,
    Reason.went_out: _CALMED,
    Reason.fizzled: _RECORD,
    # Aloud, though nothing grew: a fire that nobody has taken in hand is one that nobody saw.
    Reason.reminded: Loudness(Act.nothing, Act.broadcast, Act.broadcast),
    Reason.acknowledged: _NOTE,  # who did it knows it
    Reason.lapsed: Loudness(
        Act.nothing, Act.broadcast, Act.broadcast, in_story=Act.update
    ),  # nobody has it any more
    Reason.snoozed: Loudness(Act.nothing, Act.update, Act.update, through_snooze=True),
    # Where nothing is repainted, nothing else would say that it does not burn any more.
    Reason.closed: Loudness(Act.nothing, Act.update, Act.update, unpainted=Act.reply, in_story=Act.update),
    Reason.judged: _NOTE,
}


def choose_message_action(
    reason: Reason,
    *,
    has_root: bool,
    suppressed: bool = False,
    repaints: bool = True,
    catches_up: State | None = None,
    in_story: bool = False,
) -> Act:
    """What to do, given whether the story has its root message in this channel.

    `suppressed`: the cool-down keeps the fire quiet; `repaints`: the channel can change what it has sent;
    `in_story`: other watches of the story told of the fire there, or go on with it.
    `catches_up`: it is told for an alert before it that nobody was told, too, and the incident stands so: a
    fire that still burns is told as loudly as that alert, one that is over in the thread; of a story that
    others told one step less.

    >>> choose_message_action(Reason.grew, has_root=False)
    <Act.root: 'root'>
    """
    loudness = LOUDNESS[reason]
    if not has_root:
        return loudness.first if catches_up is None else Act.root
    act = loudness.while_suppressed if suppressed else loudness.later
    if in_story:
        if catches_up is not None:
            act = Act.reply if catches_up is State.burning else Act.update
        elif loudness.in_story is not None:
            act = loudness.in_story
    elif catches_up is not None:
        act = Act.broadcast if catches_up is State.burning else Act.reply
    if act is Act.update and not repaints:
        return Act.nothing if in_story else loudness.unpainted
    return act
