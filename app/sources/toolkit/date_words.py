"""The words of dates in the languages of Europe, and the names of zones: those that babel brings (CLDR)."""

import re
import unicodedata
from functools import cache
from zoneinfo import available_timezones

from babel.dates import get_day_names, get_month_names

# Where people who write dates in this language most often live, for a time that names no zone.
HOMES = {
    "fr": "Europe/Paris", "de": "Europe/Berlin", "es": "Europe/Madrid", "it": "Europe/Rome",
    "nl": "Europe/Amsterdam", "pl": "Europe/Warsaw", "sv": "Europe/Stockholm", "da": "Europe/Copenhagen",
    "nb": "Europe/Oslo", "fi": "Europe/Helsinki", "cs": "Europe/Prague", "ro": "Europe/Bucharest",
    "hu": "Europe/Budapest", "pt": "Europe/Lisbon",
}  # fmt: skip
LANGUAGES = ("en", *HOMES)
# Abroad the same words are written by other clocks.
ABROAD = {
    "fr-ca": "America/Montreal", "fr-re": "Indian/Reunion", "pt-br": "America/Sao_Paulo",
    "es-mx": "America/Mexico_City", "es-ar": "America/Argentina/Buenos_Aires", "es-cl": "America/Santiago",
    "es-co": "America/Bogota", "es-pe": "America/Lima",
}  # fmt: skip
ZONES = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "west": 1, "bst": 1, "cet": 1, "met": 1, "mez": 1,
    "cest": 2, "mest": 2, "mesz": 2, "eet": 2, "sast": 2, "eest": 3, "msk": 3, "awst": 8, "hkt": 8, "sgt": 8,
    "jst": 9, "kst": 9, "acst": 9.5, "aest": 10, "aedt": 11, "nzst": 12, "nzdt": 13, "art": -3, "brt": -3,
    "adt": -3, "ast": -4, "edt": -4, "est": -5, "cdt": -5, "cst": -6, "mdt": -6, "mst": -7, "pdt": -7,
    "pst": -8, "akst": -9, "hst": -10,
}  # fmt: skip
FILLERS = frozenset(
    ("a", "alle", "at", "de", "del", "den", "der", "di", "do", "el", "er", "il", "kello", "kl", "klo", "la",
     "le", "nd", "o", "of", "om", "on", "rd", "re", "st", "th", "the", "uhr", "um")
)  # fmt: skip
TOKEN = re.compile(r"\d+|[^\W\d_]+")


def folded(text: str) -> str:
    """Lower case, without accents: feeds write them or not."""
    split = unicodedata.normalize("NFKD", text.casefold().replace("\N{MINUS SIGN}", "-"))
    return "".join(sign for sign in split if not unicodedata.combining(sign))


@cache
def months() -> dict[str, dict[int, set[str]]]:
    """The months that a word may name, each with the languages in which it does."""
    found: dict[str, dict[int, set[str]]] = {"sept": {9: {"en"}}}
    for language in LANGUAGES:
        for width in ("wide", "abbreviated"):
            for context in ("format", "stand-alone"):
                for number, name in get_month_names(width, context, language).items():
                    for word in _spellings(str(name)):
                        found.setdefault(word, {}).setdefault(number, set()).add(language)
    return found


@cache
def days() -> dict[str, set[str]]:
    """The languages in which a word is a day of the week."""
    found = {word: {"en"} for word in ("tues", "thur", "thurs")}
    for language in LANGUAGES:
        for width in ("wide", "abbreviated"):
            for context in ("format", "stand-alone"):
                for name in get_day_names(width, context, language).values():
                    for word in _spellings(str(name)):
                        found.setdefault(word, set()).add(language)
    return found


def _spellings(name: str) -> set[str]:
    """The word without its point, and as those write it that cut all words to three or four letters."""
    word = "".join(TOKEN.findall(folded(name)))
    return (
        {word, word[:3], word[:4]}
        if len(word) >= 3 and word.isalpha()
        else {word}
        if len(word) > 1
        else set()
    )


def month_of(word: str) -> tuple[int, set[str]] | None:
    """(the month that the word names, the languages in which it does); None if that is not clear."""
    meant = sorted(months().get(word, {}).items(), key=lambda one: -len(one[1]))
    if not meant or (len(meant) > 1 and len(meant[0][1]) == len(meant[1][1])):
        return None
    return meant[0]


@cache
def places_of_zones() -> dict[str, str]:
    """The zones of IANA by their names in lower case: Europe/Paris, Etc/GMT+1."""
    return {name.lower(): name for name in available_timezones() if "/" in name}
