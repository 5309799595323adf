"""The smallest parts of a Slack message, which all that is written for Slack is made of."""

from typing import Any

Block = dict[str, Any]


def plain_text(text: str) -> Block:
    """A text that Slack reads nothing into."""
    return {"type": "plain_text", "text": text, "emoji": False}


def mrkdwn(text: str) -> Block:
    """A text with bold, dates and links, and no mention that comes alive."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def section(text: str) -> Block | None:
    """A paragraph; None without text."""
    return {"type": "section", "text": mrkdwn(text)} if text else None


def context(texts: list[str]) -> Block | None:
    """Small print, a line for each text; None without any."""
    return {"type": "context", "elements": [mrkdwn(text) for text in texts[:10]]} if texts else None
