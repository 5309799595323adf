"""An alert as Slack's Block Kit: the root message, and what goes into its thread."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Any

from app.channels.base import Alert, Sample
from app.channels.slack.buttons import buttons
from app.channels.slack.parts import Block, context, plain_text, section
from app.channels.text import clean, cut, escape, isolate, line, link
from app.channels.wording.advice import advice
from app.channels.wording.news import news, plain_news
from app.channels.wording.sentences import (
    fields,
    headline,
    name,
    objective,
    sentence,
    standing,
    told,
    why,
    words_of,
)
from app.channels.wording.words import Words, mark

Message = dict[str, Any]

ROOM = 12_000  # Slack refuses near 13,200 characters over all blocks
_QUOTE, _SHORT_QUOTE = 400, 140  # code points
_ENOUGH = 4000  # of a post that is cut to a quote anyway: some of it may be cleaned away
_SAMPLES = 5
_POINTS = 20
_WHY_SHOWN = {
    "first": mark("the first one"),
    "most_relayed": mark("the most relayed"),
    "most_followed": mark("from the widest audience"),
    "most_negative": mark("the most negative"),
    "typical": mark("typical of what is said"),
    "latest": mark("one of the latest"),
}


def root(alert: Alert, *, room: int = ROOM, acts: bool = False) -> Message:
    """The story's message as it is now: text and blocks, made smaller step by step until they fit."""
    words = words_of(alert)
    samples = alert.facts.samples[:_SAMPLES]
    for shown, quote, chart in (
        (samples, _QUOTE, True),
        (samples, _SHORT_QUOTE, True),
        (samples[:1], _SHORT_QUOTE, True),
        (samples[:1], _SHORT_QUOTE, False),
    ):
        message = {
            "text": fallback(alert, words),
            "blocks": _root(alert, words, shown, quote, chart=chart, acts=acts),
        }
        if weight(message) <= room:
            return message
    return text_only(message)


def _root(
    alert: Alert, words: Words, samples: tuple[Sample, ...], quote: int, *, chart: bool, acts: bool
) -> list[Block]:
    plot, left_out = _chart(alert, words) if chart else (None, 0)
    blocks: list[Block | None] = [
        # What a phone shows at first must do to decide: what it is, in whose hands, what to do. Then why.
        {"type": "header", "text": plain_text(cut(headline(alert, words), 150))},
        section(sentence(alert, words)),
        context(standing(alert, words)),
        section(advice(alert, words)),
        buttons(alert, words) if acts else None,
        _figures(alert, words),
        plot,
        _quotes(alert, words, samples, quote),
        context([*why(alert, words, left_out=left_out), *objective(alert, words)]),
        None if acts else context(_link(alert, words)),
    ]
    return [block for block in blocks if block]


def reply(alert: Alert, *, room: int = ROOM) -> Message:
    """The news of the transition, for the thread of its story."""
    words = words_of(alert)
    # What is new stands behind what people have seen already.
    latest = tuple(s for s in alert.facts.samples if s.why == "latest")[-2:] or alert.facts.samples[:1]
    # Empty unless it burns: at the end nobody needs more posts to read.
    calls = advice(alert, words, brief=True)
    blocks: list[Block | None] = [
        section(news(alert, words)),
        _quotes(alert, words, latest, _QUOTE) if calls else None,
        section(calls),
    ]
    marked = f"{words.say('DRILL')} · " if alert.drill else ""
    text = escape(cut(f"{marked}{plain_news(alert, words)} · {_summary(alert, words)}", 600))
    message = {"text": text, "blocks": [block for block in blocks if block]}
    return message if weight(message) <= room else text_only(message)


def fallback(alert: Alert, words: Words) -> str:
    """What a notification and a screen reader say of the alert: mrkdwn, escaped."""
    return escape(cut(f"{headline(alert, words)} · {_summary(alert, words, named=False)}", 600))


def _summary(alert: Alert, words: Words, *, named: bool = True) -> str:
    what = told(alert, words, lambda at: words.clock(at, seen_from=alert.at)).replace("*", "")
    return words.say("{watch}: {what}", watch=name(alert.watch), what=what) if named else what


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


def _figures(alert: Alert, words: Words) -> Block:
    """A line for each figure, as rich text: Slack reads nothing into what strangers wrote of it."""
    elements: list[Block] = []
    for label, value in fields(alert, words):
        gap = "\n" if "\n" in value else "  "
        elements.append({"type": "text", "text": label, "style": {"bold": True}})
        elements.append({"type": "text", "text": f"{gap}{value}\n"})
    elements[-1]["text"] = elements[-1]["text"].rstrip("\n")
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]}


def _link(alert: Alert, words: Words) -> list[str]:
    there = link(alert.link)
    return [f"<{escape_url(there[0])}|{words.say('Open in Tocsin')}>"] if there else []


def escape_url(url: str) -> str:
    """An address between < and | of mrkdwn."""
    return url.replace("&", "&amp;")


def _chart(alert: Alert, words: Words) -> tuple[Block | None, int]:
    """(the chart, or None below two points; how many points are left out as they were not observed)."""
    points = alert.facts.points[-_POINTS:]
    heard = [point for point in points if point.observed is not None]
    if len(heard) < 2:
        return None, 0
    labels = words.labels([point.at for point in heard])
    lines: dict[str, list[float | None]] = {
        words.say("observed"): [point.observed for point in heard],
        words.say("usual"): [point.expected for point in heard],
        words.say("highest usual"): [point.high for point in heard],
    }
    series = [
        {
            "name": title,
            "data": [
                {"label": label, "value": round(value or 0, 1)}
                for label, value in zip(labels, values, strict=True)
            ],
        }
        for title, values in lines.items()
    ]
    steps = {after.at - before.at for before, after in pairwise(points)}
    if len(steps) == 1:
        title = words.say("Mentions in {span}", span=words.span(steps.pop()))
    else:
        title = words.say("Mentions")
    zone = words.local(alert.at).tzname() or alert.time_zone
    chart = {
        "type": "line",
        "series": series,
        "axis_config": {"categories": labels, "x_label": zone, "y_label": words.say("mentions")},
    }
    return {"type": "data_visualization", "title": title, "chart": chart}, len(points) - len(heard)


def _quotes(alert: Alert, words: Words, samples: tuple[Sample, ...], limit: int) -> Block | None:
    """The posts as rich text, which Slack takes literally; each with the reason that it is shown."""
    elements: list[Block] = []
    for sample in samples:
        whole = "\n".join(filter(None, (sample.title[:_ENOUGH], sample.text[:_ENOUGH])))
        said = cut(clean(whole), limit)
        elements.append({"type": "rich_text_section", "elements": _source_of(alert, words, sample)})
        quote = {"type": "text", "text": said or words.say("(no text)")}
        elements.append({"type": "rich_text_quote", "elements": [quote]})
    return {"type": "rich_text", "elements": elements} if elements else None


def _source_of(alert: Alert, words: Words, sample: Sample) -> list[Block]:
    author = isolate(cut(line(sample.author or ""), 60)) or words.say("unknown author")
    shown = words.say(_WHY_SHOWN[sample.why])
    if sample.alike:
        shown += words.count(", and {n} alike", ", and {n} alike", sample.alike)
    when = words.clock(sample.published_at, seen_from=alert.at)
    parts: list[Block] = [
        {"type": "text", "text": author, "style": {"bold": True}},
        {"type": "text", "text": f" · {isolate(cut(line(sample.source), 60))} · "},
        {
            "type": "date",
            "timestamp": int(sample.published_at.timestamp()),
            "format": "{time}" if _recent(alert, sample) else "{date_short_pretty} {time}",
            "fallback": f"{when} {words.local(sample.published_at).tzname()}",
        },
        {"type": "text", "text": " · "},
    ]
    there = link(sample.url)
    if there:
        parts += [{"type": "link", "url": there[0], "text": there[1]}, {"type": "text", "text": " · "}]
    return [*parts, {"type": "text", "text": shown, "style": {"italic": True}}]


def _recent(alert: Alert, sample: Sample) -> bool:
    return abs(alert.at - sample.published_at) < timedelta(hours=12)
