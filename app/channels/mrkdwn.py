"""Slack's mrkdwn, as far as Tocsin writes it, read back for the terminal."""

import re

from rich.text import Text

from app.channels.text import bare

_TOKEN = re.compile(
    r"<!date\^\d+\^[^|>]*\|(?P<date>[^>]*)>|<(?P<url>https?://[^|>]+)\|(?P<label>[^>]*)>|\*(?P<bold>[^*\n]+)\*"
)


def literal(text: str) -> str:
    """The text with nothing in it that a terminal would obey."""
    return bare(text.replace("\u2060", ""))


def read(text: str) -> Text:
    """The text with its bold, its dates and its links; everything else literally."""
    drawn = Text()
    at = 0
    for token in _TOKEN.finditer(text):
        drawn.append(_unescape(text[at : token.start()]))
        if token["date"] is not None:
            drawn.append(_unescape(token["date"]))
        elif token["url"] is not None:
            drawn.append(f"{_unescape(token['label'])} ", "underline").append(_unescape(token["url"]), "dim")
        else:
            drawn.append(read(token["bold"]).plain, "bold")
        at = token.end()
    return drawn.append(_unescape(text[at:]))


def _unescape(text: str) -> str:
    return literal(text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
