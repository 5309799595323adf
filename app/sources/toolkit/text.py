"""Strangers' text made safe to store: plain, without control characters, of bounded length."""

import html
import re
from hashlib import sha256

MAX_ID = 512
MAX_TEXT = 50_000
MAX_TITLE = 1_000
MAX_AUTHOR = 200
_MAX_HTML = 400_000
# PostgreSQL refuses NUL, UTF-8 has no lone surrogates, and a terminal obeys the rest.
_UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_SPACE = re.compile(r"[^\S\n]+")
_BREAK = re.compile(r" ?\n ?")
_GAP = re.compile(r"\n{3,}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
# Possessive and bounded: a hostile page must not make the engine go back and forth.
_TAG = re.compile(
    r"""<(/?)([a-zA-Z][a-zA-Z0-9:-]{0,30}+)((?:[^<>"']|"[^"]{0,4000}+"|'[^']{0,4000}+'){0,4000}+)>""",
    re.ASCII,
)
_HIDDEN = frozenset({"script", "style", "template", "noscript", "head", "iframe", "svg"})
_PARAGRAPHS = frozenset(
    {"p", "div", "blockquote", "ul", "ol", "table", "pre", "section", "article", "figure", "figcaption", "hr"}
    | {f"h{n}" for n in range(1, 7)}
)
_BREAKS = frozenset({"br", "li", "tr", "dt", "dd"})
# Mastodon shows the middle of a long address: the whole of it is in the link.
_SHORTENED = re.compile(r"""class=["'](?:invisible|ellipsis)["']""")
_HREF = re.compile(r"""\bhref=["'](https?://[^"']{1,2000})["']""")
_LONGEST_LINK = 6_000


def clean(text: str, limit: int = MAX_TEXT) -> str:
    """The text without what databases and terminals choke on, its ends trimmed, cut at `limit` characters.

    >>> clean(" caf\\x00é\\x1b[31m ")
    'café[31m'
    """
    return _UNSAFE.sub("", text).strip()[:limit].rstrip()


def plain(markup: str, limit: int = MAX_TEXT) -> str:
    """The text that a reader of the HTML would see, a line break where the page has one.

    >>> plain("<p>Fish &amp; chips<br>for <b>two</b></p><script>x()</script>")
    'Fish & chips\\nfor two'

    An address that is shown shortened stands there whole.

    >>> plain('<a href="https://a.example/x"><span class="invisible">https://</span>a.example…</a>')
    'https://a.example/x'
    """
    text = _SPACE.sub(" ", html.unescape("".join(_pieces(markup[:_MAX_HTML]))))
    return clean(_GAP.sub("\n\n", _BREAK.sub("\n", text)), limit)


def web_url(url: object) -> str | None:
    """The address if it is one of the web that a link may lead to, else None."""
    if not isinstance(url, str):
        return None
    url = clean(url, MAX_TEXT)
    fits = len(url) <= 2_000 and not re.search(r"[\s<>\"|]", url)
    return url if fits and re.match(r"https?://[^/?#]", url, re.IGNORECASE) else None


def language(tag: object) -> str | None:
    """The language tag ("fr", "en-US") if it is one, else None."""
    if not isinstance(tag, str):
        return None
    tag = tag.strip().replace("_", "-")
    return tag if len(tag) <= 12 and _LANGUAGE.fullmatch(tag) else None


def fit_id(external_id: str) -> str:
    """The id itself, or its digest where the database has no room for it."""
    return external_id if len(external_id) <= MAX_ID else digest(external_id)


def digest(*parts: str) -> str:
    """SHA-256 of the parts, in hex."""
    return sha256("\n".join(parts).encode(errors="surrogatepass")).hexdigest()


def _pieces(markup: str) -> list[str]:
    pieces: list[str] = []
    at = 0
    while (start := markup.find("<", at)) >= 0:
        pieces.append(markup[at:start].replace("\n", " "))
        if markup.startswith(("<!", "<?"), start):
            end = markup.find("-->" if markup.startswith("<!--", start) else ">", start + 2)
            at = len(markup) if end < 0 else markup.index(">", end) + 1
        elif tag := _TAG.match(markup, start):
            closing, name = tag[1], tag[2].lower()
            pieces.append("\n\n" if name in _PARAGRAPHS else "\n" if name in _BREAKS and not closing else "")
            at = tag.end()
            if closing or tag[3].endswith("/"):
                continue
            if name in _HIDDEN or (name == "span" and _SHORTENED.search(tag[3]) and "invisible" in tag[3]):
                at = _after(markup, name, at)
            elif name == "a" and (whole := _whole_link(markup, tag[3], at)):
                pieces.append(whole[0])
                at = whole[1]
        else:
            pieces.append("<")
            at = start + 1
    pieces.append(markup[at:].replace("\n", " "))
    return pieces


def _after(markup: str, name: str, at: int) -> int:
    end = re.compile(rf"</{name}\b[^>]*>", re.IGNORECASE).search(markup, at)
    return end.end() if end else len(markup)


def _whole_link(markup: str, attributes: str, at: int) -> tuple[str, int] | None:
    """The address of a link that is shown shortened, and where the link ends."""
    end = markup.find("</a", at, at + _LONGEST_LINK)
    if end < 0 or not _SHORTENED.search(markup, at, end) or not (href := _HREF.search(attributes)):
        return None
    return href[1], end
