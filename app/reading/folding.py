"""Text as it is compared: blind to case, accents and typographic variants, in any script."""

import re
import unicodedata
from functools import lru_cache

# Letters that Unicode does not take apart, and signs that people type in two ways.
_LETTERS = str.maketrans(
    {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ı": "i", "ð": "d", "þ": "th"}
    | dict.fromkeys("’‘ʼ´`＇", "'")
    | dict.fromkeys("‐‑‒–—−", "-")
    | dict.fromkeys("“”„«»", '"')
)
# Accents of Latin, Greek and Cyrillic; points of Hebrew and Arabic; what has no width. Marks that make
# another letter elsewhere (the voicing of kana, the vowels of Devanagari) stay.
_MARKS = re.compile(
    "[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0640"
    "\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff]"
)
_ODD = re.compile(f"[{''.join(map(chr, _LETTERS))}]")


def fold(text: str) -> str:
    """The text as it is compared.

    >>> fold("L’ORÉAL  Cœur\\u200b de Straße")
    "l'oreal coeur de strasse"
    """
    if not text.isascii():
        # Case before and after: taking apart first would leave the dot of a Turkish I behind, and what is
        # taken apart (a mathematical A) may have a case of its own.
        text = unicodedata.normalize("NFKD", text.casefold()).casefold()
        if _ODD.search(text):
            text = text.translate(_LETTERS)
        text = unicodedata.normalize("NFC", _MARKS.sub("", text))
    else:
        text = text.lower()
    return " ".join(text.split())


@lru_cache(maxsize=8192)  # asked some ten times for each post, of few different characters
def is_word(char: str) -> bool:
    """Whether the character continues a word of a script that puts spaces between words."""
    if char.isascii():
        return char.isalnum() or char == "_"
    return char.isalnum() and not _unspaced(char)


def _unspaced(char: str) -> bool:
    # Thai, Lao, Tibetan, Burmese, Khmer; kana; Han. Without spaces there is no boundary to ask for.
    point = ord(char)
    return (
        0x0E00 <= point <= 0x0FFF
        or 0x1000 <= point <= 0x109F
        or 0x1780 <= point <= 0x17FF
        or 0x3040 <= point <= 0x30FF
        or 0x3400 <= point <= 0x9FFF
        or 0xF900 <= point <= 0xFAFF
        or 0x20000 <= point <= 0x3FFFF
    )
