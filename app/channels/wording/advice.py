"""What to do, in proportion: over-reacting pours petrol on the fire."""

from collections.abc import Sequence

from app.channels.base import Alert
from app.channels.document import Inline, join
from app.channels.wording.words import Words, mark
from app.models import State

_CALLS = {
    "wait": mark("*Wait and see:* {because}."),
    "prepare": mark("*Prepare an answer, do not publish yet:* {because}."),
    "convene": mark("*Bring the crisis team together:* {because}."),
}
_BARE = {
    "wait": mark("*Wait and see.*"),
    "prepare": mark("*Prepare an answer, do not publish yet.*"),
    "convene": mark("*Bring the crisis team together.*"),
}
# In the order in which they are said; three are enough to decide by.
_BECAUSE = {
    "few_authors": mark("few people speak"),
    "one_source": mark("it stays on one source"),
    "slowing": mark("it is slowing down"),
    "alike_calm": mark("earlier ones that looked like this died down"),
    "amplified": mark("much of it is relayed in bulk"),
    "large": mark("it is large"),
    "many_authors": mark("many people speak"),
    "negative": mark("it is more negative than usual"),
    "press": mark("the press has it"),
    "wide": mark("somebody with a wide audience speaks"),
    "alike_grew": mark("earlier ones that looked like this grew"),
    "growing": mark("it is growing"),
    "several_sources": mark("several sources carry it"),
}
_CALMING = frozenset(("few_authors", "one_source", "slowing", "amplified", "alike_calm"))
_SAID = 3
_TIPS = {
    "several_sources": mark("another source takes it up"),
    "many_authors": mark("many more people speak"),
    "growing": mark("it picks up"),
    "negative": mark("the tone turns"),
    "large": mark("it grows much larger"),
}


def advice(alert: Alert, words: Words, *, brief: bool = False) -> Inline:
    """What to do and, unless `brief`, why and what would tip it; empty if nothing is left to do."""
    if alert.state is not State.burning or alert.verdict in {"false_alarm", "planned"}:
        return ()
    facts = alert.facts
    if facts.advice_because and not brief:
        because = words.all_of([words.say(_BECAUSE[reason]) for reason in _foremost(facts.advice_because)])
        call = words.write(_CALLS[facts.advice], because=because)
    else:
        call = words.write(_BARE[facts.advice])
    if brief:
        return call
    if facts.advice == "convene":
        return join(" ", [call, words.say("Stand down once it slows and stays on few voices.")])
    tips = [words.say(tip) for reason, tip in _TIPS.items() if reason not in facts.advice_because][:3]
    return join(" ", [call, words.say("What would tip it: {tips}.", tips=words.one_of(tips))])


def _foremost(reasons: Sequence[str]) -> list[str]:
    """The three that say most; one against the others is among them."""
    ordered = [reason for reason in _BECAUSE if reason in reasons]
    hurry = [reason for reason in ordered if reason not in _CALMING]
    calm = [reason for reason in ordered if reason in _CALMING]
    if hurry and calm:
        return [*hurry[: _SAID - 1], calm[0]]
    return ordered[:_SAID]
