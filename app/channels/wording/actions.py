"""What people can do about an alert or a proposal, where a channel can be pressed."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from app.channels.act_links import HOLDS, SNOOZE
from app.channels.base import Alert
from app.channels.document import Actions, Button, Choice, Confirmation
from app.channels.facts import Sample
from app.channels.text import clean, cut, line, link
from app.channels.wording.words import Words, mark
from app.models import State

SNOOZES = (timedelta(minutes=30), timedelta(hours=1), timedelta(hours=4))
UNTIL = "until"
NOT_ABOUT = "not_about"
_OPTION = 70  # code points of a choice
JUDGEMENTS = {
    "fire": mark("Real fire"),
    "false_alarm": mark("False alarm"),
    "planned": mark("It was planned"),
}


def actions(alert: Alert, words: Words) -> Actions:
    """What fits how the incident stands."""
    elements: list[Button | Choice] = []
    if alert.state is not State.out:
        if alert.acknowledged_by:
            elements.append(Button("take_over", words.say("Take over")))
        else:
            elements.append(Button("acknowledge", words.say("Acknowledge"), primary=True))
        elements.append(Choice("snooze", words.say("Snooze…"), _snoozes(words)))
    judgements = tuple((words.say(label), verdict) for verdict, label in JUDGEMENTS.items())
    elements.append(Choice("verdict", words.say("It is…"), judgements))
    if alert.state is not State.out:
        elements.append(Button("close", words.say("Close"), confirm=_sure_to_close(words)))
    there = link(alert.link)
    if there:
        elements.append(Button("open", words.say("Open in Tocsin"), url=there[0]))
    return Actions(alert.incident_id, tuple(elements))


def by_links(alert: Alert, words: Words, links: Mapping[str, str]) -> Actions | None:
    """What can be done from a message that cannot be pressed, by a link for each; None where nothing can."""
    labels = {
        "acknowledge": words.say("Acknowledge"),
        "snooze": words.say("Snooze for {span}", span=words.span(SNOOZE)),
        "false_alarm": words.say("False alarm"),
    }
    if alert.acknowledged_by:
        del labels["acknowledge"]
    if alert.state is State.out or not links:
        return None
    shown = [Button(act, label, act == "acknowledge", url=links[act]) for act, label in labels.items()]
    hours = str(HOLDS // timedelta(hours=1))
    note = words.say("For {hours} hours, and in your name: do not pass these links on.", hours=hours)
    return Actions(alert.incident_id, tuple(shown), note)


def not_about(alert: Alert, words: Words, samples: Sequence[Sample]) -> Actions | None:
    """To say of a post that is shown that it is not about the watch; None where none can be said to be."""
    shown = [(sample, clean(sample.title or sample.text)) for sample in samples if not sample.forgotten]
    if alert.drill or not any(text for _, text in shown):
        return None
    sure = Confirmation(
        title=words.say("Not about us?"),
        text=words.say(
            "Tocsin learns from it to set aside posts that only share the name. Nothing is hidden, and what "
            "burns goes on burning."
        ),
        yes=words.say("Not about us"),
        no=words.say("Cancel"),
    )
    options = tuple((cut(line(text), _OPTION), str(sample.post_id)) for sample, text in shown if text)
    return Actions(alert.incident_id, (Choice(NOT_ABOUT, words.say("Not about us…"), options, sure),))


def answers(proposal_id: int, words: Words) -> Actions:
    """To take a proposal, or to leave it."""
    sure = Confirmation(
        title=words.say("Change the policy?"),
        text=words.say("The new rule holds from now on."),
        yes=words.say("Yes"),
        no=words.say("Cancel"),
    )
    yes = Button("yes", words.say("Yes, change it"), primary=True, confirm=sure)
    return Actions(proposal_id, (yes, Button("no", words.say("No, leave it"))))


def _snoozes(words: Words) -> tuple[tuple[str, str], ...]:
    fixed = [(words.span(span), str(int(span.total_seconds()))) for span in SNOOZES]
    return (*fixed, (words.say("until…"), UNTIL))


def _sure_to_close(words: Words) -> Confirmation:
    return Confirmation(
        title=words.say("Close the incident?"),
        text=words.say("It is told as out, and Tocsin stops following it."),
        yes=words.say("Close"),
        no=words.say("Cancel"),
    )
