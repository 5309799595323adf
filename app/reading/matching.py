"""Which watches a post is a mention of: all queries in one automaton (Aho-Corasick)."""

import re
from collections.abc import Sequence

import ahocorasick_rs

from app.reading.folding import fold, is_word
from app.reading.query import Query

_DOMAIN = re.compile(r"(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_]{2,}$")
_FIELD_END = "\x00"  # between the fields of a post: no term reaches over it

_ANY, _ALL, _NONE = range(3)


class Matcher:
    """The queries, compiled once.

    A word is looked for on word boundaries, `#tag` and `@name` with their sign, a domain in links and in the
    text with everything below it. Words inside a link do not count: a link to a site says nothing about it.
    """

    def __init__(self, queries: Sequence[Query]) -> None:
        self._terms: list[str] = []
        self._is_domain: list[bool] = []
        self._uses: list[list[tuple[int, int]]] = []  # of each term: (query, part)
        self._all_wanted = [len({fold(t) for t in q.all_of}) for q in queries]
        self._any_wanted = [bool(q.any_of) for q in queries]
        self._always = [i for i, q in enumerate(queries) if not q.any_of and not q.all_of]
        numbers: dict[str, int] = {}
        for index, query in enumerate(queries):
            for part, terms in ((_ANY, query.any_of), (_ALL, query.all_of), (_NONE, query.none_of)):
                for term in {fold(t) for t in terms}:
                    number = numbers.setdefault(term, len(numbers))
                    if number == len(self._terms):
                        self._terms.append(term)
                        self._is_domain.append(_DOMAIN.match(term) is not None)
                        self._uses.append([])
                    self._uses[number].append((index, part))
        self._automaton = ahocorasick_rs.AhoCorasick(self._terms) if self._terms else None

    def matches(self, title: str, text: str, url: str | None) -> list[int]:
        """Indices of the queries that the post satisfies, ascending."""
        if self._automaton is None:
            return self._always
        hay = fold(f"{title}{_FIELD_END}{text}{_FIELD_END}{url or ''}")
        body_end = hay.rindex(_FIELD_END)
        found: set[int] = set()
        for number, start, end in self._automaton.find_matches_as_indexes(hay, overlapping=True):
            if number not in found and self._counts(hay, body_end, number, start, end):
                found.add(number)
        return self._satisfied(found) if found else self._always

    def _satisfied(self, found: set[int]) -> list[int]:
        any_hit: set[int] = set()
        all_hits: dict[int, int] = {}
        refused: set[int] = set()
        for number in found:
            for query, part in self._uses[number]:
                if part == _ANY:
                    any_hit.add(query)
                elif part == _ALL:
                    all_hits[query] = all_hits.get(query, 0) + 1
                else:
                    refused.add(query)
        return sorted(
            query
            for query in any_hit.union(all_hits, self._always) - refused
            if (not self._any_wanted[query] or query in any_hit)
            and all_hits.get(query, 0) == self._all_wanted[query]
        )

    def _counts(self, hay: str, body_end: int, number: int, start: int, end: int) -> bool:
        before = hay[start - 1] if start else _FIELD_END
        after = hay[end] if end < len(hay) else _FIELD_END
        if self._is_domain[number]:
            # Below it is it (shop.example.com), beside it is not (myexample.com, example.com.evil.net).
            more = after == "." and end + 1 < len(hay) and is_word(hay[end + 1])
            return not (is_word(before) or before == "-" or is_word(after) or after == "-" or more)
        if start >= body_end or (is_word(before) and is_word(hay[start])):
            return False
        if is_word(after) and is_word(hay[end - 1]):
            return False
        return not _in_link(hay, start)


def _in_link(hay: str, start: int) -> bool:
    space = max(hay.rfind(" ", 0, start), hay.rfind(_FIELD_END, 0, start))
    return "://" in hay[space + 1 : start]
