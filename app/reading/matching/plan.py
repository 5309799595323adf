"""The tree of a query, compiled: a function that says whether a post is meant, and the terms to wait for."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Protocol

from app.reading.matching.fields import count_test, field_test
from app.reading.matching.heard import Hay, Heard, compared_term
from app.reading.query.tree import And, Count, Field, Near, Node, Not, Or, Term, Without, terms

Span = tuple[int, int]
Found = Mapping[int, Sequence[Span]]  # of a term that stands in the post: where
Test = Callable[[Found, Hay, Heard], bool]
Spans = Callable[[Found, Hay], Sequence[Span]]

_WORD = re.compile(r"[^\W_]+")


class Number(Protocol):
    """The number under which a term is looked for, the same for all queries."""

    def __call__(self, term: Term) -> int:
        """The number of the term."""
        ...


@dataclass(frozen=True, slots=True)
class Plan:
    """When a query is asked at all, and what decides then."""

    triggers: frozenset[int] | None  # terms of which one must stand there; nothing: every post is asked
    test: Test | None  # nothing: a term that stands there decides


def plan_of(tree: Node | None, number: Number) -> Plan:
    """The query, compiled."""
    if tree is None:
        return Plan(None, None)
    if all(isinstance(part, Term) for part in (tree.parts if isinstance(tree, Or) else (tree,))):
        return Plan(_triggers(tree, number), None)
    return Plan(_triggers(tree, number), _test(tree, number, (), wanted=True))


def _triggers(node: Node, number: Number) -> frozenset[int] | None:
    match node:
        case Term() as term:
            return frozenset({number(term)})
        case Field(name="title", value=term):
            return frozenset({number(term)})
        case Or(parts):
            each = [_triggers(part, number) for part in parts]
            return None if None in each else frozenset[int]().union(*(one for one in each if one is not None))
        case And(parts):
            return _rarest([(_triggers(part, number), part) for part in parts])
        case Near(left, right):
            return _rarest([(_triggers(left, number), left), (_triggers(right, number), right)])
    return None


def _rarest(options: Sequence[tuple[frozenset[int] | None, Node]]) -> frozenset[int] | None:
    """Of what must all be there, what is seldom: few terms (a name, and no context), and long ones."""
    known = [(triggers, part) for triggers, part in options if triggers is not None]
    if not known:
        return None

    def often(one: tuple[frozenset[int], Node]) -> tuple[int, float]:
        return len(one[0]), sum(2.0 ** -len(term.text) for term in terms(one[1]))

    return min(known, key=often)[0]


def _test(node: Node, number: Number, masks: tuple[int, ...], *, wanted: bool) -> Test:
    match node:
        case Term() as term:
            return _stands(number(term), masks)
        case Field(name="title") as field:
            return _title(field, number, masks)
        case Field() as field:
            asked = field_test(field, wanted=wanted)
            return lambda _found, hay, heard: asked(hay, heard)
        case Count() as count:
            reached = count_test(count)
            return lambda _found, _hay, heard: reached(heard)
        case Or(parts):
            if not masks and all(isinstance(part, Term) for part in parts):
                any_of = frozenset(number(part) for part in parts if isinstance(part, Term))
                return lambda found, _hay, _heard: not any_of.isdisjoint(found)
            return _one([_test(part, number, masks, wanted=wanted) for part in parts])
        case And(parts):
            return _all(parts, number, masks, wanted=wanted)
        case Not(part) | Without(part):
            test = _test(part, number, masks, wanted=not wanted)
            return lambda found, hay, heard: not test(found, hay, heard)
        case Near(left, right, words):
            return _near(_spans(left, number, masks), _spans(right, number, masks), words)


def _all(parts: tuple[Node, ...], number: Number, masks: tuple[int, ...], *, wanted: bool) -> Test:
    asked = [part for part in parts if not isinstance(part, Without)]
    phrases = [
        part.part
        for part in parts
        if isinstance(part, Without) and isinstance(part.part, Term) and hides(part.part, asked)
    ]
    inner = (*masks, *map(number, phrases))
    tests = [
        _test(part, number, inner, wanted=wanted)
        for part in parts
        if not (isinstance(part, Without) and part.part in phrases)
    ]

    def each(found: Found, hay: Hay, heard: Heard) -> bool:
        # Not `all`: what makes its generator takes longer than most tests.
        for test in tests:  # noqa: SIM110
            if not test(found, hay, heard):
                return False
        return True

    return each


def _one(tests: Sequence[Test]) -> Test:
    def one(found: Found, hay: Hay, heard: Heard) -> bool:
        for test in tests:  # noqa: SIM110 - as above
            if test(found, hay, heard):
                return True
        return False

    return one


def hides(phrase: Term, asked: Sequence[Node]) -> bool:
    """Whether a phrase that is left out holds a term that is asked for: then it only hides it there."""
    words = f" {compared_term(phrase.text).casefold()} "
    for node in asked:
        for term in terms(node, wanted=True):
            wanted = compared_term(term.text.rstrip("*")).casefold()
            if not wanted or wanted == words.strip():
                continue
            open_ended = term.text.endswith("*") or not wanted.isascii()
            if f" {wanted} " in words or (open_ended and wanted in words):
                return True
    return False


def _stands(term: int, masks: tuple[int, ...]) -> Test:
    if not masks:
        return lambda found, _hay, _heard: term in found
    spans = _free(term, masks)
    return lambda found, hay, _heard: bool(spans(found, hay))


def _free(term: int, masks: tuple[int, ...]) -> Spans:
    """Where a term stands outside of the phrases that hide it."""

    def spans(found: Found, _hay: Hay) -> Sequence[Span]:
        mine = found.get(term, ())
        hidden = _merged([span for mask in masks for span in found.get(mask, ())])
        if not hidden:
            return mine
        ends = [end for _, end in hidden]
        free = []
        for start, end in mine:
            at = bisect_right(ends, start)
            if at == len(hidden) or hidden[at][0] >= end:
                free.append((start, end))
        return free

    return spans


def _merged(spans: list[Span]) -> list[Span]:
    """The same places, in order and without overlaps."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _spans(node: Node, number: Number, masks: tuple[int, ...]) -> Spans:
    """Where one of the terms of one side of NEAR stands."""
    each = [_free(number(term), masks) for term in terms(node)]
    return lambda found, hay: [span for spans in each for span in spans(found, hay)]


def _near(left: Spans, right: Spans, most: int) -> Test:
    def test(found: Found, hay: Hay, _heard: Heard) -> bool:
        ones = left(found, hay)
        others = right(found, hay) if ones else ()
        if not others:
            return False
        neighbours = (*_neighbours(ones, others), *_neighbours(others, ones))
        return any(words_between(hay.words, one, other) <= most for one, other in neighbours)

    return test


def _neighbours(first: Sequence[Span], then: Sequence[Span]) -> Iterator[tuple[Span, Span]]:
    """Each of the first with the nearest that comes after it, if no other of the first is nearer to that.

    A word may stand in a post a thousand times, so not all pairs can be looked at.
    """
    by_end = sorted(first, key=itemgetter(1))
    ends = [end for _, end in by_end]
    seen = set()
    for span in sorted(then):
        at = bisect_right(ends, span[0]) - 1
        if at >= 0 and at not in seen:
            seen.add(at)
            yield by_end[at], span


def words_between(words: str, one: Span, other: Span) -> int:
    """How many words stand between two places; of scripts without spaces, two characters are one."""
    between = words[min(one[1], other[1]) : max(one[0], other[0])]
    return sum(1 if word.isascii() else _of_script(word) for word in _WORD.findall(between))


def _of_script(word: str) -> int:
    unspaced = sum(char >= "\u0e00" and not "\uac00" <= char <= "\ud7a3" for char in word)
    return max(1, (unspaced + 1) // 2)


def _title(field: Field, number: Number, masks: tuple[int, ...]) -> Test:
    spans = _free(number(field.value), masks)
    return lambda found, hay, _heard: any(end <= hay.title_end for _, end in spans(found, hay))
