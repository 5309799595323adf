"""Documents as messages of Slack's Block Kit, with no more in them than Slack takes."""

from collections.abc import Iterator, Sequence
from typing import Any

from app.channels.base import Alert
from app.channels.document import (
    Actions,
    Chart,
    Document,
    Figures,
    Heading,
    Paragraph,
    Part,
    Quote,
    Quotes,
    Series,
    Small,
)
from app.channels.notices import Announcement, Bulletin, HandOver, LostAlert
from app.channels.slack.buttons import buttons
from app.channels.slack.mrkdwn import date_format, mrkdwn, named
from app.channels.slack.parts import Block, context, plain_text, section
from app.channels.wording import bulletins, documents

Message = dict[str, Any]

EVERYBODY = frozenset(("here", "channel"))
ROOM = 12_000  # Slack refuses near 13,200 characters over all blocks
_NOTICE_ROOM = 9_000  # of them, for the texts of the watches of a notice
_SHORT_QUOTE = 140  # code points


def root(alert: Alert, *, room: int = ROOM, acts: bool = False) -> Message:
    """The story's message as it is now: text and blocks, made smaller step by step until they fit."""
    for samples, quote, chart in (
        (documents.SAMPLES, documents.QUOTE, True),
        (documents.SAMPLES, _SHORT_QUOTE, True),
        (1, _SHORT_QUOTE, True),
        (1, _SHORT_QUOTE, False),
    ):
        message = draw(documents.root(alert, acts=acts, samples=samples, quote=quote, chart=chart))
        if weight(message) <= room:
            return message
    return text_only(message)


def reply(alert: Alert, *, room: int = ROOM) -> Message:
    """The news of the transition, for the thread of its story."""
    message = draw(documents.reply(alert))
    return message if weight(message) <= room else text_only(message)


def called_by(alert: Alert, on_call: Sequence[str]) -> str:
    """Who is called, as mentions: whom the rota says, whoever has no id in Slack by name.

    Without a rota one of `on_call`, as their turns come: a person (U…), a group (S…), `here` or `channel`.
    """
    if alert.called is not None:
        return " ".join(
            f"<@{one.slack_user}>" if one.slack_user else f"*{named(one.name)}*" for one in alert.called
        )
    if not on_call:
        return ""
    who = on_call[alert.reminders % len(on_call)]
    return f"<!{who}>" if who in EVERYBODY else f"<!subteam^{who}>" if who.startswith("S") else f"<@{who}>"


def called(message: Message, alert: Alert, whom: str) -> Message:
    """The message, and before it who is called."""
    return mention(message, f"{whom} {mrkdwn(documents.call(alert))}")


def mention(message: Message, text: str) -> Message:
    """The message, and before it a line that mentions somebody."""
    first = {"type": "section", "text": {"type": "mrkdwn", "text": text}}
    return {"text": f"{text} {message['text']}", "blocks": [first, *message["blocks"]]}


def notice(given: Announcement, *, acts: bool = False) -> Message:
    """A source's health or a bulletin, of as many watches as there is room for."""
    most = _that_fit(given, acts=acts) if isinstance(given, Bulletin) else bulletins.MOST
    message = draw(bulletins.notice(given, acts=acts, most=most))
    if isinstance(given, HandOver) and given.slack_user:
        return mention(message, f"<@{given.slack_user}>")
    return message


def lost_alert(lost: LostAlert) -> Message:
    """What stands in the place of an alert that a restore lost."""
    return draw(bulletins.lost_alert(lost))


def _that_fit(bulletin: Bulletin, *, acts: bool) -> int:
    texts = bulletins.entries(bulletin, acts=acts)[: bulletins.MOST]
    left = _NOTICE_ROOM
    for n, text in enumerate(texts):
        left -= len(mrkdwn(text))
        if left < 0:
            return n
    return len(texts)


def draw(document: Document) -> Message:
    """The document as text, for notifications and screen readers, and blocks."""
    return {"text": mrkdwn(document.summary), "blocks": [_block(part) for part in document.parts]}


def _block(part: Part) -> Block:
    match part:
        case Heading():
            return {"type": "header", "text": plain_text(part.text)}
        case Paragraph():
            return section(part.text)
        case Small():
            return context(part.lines)
        case Figures():
            return _figures(part)
        case Chart():
            return _chart(part)
        case Quotes():
            return {"type": "rich_text", "elements": [e for post in part.posts for e in _quote(post)]}
        case Actions():
            return buttons(part)


def text_only(message: Message) -> Message:
    """The message without its blocks, for when Slack takes nothing else."""
    return {"text": message["text"]}


def without_chart(message: Message) -> Message:
    """The message without its chart; all of the chart's figures stand in its text as well."""
    return {**message, "blocks": [b for b in message["blocks"] if b["type"] != "data_visualization"]}


def weight(message: Message) -> int:
    """Characters of all texts in the message, addresses and labels included."""
    return sum(len(text) for text in _texts(message))


def _texts(part: object) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict):
        for key, value in part.items():
            if key != "type":
                yield from _texts(value)
    elif isinstance(part, list):
        for value in part:
            yield from _texts(value)


def _figures(figures: Figures) -> Block:
    """A line for each figure, as rich text: Slack reads nothing into what strangers wrote of it."""
    elements: list[Block] = []
    for row in figures.rows:
        elements.append({"type": "text", "text": row.label, "style": {"bold": True}})
        elements.append({"type": "text", "text": f"{row.gap}{row.value}\n"})
    elements[-1]["text"] = elements[-1]["text"].rstrip("\n")
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]}


def _chart(chart: Chart) -> Block:
    lines = {
        "type": "line",
        "series": [_series(chart, series) for series in (chart.observed, chart.usual, chart.highest)],
        "axis_config": {"categories": list(chart.labels), "x_label": chart.zone, "y_label": chart.unit},
    }
    return {"type": "data_visualization", "title": chart.title, "chart": lines}


def _series(chart: Chart, series: Series) -> Block:
    points = zip(chart.labels, series.values, strict=True)
    return {"name": series.name, "data": [{"label": label, "value": value} for label, value in points]}


def _quote(post: Quote) -> list[Block]:
    """A post as rich text, which Slack takes literally, below the reason that it is shown."""
    between = {"type": "text", "text": " · "}
    source: list[Block] = [
        {"type": "text", "text": post.author, "style": {"bold": True}},
        {"type": "text", "text": f" · {post.source} · "},
        {
            "type": "date",
            "timestamp": int(post.at.at.timestamp()),
            "format": date_format(post.at),
            "fallback": post.at.text,
        },
        between,
    ]
    if post.link:
        source += [{"type": "link", "url": post.link.url, "text": post.link.text}, between]
    source.append({"type": "text", "text": post.why, "style": {"italic": True}})
    return [
        {"type": "rich_text_section", "elements": source},
        {"type": "rich_text_quote", "elements": [{"type": "text", "text": post.text}]},
    ]
