"""Why an alert rang, and what is to be known of what it was judged by."""

from math import ceil, floor

from app.channels.base import Alert
from app.channels.document import Inline
from app.channels.wording.kinds import taken_for
from app.channels.wording.sentences import is_unknown, name
from app.channels.wording.set_aside import apart
from app.channels.wording.words import Words
from app.models import Reason, State

_SHOWN = 3  # names in a row
_NOT_THERE = 0.01  # heard: what was seen was brought afterwards


def _learning(alert: Alert, words: Words) -> list[Inline]:
    """What is to be known of a watch that has not learnt what is usual for it."""
    learning = alert.facts.learning
    if learning is None or learning.basis == "none":
        return []
    until = words.date(learning.until, seen_from=alert.at)
    if learning.basis == "borrowed":
        return [
            words.write_count(
                "*Still learning:* the usual is that of {n} watch like it, until {until}.",
                "*Still learning:* the usual is that of {n} watches like it, until {until}.",
                learning.like,
                until=until,
            )
        ]
    return [
        words.write_count(
            "*Still learning:* what is usual is not known before {until}. As an emergency watch it rings at "
            "{n} mention an hour, or at half as many negative ones.",
            "*Still learning:* what is usual is not known before {until}. As an emergency watch it rings at "
            "{n} mentions an hour, or at half as many negative ones.",
            learning.per_hour or 0,
            until=until,
        )
    ]


def _quiet_at(alert: Alert, words: Words) -> list[Inline]:
    """How many mentions in the hour would not have rung, where that is fewer than there were."""
    most = ceil(alert.facts.quiet_below) - 1
    if not 1 <= most < floor(alert.facts.observed):
        return []
    return [
        words.write_count(
            "With {n} mention or none in that hour, nothing would have rung.",
            "With {n} mentions or fewer in that hour, nothing would have rung.",
            most,
        )
    ]


def _rang(alert: Alert, words: Words) -> list[Inline]:
    """What rang, and what would have kept it quiet; empty where nothing did."""
    facts = alert.facts
    said: list[Inline] = []
    burns = alert.state is State.burning and facts.score >= facts.threshold
    if burns and is_unknown(facts):
        said.append(words.write("*Why it rang:* so many mentions, or so many negative ones, in an hour."))
    elif burns:
        said.append(words.write("*Why it rang:* an excess that lasts, not a burst."))
        said += _quiet_at(alert, words)
    elif alert.reason is Reason.ignited and facts.second_key:
        said.append(
            words.write(
                "*Why it rang:* the volume alone would not ring yet, but what people write is that of a fire."
            )
        )
    return said


def why(alert: Alert, words: Words, *, left_out: int) -> list[Inline]:
    """Why it rang, what would have kept it quiet, and what could not be heard."""
    facts = alert.facts
    said = [*_rang(alert, words), *_learning(alert, words), *apart(facts, words)]
    taken = taken_for(alert, words)
    if taken and alert.state is State.burning:
        said.append(taken)
    if facts.alike is not None and alert.state is State.burning:
        said.append(
            words.write_count(
                "*Looked like this before:* {n} fire; {calmed} died down, {grew} grew.",
                "*Looked like this before:* {n} fires; {calmed} died down, {grew} grew.",
                facts.alike.fires,
                calmed=words.number(facts.alike.calmed),
                grew=words.number(facts.alike.grew),
            )
        )
    if facts.planned:
        names = words.all_of([name(planned) for planned in facts.planned[:_SHOWN]])
        said.append(words.write("More than usual was expected: {names}.", names=names))
    if facts.seen_at is not None:
        at = words.date(facts.seen_at, seen_from=alert.at)
        said.append(words.write("*Its posts came late:* what is told here is of {at}.", at=at))
    elif facts.heard is not None and facts.heard < _NOT_THERE:
        said.append(words.write("*Its posts came late:* there are at least so many."))
    elif facts.heard is not None:
        share = words.share(facts.heard, 1)
        said.append(words.write("*Heard only in part* ({share}): there are at least so many.", share=share))
    if facts.deaf:
        names = words.all_of([name(deaf) for deaf in facts.deaf[:_SHOWN]])
        if len(facts.deaf) > _SHOWN:
            names += f" (+{len(facts.deaf) - _SHOWN})"
        said.append(
            words.write("*Could not be heard:* {names}. It may be larger than it looks.", names=names)
        )
    if left_out:
        said.append(
            words.write_count(
                "{n} point of the chart could not be heard and is left out.",
                "{n} points of the chart could not be heard and are left out.",
                left_out,
            )
        )
    return said
