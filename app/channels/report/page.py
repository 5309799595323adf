"""A report as one page of HTML that needs nothing else: no script, nothing loaded, readable on a phone."""

import base64
import hashlib
from collections.abc import Iterable, Iterator
from html import escape
from itertools import chain

from app.channels.document import Figures, Inline, Link, Paragraph
from app.channels.report.document import Items, Part, Plot, Post, Posts, Prose, ReportDocument, Section, Table
from app.channels.report.svg import svg
from app.channels.text import bare, line

STYLE = """
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;margin:0;padding:1.25rem 1rem}
body{color:#1d2330;background:#fff;overflow-wrap:anywhere}
main{max-width:44rem;margin:0 auto}
h1{font-size:1.5rem;line-height:1.25;margin:0 0 .25rem}
h2{font-size:1.1rem;margin:2rem 0 .5rem;padding-top:.75rem;border-top:1px solid #d6dce3}
p,ul{margin:0 0 .75rem}ul{padding-left:1.2rem}li{margin:0 0 .25rem}
.faint{color:#5a6472;font-size:.875rem}.prose{white-space:pre-line}
.wide{overflow-x:auto;margin:0 0 .75rem}
table{border-collapse:collapse;width:100%;font-size:.9375rem}
th,td{text-align:left;vertical-align:top;overflow-wrap:break-word}
th,td{padding:.3rem .75rem .3rem 0;border-bottom:1px solid #e3e7ec}
.n{text-align:right}td.n{white-space:nowrap}td:first-child{min-width:5rem}
svg{display:block;width:100%;max-width:38rem;height:auto;margin:.25rem 0 .5rem}
blockquote{margin:.25rem 0 1rem;padding:.1rem 0 .1rem .75rem;border-left:3px solid #c9d2dc}
blockquote{white-space:pre-line}
.fire{color:#c03a24}.usual{color:#52677b}
@media(prefers-color-scheme:dark){body{color:#e4e7ee;background:#14171e}a{color:#8ab4ff}
.faint{color:#a3acb9}.fire{color:#ff8a75}.usual{color:#a5b7c8}h2,th,td{border-color:#343b47}
blockquote{border-color:#4a5463}}
@media(max-width:30rem){table{font-size:.8125rem}th,td{padding-right:.5rem}}
@media print{h2{break-after:avoid}blockquote,tr{break-inside:avoid}}
"""
_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'"


def page(document: ReportDocument) -> str:
    """The whole page; all that strangers wrote is escaped."""
    sections = "\n".join(map(_section, document.sections))
    title = escape(line(document.title))
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(document.language)}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="referrer" content="no-referrer"><meta name="robots" content="noindex">'
        f"<title>{title}</title><style>{STYLE}</style></head>\n<body><main>\n"
        f'<h1>{title}</h1><p class="faint">{_inline(document.subtitle)}</p>\n{sections}\n'
        f'<p class="faint">{_inline(document.note)}</p>\n</main></body></html>\n'
    )


def _section(section: Section) -> str:
    return f"<section><h2>{escape(line(section.title))}</h2>\n{section_html(section.parts)}</section>"


def section_html(parts: Iterable[Part]) -> str:
    """What stands below a heading, for a page of another; all that strangers wrote is escaped."""
    return "".join(chain.from_iterable(map(_draw, parts)))


def _draw(part: Part) -> Iterator[str]:
    match part:
        case Paragraph():
            yield f"<p>{_inline(part.text)}</p>"
        case Prose():
            yield f'<p class="prose" dir="auto">{escape(bare(part.text))}</p>'
        case Items():
            yield f"<ul>{''.join(f'<li>{_inline(one)}</li>' for one in part.items)}</ul>"
        case Figures():
            rows = (
                f"<li><b>{escape(bare(row.label))}</b> {escape(bare(row.value))}</li>" for row in part.rows
            )
            yield f"<ul>{''.join(rows)}</ul>"
        case Table():
            yield _table(part)
        case Posts():
            yield from map(_post, part.posts)
        case Plot():
            yield from _plot(part)


def _table(table: Table) -> str:
    def classed(column: int) -> str:
        return ' class="n"' if column in table.numbers else ""

    head = "".join(
        f'<th scope="col"{classed(column)}>{escape(line(one))}</th>' if one else "<td></td>"
        for column, one in enumerate(table.head)
    )
    rows = "".join(
        "<tr>"
        + "".join(f"<td{classed(column)}>{_inline(cell)}</td>" for column, cell in enumerate(row))
        + "</tr>"
        for row in table.rows
    )
    body = f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody>"
    # Reached by Tab: who has no mouse must be able to scroll it, too.
    return f'<div class="wide" tabindex="0"><table>{body}</table></div>\n'


def _post(post: Post) -> str:
    quote = post.quote
    link = f" · {_link(quote.link)}" if quote.link else ""
    lang = (
        f' lang="{escape(post.lang)}"' if post.lang.replace("-", "").isalnum() and post.lang.isascii() else ""
    )
    return (
        f'<p class="faint"><b dir="auto">{escape(line(quote.author))}</b> · {escape(line(quote.source))} · '
        f"{escape(quote.at.text)}{link} · <em>{escape(line(quote.why))}</em></p>\n"
        f'<blockquote dir="auto"{lang}>{escape(bare(quote.text))}</blockquote>\n'
    )


def _plot(plot: Plot) -> Iterator[str]:
    yield svg(plot)
    yield (
        f'<p class="faint"><span class="fire">━ {escape(plot.observed)}</span> · '
        f'<span class="usual">╌ {escape(plot.usual)} · ▒ {escape(plot.band)}</span></p>\n'
    )
    if plot.marks:
        marks = " · ".join(f"<b>{letter}</b> {escape(said)}" for letter, said in plot.marks)
        yield f'<p class="faint">{marks}</p>\n'


def _inline(text: Inline) -> str:
    texts = []
    for span in text:
        said = _link(span) if isinstance(span, Link) else escape(bare(span.text)).replace("\n", "<br>")
        texts.append(f"<b>{said}</b>" if span.bold else said)
    return "".join(texts)


def _link(link: Link) -> str:
    return f'<a href="{escape(link.url)}" rel="noreferrer nofollow">{escape(line(link.text))}</a>'
