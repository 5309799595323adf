"""The smallest parts of a Slack message, which all that is written for Slack is made of."""

from typing import Any

from app.channels.document import Inline
from app.channels.slack.mrkdwn import mrkdwn

Block = dict[str, Any]

_LINES = 10  # Slack takes no more of them in one block of small print


def plain_text(text: str) -> Block:
    """A text that Slack reads nothing into."""
    return {"type": "plain_text", "text": text, "emoji": False}


def section(text: Inline) -> Block:
    """A paragraph."""
    return {"type": "section", "text": _marked(text)}


def context(lines: tuple[Inline, ...]) -> Block:
    """Small print, line by line."""
    return {"type": "context", "elements": [_marked(line) for line in lines[:_LINES]]}


def _marked(text: Inline) -> Block:
    """A text with bold, dates and links, and no mention that comes alive."""
    return {"type": "mrkdwn", "text": mrkdwn(text), "verbatim": True}
