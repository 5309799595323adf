"""Slack's mrkdwn, as far as Tocsin writes it, read back for the terminal and for e-mail."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rich.text import Text

from app.channels.text import bare

_TOKEN = re.compile(
    r"<!date\^\d+\^[^|>]*\|(?P<date>[^>]*)>|<(?P<url>https?://[^|>]+)\|(?P<label>[^>]*)>|\*(?P<bold>[^*\n]+)\*"
)


def literal(text: str) -> str:
    """The text with nothing in it that a terminal would obey."""
    return bare(text.replace("\u2060", ""))


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a text: plain, bold, or a link."""

    text: str
    bold: bool = False
    url: str = ""


def parts(text: str) -> Iterator[Part]:
    """The text with its bold, its dates and its links; everything else literally."""
    at = 0
    for token in _TOKEN.finditer(text):
        yield Part(_unescape(text[at : token.start()]))
        if token["date"] is not None:
            yield Part(_unescape(token["date"]))
        elif token["url"] is not None:
            yield Part(_unescape(token["label"]), url=_unescape(token["url"]))
        else:
            yield Part("".join(part.text for part in parts(token["bold"])), bold=True)
        at = token.end()
    yield Part(_unescape(text[at:]))


def read(text: str) -> Text:
    """The same, as the terminal draws it."""
    drawn = Text()
    for part in parts(text):
        if part.url:
            drawn.append(f"{part.text} ", "underline").append(part.url, "dim")
        else:
            drawn.append(part.text, "bold" if part.bold else "")
    return drawn


def _unescape(text: str) -> str:
    return literal(text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
