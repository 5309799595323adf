"""Which watches a post is a mention of: all queries in one automaton (Aho-Corasick)."""

from collections.abc import Sequence

import ahocorasick_rs

from app.reading.matching.atoms import Atom, Form, atom_of, stands_in_link
from app.reading.matching.heard import Hay, Heard
from app.reading.matching.plan import Span, plan_of
from app.reading.query import Query
from app.reading.query.tree import Count, Field, Node, Term, parts_of

__all__ = ["Heard", "Matcher"]


class Matcher:
    """The queries, compiled once.

    A word is looked for on word boundaries, `#tag` and `@name` with their sign, a domain in links with
    everything below it. Words inside a link do not count: a link to a site says nothing about it. What a
    query says beside its terms is asked only of posts in which a term stands that it cannot do without.
    """

    def __init__(self, queries: Sequence[Query | Node | None]) -> None:
        self._atoms: list[Atom] = []
        self._numbers: dict[Atom, int] = {}
        self._terms: dict[Term, int] = {}
        trees = [query.tree if isinstance(query, Query) else query for query in queries]
        plans = [plan_of(tree, self._number) for tree in trees]
        self._tests = [plan.test for plan in plans]
        self._always = [i for i, plan in enumerate(plans) if plan.triggers is None]
        self._asked_by: list[list[int]] = [[] for _ in self._atoms]
        for index, plan in enumerate(plans):
            for atom in plan.triggers or ():
                self._asked_by[atom].append(index)
        nodes = [part for tree in trees if tree is not None for part in parts_of(tree)]
        self.asks_counts = any(isinstance(node, Count) for node in nodes)
        self.asks_source = any(isinstance(node, Field) and node.name == "source" for node in nodes)
        self._words = _Automaton(self._atoms, in_links=False)
        self._links = _Automaton(self._atoms, in_links=True)

    def _number(self, term: Term) -> int:
        number = self._terms.get(term)
        if number is None:
            atom = atom_of(term)
            number = self._numbers.setdefault(atom, len(self._atoms))
            if number == len(self._atoms):
                self._atoms.append(atom)
            self._terms[term] = number
        return number

    def matches(self, heard: Heard) -> list[int]:
        """Indices of the queries that the post satisfies, ascending."""
        hay = Hay(heard.title, heard.text, heard.url, heard.lang)
        found = self._found(hay)
        asked = set(self._always)
        for atom in found:
            asked.update(self._asked_by[atom])
        tests = self._tests
        return sorted(i for i in asked if (test := tests[i]) is None or test(found, hay, heard))

    def places(self, heard: Heard) -> list[tuple[str, str]]:
        """The terms that stand in the post, each with the words around it."""
        hay = Hay(heard.title, heard.text, heard.url, heard.lang)
        found = self._found(hay)
        shown = []
        for term, number in self._terms.items():
            for start, end in found.get(number, ())[:1]:
                text = hay.links if self._atoms[number].in_links else hay.cased
                shown.append((str(term), _around(text, start, end)))
        return shown

    def _found(self, hay: Hay) -> dict[int, list[Span]]:
        found: dict[int, list[Span]] = {}
        words, uses, strict = hay.words, self._words.uses, self._words.strict
        # Most of what is found is a part of another word. Where nothing could be written to a name (no script
        # that does it, no #tag), it is passed over here, at once.
        plain, last = words.isascii() and "#" not in words, len(words) - 1
        for pattern, start, end in self._words.hits(words):
            if plain and (
                (start and words[start - 1] in _WORD and words[start] in _WORD)
                or (end <= last and strict[pattern] and words[end] in _WORD and words[end - 1] in _WORD)
            ):
                continue
            for number, atom, form in uses[pattern]:
                stop = atom.ends(hay, form, start, end)
                if stop >= 0:
                    found.setdefault(number, []).append((start, stop))
        for pattern, start, end in self._links.hits(hay.links):
            for number, atom, _ in self._links.uses[pattern]:
                if stands_in_link(hay.links, start, end, open_ended=atom.open_ended):
                    found.setdefault(number, []).append((start, end))
        return found


_WORD = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_")
_SHOWN = 40  # characters on either side


def _around(text: str, start: int, end: int) -> str:
    first, last = max(0, start - _SHOWN), min(len(text), end + _SHOWN)
    before, after = ("…" if first else ""), ("…" if last < len(text) else "")
    return f"{before}{text[first:last]}{after}".replace("\x00", " ").replace("\x01", "🔗").strip()


class _Automaton:
    """The spellings of many terms, looked for at once."""

    def __init__(self, atoms: Sequence[Atom], *, in_links: bool) -> None:
        numbers: dict[str, int] = {}
        self.uses: list[list[tuple[int, Atom, Form]]] = []
        for number, atom in enumerate(atoms):
            if atom.in_links != in_links:
                continue
            for form in atom.forms:
                at = numbers.setdefault(form.words, len(numbers))
                if at == len(self.uses):
                    self.uses.append([])
                self.uses[at].append((number, atom, form))
        self.strict = [all(atom.is_strict for _, atom, _ in of_form) for of_form in self.uses]
        self._automaton = ahocorasick_rs.AhoCorasick(list(numbers)) if numbers else None

    def hits(self, text: str) -> Sequence[tuple[int, int, int]]:
        """(spelling, start, end) wherever one stands."""
        if self._automaton is None or not text:
            return ()
        return self._automaton.find_matches_as_indexes(text, overlapping=True)
