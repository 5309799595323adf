"""A document as a page for e-mail: no picture to load, no script, styles where clients read them.

The chart is a table of coloured cells, which every client draws, also those that load no pictures.
"""

from collections.abc import Iterator
from html import escape

from app.channels.document import (
    Actions,
    Button,
    Chart,
    Document,
    Figure,
    Figures,
    Heading,
    Inline,
    Link,
    Paragraph,
    Part,
    Quote,
    Quotes,
    Small,
)
from app.channels.text import bare, line

_TALL = 96  # pixels of the highest bar
_FIRE, _USUAL, _GHOST = "#c8371f", "#5b6f82", "#dbe2e8"
_PLAIN = "background:#ffffff;background:Canvas;color:#1d1c1d;color:CanvasText"  # dark where the reader is
_FONT = "-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"


def page(document: Document, language: str, *, press: str = "") -> str:
    """The whole HTML document; all that strangers wrote is escaped.

    `press`: what stands on a button at its end that posts to the page's own address; empty: there is none.
    """
    drawn = "\n".join("".join(_draw(part)) for part in document.parts)
    drawn += _form(press) if press else ""
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        '<meta name="supported-color-schemes" content="light dark">'
        '<meta name="format-detection" content="telephone=no,date=no,address=no"></head>\n'
        f'<body style="margin:0;padding:16px;{_PLAIN};font:15px/1.45 {_FONT}">\n'
        f'<div style="max-width:600px;margin:0 auto">\n{drawn}\n</div></body></html>\n'
    )


def _form(label: str) -> str:
    style = (
        f"padding:12px 20px;border:0;border-radius:6px;background:{_FIRE};color:#ffffff;font:600 16px {_FONT}"
    )
    return (
        '\n<form method="post" style="margin:16px 0">'
        f'<button type="submit" style="{style}">{_text(label)}</button></form>'
    )


def _draw(part: Part) -> Iterator[str]:
    match part:
        case Heading():
            yield f'<h1 style="font-size:19px;line-height:1.3;margin:0 0 10px">{_text(part.text)}</h1>'
        case Paragraph():
            yield f'<p style="margin:0 0 12px">{_line(part.text)}</p>'
        case Small():
            lines = "<br>".join(map(_line, part.lines))
            yield f'<p style="margin:0 0 12px;font-size:13px;opacity:.72">{lines}</p>'
        case Figures():
            rows = "<br>".join(map(_figure, part.rows))
            yield f'<p style="margin:0;font-size:13px">{rows}</p>'
        case Chart():
            yield from _chart(part)
        case Quotes():
            yield from map(_quote, part.posts)
        case Actions():
            links = [_button(one) for one in part.elements if isinstance(one, Button) and one.url]
            yield f'<p style="margin:0 0 4px">{" ".join(links)}</p>' if links else ""
            if part.note:
                yield f'<p style="margin:0 0 12px;font-size:13px;opacity:.72">{_text(part.note)}</p>'


def _text(text: str) -> str:
    return escape(bare(text)).replace("\n", "<br>")


def _line(text: Inline) -> str:
    texts = []
    for span in text:
        if isinstance(span, Link):
            texts.append(_link(span))
        else:
            texts.append(f"<strong>{_text(span.text)}</strong>" if span.bold else _text(span.text))
    return "".join(texts)


def _link(link: Link) -> str:
    return f'<a href="{escape(link.url)}" rel="noreferrer">{_text(link.text)}</a>'


def _figure(figure: Figure) -> str:
    return f"<strong>{_text(figure.label)}</strong>{_text(figure.gap)}{_text(figure.value)}"


def _button(button: Button) -> str:
    # Filled or framed in its own colours: a dark background behind it takes nothing from it.
    colours = f"background:{_FIRE};color:#ffffff" if button.primary else _PLAIN
    return (
        f'<a href="{escape(button.url)}" rel="noreferrer" style="display:inline-block;margin:0 4px 8px 0;'
        f"padding:10px 16px;border:1px solid {_FIRE if button.primary else _USUAL};border-radius:6px;"
        f'font-weight:600;text-decoration:none;{colours}">{_text(button.label)}</a>'
    )


def _quote(post: Quote) -> str:
    link = f"{_link(post.link)} · " if post.link else ""
    return (
        f'<p style="margin:0;font-size:13px"><strong>{_text(post.author)}</strong> · {_text(post.source)} · '
        f"{_text(post.at.text)} · {link}<em>{_text(post.why)}</em></p>"
        f'<blockquote dir="auto" style="margin:2px 0 12px;padding:2px 0 2px 10px;'
        f'border-left:3px solid {_GHOST};overflow-wrap:anywhere">{_text(post.text)}</blockquote>'
    )


def _chart(chart: Chart) -> Iterator[str]:
    """Bars of what was observed: grey as far as is usual, red above; a pale rest up to what was expected."""
    observed, usual, high = chart.observed.values, chart.usual.values, chart.highest.values
    names = [escape(line(series.name)) for series in (chart.observed, chart.usual, chart.highest)]
    top = max([*observed, *usual, 1.0])
    title, first, last = (escape(line(text)) for text in (chart.title, chart.labels[0], chart.labels[-1]))
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
        f'style="width:100%;border-top:1px solid {_USUAL};font-size:12px;opacity:.72;margin:0 0 12px"><tr>'
        f'<td style="padding:2px 0">{first}</td>'
        f'<td style="text-align:center">{_key(_USUAL, names[0])} {_key(_FIRE, f"&gt; {names[2]}")} '
        f"{_key(_GHOST, names[1])}</td>"
        f'<td style="text-align:right">{last} {escape(line(chart.zone))}</td></tr></table>'
    )


def _key(colour: str, name: str) -> str:
    return f'<span style="color:{colour}">&#9632;</span>&nbsp;{name}'
