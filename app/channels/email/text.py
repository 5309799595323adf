"""A document as plain text, for e-mail."""

from collections.abc import Iterator

from app.channels.document import (
    Actions,
    Button,
    Chart,
    Document,
    Figures,
    Heading,
    Paragraph,
    Part,
    Quote,
    Quotes,
    Small,
    plain,
)
from app.channels.plot import plot
from app.channels.text import bare


def text_of(document: Document) -> str:
    """All that the document says, its chart drawn with letters; of its actions those that are links."""
    drawn = [lines for part in document.parts if (lines := "\n".join(_lines(part)))]
    return "\n\n".join(drawn) + "\n"


def _lines(part: Part) -> Iterator[str]:
    match part:
        case Heading():
            title = bare(part.text)
            yield from (title, "=" * len(title))
        case Paragraph():
            yield bare(plain(part.text))
        case Small():
            yield from (bare(plain(line)) for line in part.lines)
        case Figures():
            yield from (bare(f"{row.label}{row.gap}{row.value}") for row in part.rows)
        case Chart():
            yield from (row.rstrip() for row in plot(part).plain.split("\n"))
        case Quotes():
            for post in part.posts:
                yield _source(post)
                yield from (f"> {row}" for row in bare(post.text).split("\n"))
        case Actions():
            links = [one for one in part.elements if isinstance(one, Button) and one.url]
            yield from (f"{bare(one.label)} → {one.url}" for one in links)
            yield from [bare(part.note)] if part.note else []


def _source(post: Quote) -> str:
    link = [post.link.url] if post.link else []
    return bare(" · ".join([post.author, post.source, post.at.text, *link, post.why]))
