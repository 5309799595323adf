"""Text of strangers, made harmless: cleaned, cut, and links that show where they lead."""

import re
import unicodedata
from urllib.parse import quote, urlsplit

_ZERO_WIDTH = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
_RUN = re.compile(f"[{_ZERO_WIDTH}]{{2,}}")
_ALWAYS_GONE = "\u200b\u2060\ufeff"  # the other zero-width characters have a meaning when they stand alone
_KEPT_FORMATS = frozenset(_ZERO_WIDTH) - frozenset(_ALWAYS_GONE)
_MARKS = 4  # combining marks on one letter: no script needs more, "zalgo" does
_GLUE = frozenset("\u200d\ufe0e\ufe0f\u20e3")
_URL_SAFE = "!#$%&'()*+,/:;=?@[]~-._"


def clean(text: str) -> str:
    """The text without what plays with the reader's screen, and at most one empty line in a row.

    Control characters, bidi overrides and isolates, runs of zero-width characters, lone surrogates,
    tags and heaps of combining marks go; joined emoji and right-to-left scripts stay as they are.

    >>> clean("a\\x1b[31mb\\u202ec\\u200b\\u200d\\n\\n\\n\\nd")
    'a[31mbc\\n\\nd'
    """
    return re.sub(r"\n[ \n]*\n", "\n\n", bare(text)).strip()


def bare(text: str) -> str:
    """The same text with all its spaces and lines."""
    text = re.sub(r"\r\n?|[\u2028\u2029\x0b\x0c\x85]", "\n", text).replace("\t", " ")
    text = _RUN.sub("", text)
    kept: list[str] = []
    marks = 0
    for char in text:
        kind = unicodedata.category(char)
        marks = marks + 1 if kind in {"Mn", "Me"} else 0
        if marks > _MARKS or (kind in {"Cc", "Cf", "Cs"} and char != "\n" and char not in _KEPT_FORMATS):
            continue
        kept.append(char)
    return "".join(kept)


def line(text: str) -> str:
    """The cleaned text on one line.

    >>> line("a\\n b")
    'a b'
    """
    return " ".join(clean(text).split())


def cut(text: str, limit: int) -> str:
    """At most `limit` code points, ended by "…" if something is gone, never inside a grapheme.

    >>> cut("one two three", 9)
    'one two…'
    """
    if len(text) <= limit:
        return text
    end = limit - 1
    while end > 0 and _joined(text, end):
        end -= 1
    word = text.rfind(" ", max(0, end - 20), end + 1)
    return text[: word if word > 0 else end].rstrip() + "…"


def _joined(text: str, at: int) -> bool:
    after, before = text[at], text[at - 1]
    return (
        after in _GLUE
        or before == "\u200d"
        or unicodedata.category(after) in {"Mn", "Me", "Mc"}
        or 0x1F3FB <= ord(after) <= 0x1F3FF  # skin tones
        or (_is_flag(after) and _is_flag(before))
    )


def _is_flag(char: str) -> bool:
    return 0x1F1E6 <= ord(char) <= 0x1F1FF


def isolate(text: str) -> str:
    """The text fenced in if it runs from right to left, so that the words around it stay in their order."""
    if any(unicodedata.bidirectional(char) in {"R", "AL"} for char in text):
        return f"\u2068{text}\u2069"
    return text


def link(url: str | None) -> tuple[str, str] | None:
    """(the address as a link may hold it, the host to show), or None if people should not be sent there.

    >>> link("https://user@example.com/a|b?q=<c> d")
    ('https://user@example.com/a%7Cb?q=%3Cc%3E%20d', 'example.com')
    >>> link("javascript:alert(1)")
    """
    if url is None:
        return None
    try:
        host = urlsplit(url.strip()).hostname or ""
        shown = host.encode("idna").decode()  # a look-alike letter shows itself as xn--
    except (ValueError, UnicodeError):
        return None
    address = quote(url.strip().encode("utf-8", "ignore"), safe=_URL_SAFE)
    if not address.startswith(("https://", "http://")) or not shown or len(address) > 2000:
        return None
    return address, cut(shown, 80)
