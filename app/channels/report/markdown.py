"""A report as Markdown (CommonMark with tables): no word of a stranger becomes a link, or any markup."""

import re
from collections.abc import Iterator, Sequence

from app.channels.document import Figures, Inline, Link, Paragraph
from app.channels.report.document import Items, Part, Plot, Post, Posts, Prose, ReportDocument, Table
from app.channels.text import bare, line

_SPECIAL = re.compile(r"([\\`*_\[\]<>~|#$^&{}@]|!(?=\[)|:(?=//)|(?<=\bwww)\.)", re.IGNORECASE)
_LINE_START = re.compile(r"^[ ]*(\d*)([-+=]|(?<=\d)[.)](?=\s|$))", re.MULTILINE)

_INDENT = re.compile(r"^ {4,}", re.MULTILINE)


def markdown(document: ReportDocument) -> str:
    """The whole report."""
    blocks = [f"# {_escaped(line(document.title))}", _inline(document.subtitle)]
    for section in document.sections:
        blocks.append(f"## {_escaped(line(section.title))}")
        blocks += [block for part in section.parts for block in _blocks(part)]
    return "\n\n".join([*blocks, f"*{_inline(document.note)}*"]) + "\n"


def _blocks(part: Part) -> Iterator[str]:
    match part:
        case Paragraph():
            yield _inline(part.text)
        case Prose():
            yield _escaped(bare(part.text))
        case Items():
            yield "\n".join(f"- {_inline(one)}" for one in part.items)
        case Figures():
            yield "\n".join(
                f"- **{_escaped(line(row.label))}** {_escaped(line(row.value))}" for row in part.rows
            )
        case Table():
            yield _table(part)
        case Posts():
            yield from map(_post, part.posts)
        case Plot():
            yield _escaped(part.alternative)
            if part.marks:
                yield " · ".join(_escaped(said) for _, said in part.marks)


def _table(table: Table) -> str:
    rule = ["--:" if column in table.numbers else "---" for column in range(len(table.head))]
    rows = [_cells([_escaped(one) for one in table.head]), _cells(rule)]
    return "\n".join([*rows, *(_cells([_inline(cell) for cell in row]) for row in table.rows)])


def _cells(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace(chr(10), ' ') for cell in cells)} |"


def _post(post: Post) -> str:
    quote = post.quote
    link = (
        f" · [{_escaped(quote.link.text)}]({quote.link.url.replace('(', '%28').replace(')', '%29')})"
        if quote.link
        else ""
    )
    head = f"**{_escaped(line(quote.author))}** · {_escaped(line(quote.source))} · {_escaped(quote.at.text)}"
    text = "\n".join(f"> {row}  " for row in _escaped(bare(quote.text)).split("\n"))
    return f"{head}{link} · *{_escaped(quote.why)}*\n\n{text}"


def _inline(text: Inline) -> str:
    texts = []
    for span in text:
        said = _escaped(line(span.text)) if isinstance(span, Link) else _escaped(_kept(span.text))
        if isinstance(span, Link):
            said = f"[{said}]({span.url.replace('(', '%28').replace(')', '%29')})"
        bold = span.bold and said.strip()
        texts.append(f"**{said.strip()}**" + (" " if said.endswith(" ") else "") if bold else said)
    return "".join(texts)


def _kept(text: str) -> str:
    """The text on one line, with the spaces at its ends: it is a part of a sentence."""
    return re.sub(r"\s*\n\s*", " ", bare(text))


def _escaped(text: str) -> str:
    r"""The text with no sign left that Markdown reads.

    >>> print(_escaped("# *a* [b](javascript:c) <d> https://e www.f"))
    \# \*a\* \[b\](javascript:c) \<d\> https\://e www\.f
    """
    return _LINE_START.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", _INDENT.sub("", text)))
