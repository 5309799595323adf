"""What a query says, as a tree, and how it is written."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

FieldName = Literal["author", "site", "url", "lang", "source", "title"]
CountName = Literal["reach", "likes", "shares", "replies", "followers", "engagement", "length"]
Sign = Literal[">", ">=", "<", "<=", "="]

QUOTES = re.compile('["“”„«»‹›]')
# What is one word to the grammar, with nothing in it that it would read as something else.
_BARE = re.compile(r"""(?![-–−=~+|&!/'‘’‚<>*]|(?:NEAR|PRES|PRÈS)/)[^\s()"“”„«»‹›,;|<>~*]+\*?""")
OPERATORS = frozenset({"AND", "ET", "OR", "OU", "NOT", "SAUF"})


@dataclass(frozen=True, slots=True)
class Term:
    """A word, phrase, #hashtag, @handle or domain. `*` at the end of a word stands for any ending."""

    text: str
    quoted: bool = False
    exact: bool = False  # in its letters, large and small
    inflected: bool = False  # with the endings of its language, however short it is

    def __str__(self) -> str:
        plain = not self.quoted and is_bare(self.text)
        text = self.text if plain else f'"{QUOTES.sub(" ", self.text)}"'
        return f"{'=' * self.exact}{text}{'~' * self.inflected}"


@dataclass(frozen=True, slots=True)
class Field:
    """What is said about a post and not in it: who, where, in which language; or a term in its title."""

    name: FieldName
    value: Term

    def __str__(self) -> str:
        return f"{self.name}:{self.value}"


@dataclass(frozen=True, slots=True)
class Count:
    """A number that a post must reach, or stay below."""

    name: CountName
    sign: Sign
    number: int

    def __str__(self) -> str:
        return f"{self.name}{self.sign}{self.number}"


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of them."""

    parts: tuple["Node", ...]

    def __str__(self) -> str:
        return " OR ".join(_inside(part, (Or, And)) for part in self.parts)


@dataclass(frozen=True, slots=True)
class And:
    """Each of them; what is left out (`Without`) comes last."""

    parts: tuple["Node", ...]

    def __str__(self) -> str:
        text = ""
        for part in self.parts:
            joint = " " if isinstance(part, Without) else " AND "
            text += (joint if text else "") + _inside(part, (Or, And))
        return text


@dataclass(frozen=True, slots=True)
class Not:
    """A post that is not such a one."""

    part: "Node"

    def __str__(self) -> str:
        return f"NOT {_inside(self.part, (Or, And, Near))}"


@dataclass(frozen=True, slots=True)
class Without:
    """What does not count: a phrase around what is asked for hides it there, anything else hides the post."""

    part: "Node"

    def __str__(self) -> str:
        return f"-{_inside(self.part, (Or, And, Near, Not, Without))}"


@dataclass(frozen=True, slots=True)
class Near:
    """One of each side, with at most so many words in between, in any order."""

    left: "Node"
    right: "Node"
    words: int

    def __str__(self) -> str:
        left, right = (_inside(side, (Or, Near)) for side in (self.left, self.right))
        return f"{left} NEAR/{self.words} {right}"


Node = Term | Field | Count | Or | And | Not | Without | Near


def _inside(part: "Node", loose: tuple[type, ...]) -> str:
    return f"({part})" if isinstance(part, loose) else str(part)


def is_bare(text: str) -> bool:
    """Whether the grammar reads the text as one word, without quotes around it."""
    return _BARE.fullmatch(text) is not None and ":" not in text and text not in OPERATORS


def terms(node: Node, *, wanted: bool | None = None) -> Iterator[Term]:
    """The terms of the words of a post; of those that are asked for, or left out, if `wanted` says so."""
    yield from (term for term, is_wanted in _terms(node, True) if wanted in {None, is_wanted})


def _terms(node: Node, is_wanted: bool) -> Iterator[tuple[Term, bool]]:
    match node:
        case Term():
            yield node, is_wanted
        case Field(name="title", value=value):
            yield value, is_wanted
        case Or(parts) | And(parts):
            for part in parts:
                yield from _terms(part, is_wanted)
        case Not(part) | Without(part):
            yield from _terms(part, not is_wanted)
        case Near(left, right):
            yield from _terms(left, is_wanted)
            yield from _terms(right, is_wanted)


def parts_of(node: Node) -> Iterator[Node]:
    """The node and all that it is made of."""
    yield node
    match node:
        case Or(parts) | And(parts):
            for part in parts:
                yield from parts_of(part)
        case Not(part) | Without(part):
            yield from parts_of(part)
        case Near(left, right):
            yield from parts_of(left)
            yield from parts_of(right)
