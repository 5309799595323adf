"""A document as a short text for services that draw none: what fits, the most important first.

Chats take some signs for commands: a mention calls people, brackets hide where a link leads. Whatever
strangers wrote may stand anywhere in it, so all of it is made plain but for the addresses.
"""

import re
from collections.abc import Iterator, Sequence

from app.channels.document import (
    Actions,
    Button,
    Chart,
    Document,
    Figures,
    Heading,
    Inline,
    Link,
    Paragraph,
    Part,
    Quotes,
    Small,
)
from app.channels.text import bare, cut

_SMS = 450  # characters; who takes no more than this gets a headline and a link
_ENOUGH = 3500  # what a person reads of a push or a chat
_JOINER = "\u2060"  # seen by nobody; a sign with it behind it is no command
_COMMANDS = re.compile(r"[@<\[\]#|]")
_DRAWN = str.maketrans({"*": "∗", "`": "ˋ", "~": "∼"})  # they would format, and open what is never closed
_PLAIN = str.maketrans({sign: f"%{ord(sign):02X}" for sign in "@[]()*|"})  # the same, of a stranger's address
# One letter outside the old alphabet of text messages halves how many fit into one.
_OLD = str.maketrans({
    "\u00a0": " ", "\u202f": " ", "“": '"', "”": '"', "’": "'", "‘": "'", "…": "...",
    "·": "-", "×": "x", "–": "-", "—": "-", "→": ">", "\u2068": None, "\u2069": None, "ç": "c", "ê": "e",
    "â": "a", "î": "i", "ô": "o", "û": "u", "ë": "e", "ï": "i", "œ": "oe", "Ê": "E", "À": "A", "È": "E",
})  # fmt: skip


def message(
    title: str, document: Document, links: Sequence[str], *, title_room: int, room: int, marked: bool
) -> tuple[str, str]:
    """(title, body) with as much of the document as there is room for; the links are whole, at its end.

    `title_room`, `room`: characters that the service takes; no room for a title puts it first into the body.
    `marked`: the service reads Markdown, in which one end of a line is none.
    """
    if room <= _SMS:
        return "", _short(document, links, room)
    gap = "\n\n" if marked else "\n"
    head = cut(tame(title), title_room) if title_room > 0 else ""
    blocks = [] if head else [tame(title)]
    # Posts before figures; the rest as it comes.
    parts = sorted(document.parts, key=lambda part: isinstance(part, Figures))
    for part in parts:
        rows = _posts(part, gap) if isinstance(part, Quotes) else [gap.join(_lines(part))]
        blocks += filter(None, rows)
    end = gap.join(links)
    left = min(room, _ENOUGH) - len(head) - len(end) - 4
    kept: list[str] = []
    for n, block in enumerate(blocks):
        shown = cut(block, left) if n == 0 else block
        if len(shown) <= left:
            kept.append(shown)
            left -= len(shown) + 2
    return head, "\n\n".join(filter(None, [*kept, end]))


def ends_of(document: Document) -> list[str]:
    """What can be done by a link, a line for each."""
    actions = [part for part in document.parts if isinstance(part, Actions)]
    buttons = [one for part in actions for one in part.elements if isinstance(one, Button) and one.url]
    return [
        *(f"{bare(one.label)} → {one.url}" for one in buttons),
        *(bare(part.note) for part in actions if part.note),
    ]


def tame(text: str) -> str:
    """The text, looking the same, with no sign in it that a chat would obey.

    >>> tame("<!channel> [a](https://b.example)").replace("\u2060", "·")
    '<·!channel> [·a]·(https://b.example)'
    """
    return _COMMANDS.sub(rf"\g<0>{_JOINER}", bare(text).translate(_DRAWN))


def _short(document: Document, links: Sequence[str], room: int) -> str:
    """The first words, in the alphabet of text messages, and the first link that leaves them some room."""
    said = "".join(_spans(document.summary, tamed=False))
    said = re.sub(r"«[\u00a0\u202f]|[\u00a0\u202f]»", '"', said).translate(_OLD)
    link = next((one for one in links if len(one) <= room - 40), "").translate(_OLD)
    return f"{cut(said, room - len(link) - 4).replace('…', '...')}\n{link}".strip()


def _lines(part: Part) -> Iterator[str]:
    match part:
        case Paragraph():
            yield "".join(_spans(part.text))
        case Small():
            yield from ("".join(_spans(line)) for line in part.lines)
        case Figures():
            yield from (tame(f"{row.label}{row.gap}{row.value}") for row in part.rows)
        case Heading() | Chart() | Actions() | Quotes():
            return  # the title says it; nothing can be drawn or pressed; and below


def _posts(quotes: Quotes, gap: str) -> Iterator[str]:
    for post in quotes.posts:
        said = "\n".join(f"> {row}" for row in tame(post.text).split("\n"))
        by = tame(f"{post.author} · {post.source} · {post.at.text} · {post.why}")
        yield gap.join([said, by, *([post.link.url.translate(_PLAIN)] if post.link else [])])


def _spans(text: Inline, *, tamed: bool = True) -> Iterator[str]:
    for span in text:
        yield tame(span.text) if tamed else bare(span.text)
        if isinstance(span, Link):
            yield f" {span.url}"
