"""Spans as Slack's mrkdwn: the one place that escapes for it."""

import re
from itertools import groupby

from app.channels.document import Inline, Instant, Link, Number, Run, Span
from app.channels.text import cut, line

_NAME = 80  # code points
_JOINER = "\u2060"
# mrkdwn has no escape for its own signs: in what strangers wrote they become letters that look like them.
_FLAT = str.maketrans({"*": "∗", "`": "ˋ", "~": "∼"})


def mrkdwn(text: Inline) -> str:
    """The text with its bold, its dates on the reader's own clock and its links; all else is literal.

    >>> from app.channels.document import Run
    >>> mrkdwn((Run("R&D", bold=True), Run(" <here>")))
    '*R&amp;D* &lt;here&gt;'
    """
    written: list[str] = []
    for bold, spans in groupby(text, key=lambda span: span.bold):
        stretch = "".join(map(_span, spans))
        written.append(f"*{stretch}*" if bold and stretch else stretch)
    return "".join(written)


def named(text: str) -> str:
    """A name that somebody gave, or what they typed: on one line, not too long, and literal."""
    return escape(cut(line(text), _NAME))


def date_format(instant: Instant) -> str:
    """How Slack is to write the instant."""
    return "{time}" if instant.near else "{date_short_pretty} {time}"


def _span(span: Span) -> str:
    match span:
        case Instant():
            return f"<!date^{int(span.at.timestamp())}^{date_format(span)}|{span.text}>"
        case Link():
            return f"<{span.url.replace('&', '&amp;')}|{escape(span.text)}>"
        case Number():
            return span.text
        case Run():
            return escape(span.text.translate(_FLAT) if span.foreign else span.text)


def escape(text: str) -> str:
    """The text as mrkdwn may hold it: no mention, no channel and no link comes alive in it.

    >>> escape("<!channel> & @here")
    '&lt;!channel&gt; &amp; @\\u2060here'
    """
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([@#])", rf"\1{_JOINER}", text)
