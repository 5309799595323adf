"""Names that sound like praise or blame: of a post about Super U or "La Haine" they say nothing."""

import re
from collections.abc import Iterable

from app.reading.negativity import sounds
from app.reading.readable import NAME


def own_words(terms: Iterable[str], name: str) -> re.Pattern[str] | None:
    """What finds the names among the terms of a watch that have a tone; None if none has.

    Those that sound good, and the one that the watch is named after however it sounds: a term such as
    "boycott" is no name.

    >>> own_words(["Bonne Maman", "confiture", "#boycott"], "Andros").pattern
    '(?<!\\\\w)(?:bonne\\\\ maman)(?!\\\\w)'
    """
    plain = {term.strip('#@*~=" ').lower() for term in terms}
    known = {term for term in plain if sounds(term) > 0 or (term == name.lower() and sounds(term))}
    known.discard("")
    if not known:
        return None
    longest_first = sorted(known, key=lambda term: (-len(term), term))
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", re.IGNORECASE)


def without(names: re.Pattern[str], text: str) -> str:
    """The text with a name that has no tone in their place."""
    return names.sub(NAME, text)
