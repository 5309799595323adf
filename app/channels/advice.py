"""What to do, in proportion: over-reacting pours petrol on the fire."""

from app.channels.base import Alert
from app.channels.words import Words, mark
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
_BECAUSE = {
    "few_authors": mark("few people speak"),
    "one_source": mark("it stays on one source"),
    "slowing": mark("it is slowing down"),
    "alike_calm": mark("earlier ones that looked like this died down"),
    "amplified": mark("much of it is relayed in bulk"),
    "many_authors": mark("many people speak"),
    "several_sources": mark("several sources carry it"),
    "growing": mark("it is growing"),
    "large": mark("it is large"),
    "negative": mark("it is more negative than usual"),
    "wide": mark("somebody with a wide audience speaks"),
    "press": mark("the press has it"),
    "alike_grew": mark("earlier ones that looked like this grew"),
}
_TIPS = {
    "several_sources": mark("another source takes it up"),
    "many_authors": mark("many more people speak"),
    "growing": mark("it picks up"),
    "negative": mark("the tone turns"),
    "large": mark("it grows much larger"),
}


def advice(alert: Alert, words: Words) -> str:
    """What to do, why, and what would tip it: mrkdwn; empty when there is nothing left to do."""
    if alert.state is not State.burning or alert.verdict in {"false_alarm", "planned"}:
        return ""
    facts = alert.facts
    if facts.advice_because:
        because = words.all_of([words.say(_BECAUSE[reason]) for reason in facts.advice_because])
        said = words.say(_CALLS[facts.advice], because=because)
    else:
        said = words.say(_BARE[facts.advice])
    if facts.advice == "convene":
        return f"{said} {words.say('Stand down once it slows and stays on few voices.')}"
    tips = [words.say(tip) for reason, tip in _TIPS.items() if reason not in facts.advice_because][:3]
    return f"{said} {words.say('What would tip it: {tips}.', tips=words.one_of(tips))}"
