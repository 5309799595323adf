"""A message of blocks as plain text, for e-mail."""

from collections.abc import Iterator

from app.channels.plot import plot
from app.channels.slack.blocks import Message
from app.channels.slack.mrkdwn import literal, read
from app.channels.slack.parts import Block


def plain(message: Message) -> str:
    """All that the message says, its chart drawn with letters."""
    blocks = message.get("blocks") or []
    said = "\n\n".join("\n".join(_lines(block)) for block in blocks) or read(message["text"]).plain
    return f"{said}\n"


def _lines(block: Block) -> Iterator[str]:
    match block["type"]:
        case "header":
            title = literal(block["text"]["text"])
            yield from (title, "=" * len(title))
        case "section" if "fields" in block:
            for field in block["fields"]:
                label, _, value = _text(field).partition("\n")
                yield f"{label} · {value}".replace("\n", "\n  ")
        case "section":
            yield _text(block["text"])
        case "context":
            yield from map(_text, block["elements"])
        case "rich_text":
            for element in block["elements"]:
                text = "".join(map(_part, element["elements"]))
                quoted = element["type"] == "rich_text_quote"
                yield from (f"> {row}" for row in text.split("\n")) if quoted else (text,)
        case "data_visualization":
            yield from (row.rstrip() for row in plot(block).plain.split("\n"))


def _text(part: Block) -> str:
    return read(part["text"]).plain if part["type"] == "mrkdwn" else literal(part["text"])


def _part(part: Block) -> str:
    match part["type"]:
        case "date":
            return literal(part["fallback"])
        case "link":
            return literal(part["url"])
        case _:
            return literal(part.get("text", ""))
