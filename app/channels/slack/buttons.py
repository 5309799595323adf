"""The buttons below a message: what people can do about it without leaving Slack."""

from typing import Any

from app.channels.document import Actions, Button, Choice, Confirmation
from app.channels.slack.parts import plain_text

PREFIX = "tocsin_"


def buttons(actions: Actions) -> dict[str, Any]:
    """The actions block; each choice carries the id of what it is about."""
    mine = str(actions.about)
    drawn = [_button(e, mine) if isinstance(e, Button) else _choice(e, mine) for e in actions.elements]
    return {"type": "actions", "elements": drawn}


def _button(button: Button, mine: str) -> dict[str, Any]:
    drawn = {
        "type": "button",
        "action_id": PREFIX + button.act,
        "text": plain_text(button.label),
        "value": mine,
    }
    if button.primary:
        drawn["style"] = "primary"
    if button.confirm:
        drawn["confirm"] = _confirm(button.confirm)
    if button.url:
        drawn["url"] = button.url
    return drawn


def _choice(choice: Choice, mine: str) -> dict[str, Any]:
    drawn = {
        "type": "static_select",
        "action_id": PREFIX + choice.act,
        "placeholder": plain_text(choice.label),
        "options": [
            {"text": plain_text(label), "value": f"{mine}:{value}"} for label, value in choice.options
        ],
    }
    if choice.confirm:
        drawn["confirm"] = _confirm(choice.confirm)
    return drawn


def _confirm(asked: Confirmation) -> dict[str, Any]:
    return {
        "title": plain_text(asked.title),
        "text": plain_text(asked.text),
        "confirm": plain_text(asked.yes),
        "deny": plain_text(asked.no),
    }
