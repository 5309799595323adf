"""Text as it is compared: blind to case, accents and typographic variants, in any script."""

import re
import unicodedata
from functools import lru_cache

# Letters that Unicode does not take apart, and signs that people type in two ways.
_SMALL = {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ı": "i", "ð": "d", "þ": "th", "ß": "ss"}
_LETTERS = str.maketrans(
    _SMALL
    | {large: plain.upper() for small, plain in _SMALL.items() if (large := small.upper()) not in "ISS"}
    | {"ẞ": "SS"}
    | dict.fromkeys("’‘ʼ´`＇′‛׳", "'")
    | dict.fromkeys("‐‑‒–—−־", "-")
    | dict.fromkeys("“”„«»‟″״", '"')
    | dict.fromkeys("™℠®©", " ")  # taken apart they would be letters of the name that they stand at
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
    return " ".join(unaccented(text).casefold().split())


def unaccented(text: str) -> str:
    """The text without accents and typographic variants, in its case: as long as it is without its case.

    >>> unaccented("L’ORÉAL, Cœur de Straße")
    "L'OREAL, Coeur de Strasse"
    """
    return text if text.isascii() else _FOREIGN.sub(_without_accents, text)


# Runs of letters that are not plain ones: a few in a French post, and the same again and again. What is
# taken apart within a run never joins with what stands around it, as marks of Latin letters go.
_FOREIGN = re.compile(r"[^\x00-\x7f]+")
_SHORT_RUN = 8


def _without_accents(run: re.Match[str]) -> str:
    text = run[0]
    return _known_run(text) if len(text) <= _SHORT_RUN else _plain(text)


@lru_cache(maxsize=65_536)
def _known_run(text: str) -> str:
    return _plain(text)


def _plain(text: str) -> str:
    # Signs first: taken apart, an acute accent that stands for an apostrophe is a space and a mark.
    if _ODD.search(text):
        text = text.translate(_LETTERS)
    text = unicodedata.normalize("NFKD", text)
    if _ODD.search(text):
        text = text.translate(_LETTERS)
    return unicodedata.normalize("NFC", _MARKS.sub("", text))


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
