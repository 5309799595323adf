"""What a query asks about a post beside its words: who, where, in which language, how loud."""

from collections.abc import Callable

from app.reading.folding import fold
from app.reading.language import code
from app.reading.matching.heard import FIELD_END, Hay, Heard
from app.reading.matching.links import folded_link
from app.reading.query.tree import Count, Field


def field_test(field: Field, *, wanted: bool) -> Callable[[Hay, Heard], bool]:
    """Whether a post is of that author, site, language or source; `wanted`: it is not what is left out."""
    open_ended = field.value.text.endswith("*")
    text = field.value.text.rstrip("*")
    value = fold(text)
    match field.name:
        case "author":
            name = value.lstrip("@")
            return lambda _hay, heard: (
                heard.author is not None
                and _is_author(fold(heard.author).lstrip("@"), name, open_ended=open_ended)
            )
        case "lang":
            # A post that does not say its language is kept: losing a fire costs more than a stray mention.
            asked = code(value)
            return lambda hay, _heard: hay.tagged == asked if hay.tagged else wanted
        case "source":
            return lambda _hay, heard: any(
                _is_or_begins(fold(name), value, open_ended=open_ended) for name in heard.source
            )
        case "site":
            site = folded_link(text).strip("/").removeprefix("www.")
            return lambda _hay, heard: bool(heard.url) and _is_site(folded_link(heard.url or ""), site)
    part = folded_link(text)
    return lambda hay, _heard: (
        part in hay.links
        and any(part in link and ("/" in link or "@" not in link) for link in hay.links.split(FIELD_END))
    )


def _is_or_begins(text: str, value: str, *, open_ended: bool) -> bool:
    return text.startswith(value) if open_ended else text == value


def _is_author(author: str, name: str, *, open_ended: bool) -> bool:
    # A handle may bring its server with it: velinor@social.example, velinor.bsky.social.
    return author == name or (author.startswith(name) and (open_ended or author[len(name)] in "@."))


def _is_site(link: str, site: str) -> bool:
    host, _, path = link.partition("/")
    wanted, _, below = site.partition("/")
    host = host.partition(":")[0]
    return (host == wanted or host.endswith(f".{wanted}")) and (
        not below or path == below or path.startswith((f"{below}/", f"{below}?", f"{below}#"))
    )


def count_test(count: Count) -> Callable[[Heard], bool]:
    """Whether a post reaches the number, or stays below it."""
    least, most, number = count.sign.startswith(">"), count.sign.startswith("<"), count.number
    also_equal = count.sign.endswith("=")

    def test(heard: Heard) -> bool:
        value = _number(heard, count.name)
        if value is None:
            return False
        if also_equal and value == number:
            return True
        return (least and value > number) or (most and value < number)

    return test


def _number(heard: Heard, name: str) -> int | None:
    if name == "length":
        return len(heard.title) + len(heard.text)
    if name == "engagement":
        known = [n for n in (heard.likes, heard.shares, heard.replies) if n is not None]
        return sum(known) if known else None
    number: int | None = getattr(heard, name)
    return number
