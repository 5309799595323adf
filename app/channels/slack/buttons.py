"""The buttons below an alert: what people can do about it without leaving Slack."""

from datetime import timedelta
from typing import Any

from app.channels.base import Alert
from app.channels.slack.parts import plain_text
from app.channels.text import link
from app.channels.wording.words import Words, mark
from app.models import State

PREFIX = "tocsin_"
SNOOZES = (timedelta(minutes=30), timedelta(hours=1), timedelta(hours=4))
UNTIL = "until"
VERDICTS = {
    "fire": mark("A real fire"),
    "false_alarm": mark("A false alarm"),
    "planned": mark("It was planned"),
}


def buttons(alert: Alert, words: Words) -> dict[str, Any] | None:
    """The actions block that fits how the incident stands; each choice carries the incident's id."""
    mine = str(alert.incident_id)
    elements: list[dict[str, Any]] = []
    if alert.state is not State.out:
        if alert.acknowledged_by:
            elements.append(_button("take_over", words.say("Take over"), mine))
        else:
            elements.append(_button("acknowledge", words.say("Acknowledge"), mine, style="primary"))
        elements.append(_choice("snooze", words.say("Snooze…"), _snoozes(mine, words)))
    elements.append(
        _choice(
            "verdict", words.say("It is…"), [(words.say(say), f"{mine}:{v}") for v, say in VERDICTS.items()]
        )
    )
    if alert.state is not State.out:
        elements.append(_button("close", words.say("Close"), mine, confirm=_confirm(words)))
    there = link(alert.link)
    if there:
        elements.append({**_button("open", words.say("Open in Tocsin"), mine), "url": there[0]})
    return {"type": "actions", "elements": elements}


def answers(proposal_id: int, words: Words) -> dict[str, Any]:
    """The actions block that takes a proposal, or leaves it."""
    mine = str(proposal_id)
    sure = {
        "title": plain_text(words.say("Change the policy?")),
        "text": plain_text(words.say("The watch rings by it from now on.")),
        "confirm": plain_text(words.say("Yes")),
        "deny": plain_text(words.say("Go on")),
    }
    yes = _button("yes", words.say("Yes, change it"), mine, style="primary", confirm=sure)
    return {"type": "actions", "elements": [yes, _button("no", words.say("No, leave it"), mine)]}


def _snoozes(mine: str, words: Words) -> list[tuple[str, str]]:
    fixed = [(words.span(span), f"{mine}:{int(span.total_seconds())}") for span in SNOOZES]
    return [*fixed, (words.say("until…"), f"{mine}:{UNTIL}")]


def _button(act: str, text: str, value: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {"type": "button", "action_id": PREFIX + act, "text": plain_text(text), "value": value, **more}


def _choice(act: str, text: str, options: list[tuple[str, str]]) -> dict[str, Any]:
    return {
        "type": "static_select",
        "action_id": PREFIX + act,
        "placeholder": plain_text(text),
        "options": [{"text": plain_text(said), "value": value} for said, value in options],
    }


def _confirm(words: Words) -> dict[str, Any]:
    return {
        "title": plain_text(words.say("Close the incident?")),
        "text": plain_text(words.say("It is told as out, and Tocsin stops following it.")),
        "confirm": plain_text(words.say("Close")),
        "deny": plain_text(words.say("Go on")),
    }
