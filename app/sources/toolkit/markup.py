"""HTML as sources bring it, turned into text: what a reader of the page would see of it.

The rules:

- Entities are their characters; of what was escaped twice, markup or entities, the second layer goes, too.
- Paragraphs and other blocks stand apart by an empty line; lines, entries of lists and rows by a line break;
  cells, options and buttons by a space, as do links and spans that touch. All other white space is one space.
- Nothing of scripts, styles, templates, comments, drawings and frames, nor of what the page hides (`hidden`,
  `display: none`, soft hyphens).
- A picture gives the words that stand for it.
- An address that is shown shortened, as Mastodon does, stands there whole.
- What is not closed ends where a browser ends it; NUL, lone surrogates and control characters go.
- At most 400,000 characters and 8,000 tags are read, for the time that a parser takes grows with the square
  of the depth: the rest is cut off, so that no page takes longer than another.
"""

import re
from collections.abc import Iterator
from html import unescape

from selectolax.lexbor import LexborHTMLParser, LexborNode

from app.sources.toolkit.text import MAX_TEXT, clean

_MAX_HTML, _MAX_TAGS = 400_000, 8_000
_SPACE = re.compile(r"[^\S\n]+")
_BREAK = re.compile(r" ?\n ?")
_GAP = re.compile(r"\n{3,}")
_UNSEEN = re.compile("[\u00ad\u200b\u2060\ufeff]")  # where a word may be broken: nothing of it is seen
_ENTITY = re.compile(r"&(?:[a-zA-Z][a-zA-Z0-9]{1,30}|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});")
_ENDLESS = re.compile(r"&#[0-9]{8,};?")  # it stands for nothing, and Python refuses numbers of many digits
_ESCAPED = re.compile(r"&lt;/(?:p|div|a|span|b|i|em|strong|ul|ol|li|h\d|blockquote)&gt;|&lt;br ?/?&gt;")
_CELL = re.compile(r"(?=<(?:td|th|tr)\b)", re.IGNORECASE)  # without their table a parser glues them together
_CLOSED_BREAK = re.compile(r"(?<=>)</br\s*>", re.IGNORECASE)  # of XHTML: a browser would break a second time
_NOT_SHOWN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_WEB = re.compile(r"https?://", re.IGNORECASE)
_LONGEST_ADDRESS = 2_000

_HIDDEN = frozenset(
    ("script", "style", "template", "noscript", "head", "iframe", "svg", "math", "object", "title")
)
_BREAKS = {
    **dict.fromkeys(
        (
            "p", "div", "blockquote", "ul", "ol", "dl", "table", "pre", "section", "article", "figure",
            "figcaption", "header", "footer", "main", "aside", "nav", "address", "details", "summary", "form",
            "fieldset", "center", "hr", "h1", "h2", "h3", "h4", "h5", "h6",
        ),
        ("\n\n", "\n\n"),
    ),
    **dict.fromkeys(("br", "li", "tr", "dt", "dd", "caption"), ("\n", "")),
    **dict.fromkeys(("td", "th", "option", "button"), (" ", " ")),
}  # fmt: skip
_NOTHING = ("", "")


def plain(markup: str, limit: int = MAX_TEXT) -> str:
    """The text of the HTML, at most `limit` characters.

    >>> plain("<p>Fish &amp; chips<br>for <b>two</b></p><script>x()</script>")
    'Fish & chips\\nfor two'
    >>> plain('<a href="https://a.example/x"><span class="invisible">https://</span>a.example…</a>')
    'https://a.example/x'
    """
    markup = markup[:_MAX_HTML]
    if "<" not in markup and _ESCAPED.search(markup):
        markup = unescaped(markup)
    text = "".join(_pieces(markup)) if "<" in markup else unescaped(markup.replace("\n", " "))
    if "&" in text:
        text = _ENTITY.sub(lambda entity: unescape(entity[0]), text)
    text = _SPACE.sub(" ", _UNSEEN.sub("", text))
    return clean(_GAP.sub("\n\n", _BREAK.sub("\n", text)), limit)


def unescaped(text: str) -> str:
    """The text with characters in place of their references, those that stand for none included.

    >>> unescaped("caf&eacute; &#" + "9" * 5_000 + ";")
    'café \ufffd'
    """
    return unescape(_ENDLESS.sub("\ufffd", text))


def _pieces(markup: str) -> Iterator[str]:
    markup = _bounded(markup).replace("\n", " ").replace("\r", " ")
    markup = _CLOSED_BREAK.sub("", markup)
    if "<table" not in markup.lower():
        markup = _CELL.sub(" ", markup)
    body = LexborHTMLParser(markup).body
    if body is None:
        return
    node, end = body.first_child, body.mem_id
    hides = "hidden" in markup or "display" in markup or "visibility" in markup
    shortens = "invisible" in markup or "ellipsis" in markup
    while node is not None:
        if node.is_text_node:
            yield node.text_content or ""
        elif node.is_element_node and not _unseen(node, hides=hides, shortens=shortens):
            before, after = _BREAKS.get(node.tag or "", _NOTHING)
            yield before or (" " if _touches(node) else "")
            shown = _instead(node, shortens=shortens)
            child = node.first_child if shown is None else None
            if child is not None:
                node = child
                continue
            yield (shown or "") + after
        while node.next is None:
            node = node.parent
            if node is None or node.mem_id == end:
                return
            yield _BREAKS.get(node.tag or "", _NOTHING)[1]
        node = node.next


def _bounded(markup: str) -> str:
    """The markup up to so many tags."""
    if markup.count("<") <= _MAX_TAGS:
        return markup
    end = -1
    for _ in range(_MAX_TAGS + 1):
        end = markup.index("<", end + 1)
    return markup[:end]


def _unseen(node: LexborNode, *, hides: bool, shortens: bool) -> bool:
    """Whether nothing of the element is shown."""
    if node.tag in _HIDDEN:
        return True
    if shortens and node.tag == "span" and "invisible" in (node.attributes.get("class") or "").split():
        return True
    if not hides:
        return False
    given = node.attributes
    return "hidden" in given or _NOT_SHOWN.search(given.get("style") or "") is not None


def _touches(node: LexborNode) -> bool:
    """Whether it is a link or a span right after another one: two words, most often."""
    return node.tag in ("a", "span") and node.prev is not None and node.prev.tag == node.tag


def _instead(node: LexborNode, *, shortens: bool) -> str | None:
    """What stands for the element in place of what it holds; None: what it holds does."""
    if node.tag == "img":
        words = (node.attributes.get("alt") or "").strip()
        return f" {words} " if words else ""
    if shortens and node.tag == "a" and node.css_first("span.invisible, span.ellipsis") is not None:
        address = node.attributes.get("href") or ""
        return address if _WEB.match(address) and len(address) <= _LONGEST_ADDRESS else None
    return None
