"""A message of blocks as a page for e-mail: no picture to load, no script, styles where clients read them.

The chart is a table of coloured cells, which every client draws, also those that load no pictures.
"""

from collections.abc import Iterator
from html import escape
from itertools import zip_longest

from app.channels.slack.blocks import Message
from app.channels.slack.mrkdwn import literal, parts, read
from app.channels.slack.parts import Block
from app.channels.text import line

_TALL = 96  # pixels of the highest bar
_FIRE, _USUAL, _GHOST, _INK, _FAINT = "#c8371f", "#5b6f82", "#dbe2e8", "#1d1c1d", "#5f6368"
_FONT = "-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"


def page(message: Message, language: str) -> str:
    """The whole HTML document; all that strangers wrote is escaped."""
    blocks = message.get("blocks") or []
    drawn = "\n".join("".join(_draw(block)) for block in blocks) or f"<p>{_mrkdwn(message['text'])}</p>"
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="format-detection" content="telephone=no,date=no,address=no"></head>\n'
        f'<body style="margin:0;padding:16px;background:#ffffff;color:{_INK};font:15px/1.45 {_FONT}">\n'
        f'<div style="max-width:600px;margin:0 auto">\n{drawn}\n</div></body></html>\n'
    )


def _draw(block: Block) -> Iterator[str]:
    match block["type"]:
        case "header":
            title = escape(literal(block["text"]["text"]))
            yield f'<h1 style="font-size:19px;line-height:1.3;margin:0 0 10px">{title}</h1>'
        case "section" if "fields" in block:
            yield from _fields(block["fields"])
        case "section":
            yield f'<p style="margin:0 0 12px">{_text(block["text"])}</p>'
        case "context":
            lines = "<br>".join(map(_text, block["elements"]))
            yield f'<p style="margin:0 0 12px;font-size:13px;color:{_FAINT}">{lines}</p>'
        case "rich_text":
            yield from map(_rich, block["elements"])
        case "data_visualization":
            yield from _chart(block)


def _text(part: Block) -> str:
    if part["type"] == "mrkdwn":
        return _mrkdwn(part["text"])
    return _rows(literal(part["text"]))


def _rows(text: str) -> str:
    return escape(text).replace("\n", "<br>")


def _mrkdwn(text: str) -> str:
    said = []
    for part in parts(text):
        inside = _rows(part.text)
        if part.url:
            said.append(f'<a href="{escape(part.url)}">{inside}</a>')
        else:
            said.append(f"<strong>{inside}</strong>" if part.bold else inside)
    return "".join(said)


def _fields(fields: list[Block]) -> Iterator[str]:
    yield '<table role="presentation" cellpadding="0" cellspacing="0" style="width:100%;margin:0 0 6px">'
    cells = [_field(field) for field in fields]
    for left, right in zip_longest(cells[::2], cells[1::2], fillvalue=""):
        yield (
            f'<tr><td style="width:50%;vertical-align:top;padding:0 12px 8px 0">{left}</td>'
            f'<td style="width:50%;vertical-align:top;padding:0 0 8px">{right}</td></tr>'
        )
    yield "</table>"


def _field(field: Block) -> str:
    plain = read(field["text"]).plain if field["type"] == "mrkdwn" else literal(field["text"])
    label, _, value = plain.partition("\n")
    return f'<span style="font-size:13px;color:{_FAINT}">{escape(label)}</span><br>{_rows(value)}'


def _rich(element: Block) -> str:
    said = "".join(map(_part, element["elements"]))
    if element["type"] == "rich_text_quote":
        return (
            f'<blockquote dir="auto" style="margin:2px 0 12px;padding:2px 0 2px 10px;'
            f'border-left:3px solid {_GHOST};overflow-wrap:anywhere">{said}</blockquote>'
        )
    return f'<p style="margin:0;font-size:13px">{said}</p>'


def _part(part: Block) -> str:
    match part["type"]:
        case "date":
            said = escape(literal(part["fallback"]))
        case "link":
            text = escape(literal(part.get("text") or part["url"]))
            said = f'<a href="{escape(part["url"])}" rel="noreferrer">{text}</a>'
        case _:
            said = _rows(literal(part.get("text", "")))
    style = part.get("style") or {}
    said = f"<strong>{said}</strong>" if style.get("bold") else said
    return f"<em>{said}</em>" if style.get("italic") else said


def _chart(block: Block) -> Iterator[str]:
    """Bars of what was observed: grey as far as is usual, red above; a pale rest up to what was expected."""
    observed, usual, high = (
        [point["value"] for point in series["data"]] for series in block["chart"]["series"][:3]
    )
    names = [escape(line(series["name"])) for series in block["chart"]["series"][:3]]
    labels = block["chart"]["axis_config"]["categories"]
    zone = line(block["chart"]["axis_config"]["x_label"])
    top = max([*observed, *usual, 1.0])
    title, first, last = escape(line(block["title"])), escape(line(labels[0])), escape(line(labels[-1]))
    yield f'<p style="margin:6px 0 4px;font-size:13px"><strong>{title}</strong></p>'
    yield (
        f'<table role="img" aria-label="{title}: {names[0]} {observed[-1]:g}, {names[1]} {usual[-1]:g}" '
        f'cellpadding="0" cellspacing="0" style="width:100%;table-layout:fixed;height:{_TALL}px"><tr>'
    )
    for value, norm, most in zip(observed, usual, high, strict=True):
        stacked = ((value - most, _FIRE), (norm - value, _GHOST), (min(value, most), _USUAL))
        bars = "".join(
            f'<div style="height:{round(size / top * _TALL)}px;background:{colour};font-size:0">&nbsp;</div>'
            for size, colour in stacked
            if round(size / top * _TALL) > 0
        )
        yield f'<td style="vertical-align:bottom;padding:0 1px;height:{_TALL}px">{bars}</td>'
    yield (
        f'</tr></table><table role="presentation" cellpadding="0" cellspacing="0" '
        f'style="width:100%;border-top:1px solid {_FAINT};font-size:12px;color:{_FAINT};margin:0 0 12px"><tr>'
        f'<td style="padding:2px 0">{first}</td>'
        f'<td style="text-align:center">{_key(_USUAL, names[0])} {_key(_FIRE, f"&gt; {names[2]}")} '
        f"{_key(_GHOST, names[1])}</td>"
        f'<td style="text-align:right">{last} {escape(zone)}</td></tr></table>'
    )


def _key(colour: str, name: str) -> str:
    return f'<span style="color:{colour}">&#9632;</span>&nbsp;{name}'
