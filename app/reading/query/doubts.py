"""What is likely a slip in a query that can be read: typed by habit, able to match nothing, or nearly all."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from app.reading.folding import fold
from app.reading.language import code
from app.reading.matching.links import GAP, is_domain, take_links
from app.reading.query import Query
from app.reading.query.breadth import too_common, too_wide
from app.reading.query.grammar import read
from app.reading.query.layout import joined_by_nothing, mixed
from app.reading.query.lists import list_doubts
from app.reading.query.tree import And, Count, Field, Node, Not, Or, Term, Without, parts_of, terms
from app.reading.query.wrong import BadQuery, Doubt

_SMALL = {
    "and": "AND", "et": "ET", "or": "OR", "ou": "OU", "not": "NOT", "sauf": "SAUF", "und": "AND",
    "oder": "OR",
}  # fmt: skip
_SMALL_NEAR = re.compile(r"(?:near|pres|près)/?(\d+)", re.IGNORECASE)
_LEAST_STEM = 3
_LANGUAGE_NAMES = {
    "french": "fr", "francais": "fr", "fra": "fr", "fre": "fr", "english": "en", "anglais": "en", "eng": "en",
    "german": "de", "allemand": "de", "spanish": "es", "espagnol": "es", "italian": "it", "italien": "it",
}  # fmt: skip


def doubts_of(query: Query, *, kind: str = "brand") -> list[Doubt]:
    """What is likely wrong with the query of a watch of this kind, what is refused first."""
    return list(_doubts_of(query, kind))


@lru_cache(maxsize=4096)  # asked for whenever watches are shown
def _doubts_of(query: Query, kind: str) -> tuple[Doubt, ...]:
    found: list[Doubt] = []
    if query.text:
        found = [*_of_text(query.text, kind)]
    else:
        found = [*list_doubts(query)]
        tree = query.tree
        if tree is None:
            found += too_wide(None, kind)
        elif not found:
            found += [*_contradictions(tree), *_unfindable(tree), *too_wide(tree, kind), *too_common(tree)]
    return tuple(sorted(found, key=lambda doubt: not doubt.refused))


def require_sound(query: Query) -> None:
    """Nothing, if nothing in the query must be refused; else BadQuery says the first."""
    for doubt in doubts_of(query):
        if doubt.refused:
            raise BadQuery(doubt)


def _of_text(text: str, kind: str) -> Iterator[Doubt]:
    tree = read(text)
    small = [*_small_operators(text, tree)]
    yield from small
    yield from _contradictions(tree)
    yield from _unfindable(tree)
    yield from _same_name(tree)
    yield from _fields(text, tree)
    yield from _wildcards(text, tree)
    yield from too_wide(tree, kind)
    if not small:
        yield from _side_by_side(text)
        yield from too_common(tree)
    for start, end in mixed(text)[:1]:
        yield Doubt(
            "mixed",
            "AND binds closer than OR; parentheses would show what is meant",
            "ET lie plus fort que OU ; des parenthèses montreraient ce qui est voulu",
            start, end, str(_grouped(tree)), refused=False,
        )  # fmt: skip


def _grouped(tree: Node) -> Node:
    """With what a NOT at the end leaves out of one side left out of all: `a OR b NOT c`."""
    if not isinstance(tree, Or) or not isinstance(last := tree.parts[-1], And):
        return tree
    refused = tuple(part for part in last.parts if isinstance(part, Not))
    rest = tuple(part for part in last.parts if not isinstance(part, Not))
    if not refused or not rest:
        return tree
    return And((Or((*tree.parts[:-1], rest[0] if len(rest) == 1 else And(rest))), *refused))


def _small_operators(text: str, tree: Node) -> Iterator[Doubt]:
    for term in terms(tree):
        near = _SMALL_NEAR.fullmatch(term.text)
        large = f"NEAR/{near[1]}" if near else _SMALL.get(term.text)
        place = re.search(rf"(?<![^\s()]){re.escape(term.text)}(?![^\s()])", text)
        if large is None or term.quoted or place is None:
            continue
        start, end = place.span()
        yield Doubt(
            "small_operator",
            f"“{term.text}” in small letters is looked for as a word",
            f"« {term.text} » en minuscules est cherché comme un mot",
            start, end, f"{text[:start]}{large}{text[end:]}",
        )  # fmt: skip
        return


def _unfindable(tree: Node) -> Iterator[Doubt]:
    """Phrases with a link in them: links are no words of a post."""
    for term in terms(tree):
        if " " not in term.text:
            continue
        rest, links = take_links(term.text)
        if links and not is_domain(term.text):
            words = " ".join(rest.replace(GAP, " ").split())
            yield Doubt(
                "link_in_phrase",
                f"“{term.text}” holds a link, which is no part of a phrase: no post can match",
                f"« {term.text} » contient un lien, qui ne fait pas partie d’une expression : aucun message "
                "ne peut correspondre",
                mend=" AND ".join([*([str(Term(words, quoted=" " in words))] if words else []), *links]),
            )


def _contradictions(tree: Node) -> Iterator[Doubt]:
    for node in parts_of(tree):
        if not isinstance(node, And):
            continue
        asked = {_key(part) for part in node.parts if isinstance(part, Term | Field)}
        refused = {_key(part.part) for part in node.parts if isinstance(part, Without | Not)}
        for both in sorted(asked & refused):
            yield Doubt(
                "contradiction",
                f"“{both}” is both asked for and excluded: no post can match",
                f"« {both} » est à la fois demandé et exclu : aucun message ne peut correspondre",
            )
        spoken = sorted(
            {code(fold(p.value.text)) for p in node.parts if isinstance(p, Field) and p.name == "lang"}
        )
        if len(spoken) > 1:
            either = " OR ".join(f"lang:{language}" for language in spoken)
            yield Doubt(
                "contradiction",
                "a post is in one language: no post can match both",
                "un message est dans une langue : aucun ne peut correspondre aux deux",
                mend=f"({either})",
            )
        yield from _impossible_counts([part for part in node.parts if isinstance(part, Count)])


def _key(node: Node) -> str:
    return fold(str(node).replace('"', "").strip("=~"))


def _same_name(tree: Node) -> Iterator[Doubt]:
    """`Danone AND #danone`: whoever writes the tag need not write the name as well."""
    for node in parts_of(tree):
        if not isinstance(node, And):
            continue
        asked = [part for part in node.parts if isinstance(part, Term)]
        names = [fold(term.text).strip("#@*") for term in asked]
        twice = [term for term, name in zip(asked, names, strict=True) if names.count(name) > 1]
        if twice:
            rest = [str(part) for part in node.parts if part not in twice]
            either = " OR ".join(map(str, twice))
            yield Doubt(
                "same_name",
                f"{' and '.join(map(str, twice))} must all be said: OR is probably meant",
                f"{' et '.join(map(str, twice))} doivent tous être dits : il s’agit sans doute de OU",
                mend=" AND ".join([f"({either})", *rest]) if rest else either,
                refused=False,
            )


def _impossible_counts(counts: list[Count]) -> Iterator[Doubt]:
    for one in counts:
        for other in counts:
            over = one.name == other.name and one.sign[0] == ">" and other.sign[0] == "<"
            if over and one.number >= other.number:
                yield Doubt(
                    "contradiction",
                    f"{one} and {other} together: no post can match",
                    f"{one} et {other} ensemble : aucun message ne peut correspondre",
                )


def _fields(text: str, tree: Node) -> Iterator[Doubt]:
    for node in parts_of(tree):
        if not isinstance(node, Field):
            continue
        value = fold(node.value.text)
        if node.name == "lang" and not re.fullmatch(r"[a-z]{2}(?:-[a-z0-9]+)*", value):
            code = _LANGUAGE_NAMES.get(value)
            yield Doubt(
                "language",
                f"“{node.value.text}” is no language of two letters",
                f"« {node.value.text} » n’est pas une langue en deux lettres",
                mend=text.replace(str(node), f"lang:{code}") if code and str(node) in text else "",
            )
        if node.name == "site" and "." not in value:
            yield Doubt(
                "site",
                f"“{node.value.text}” is no site; a site has a dot, as in site:{value}.fr",
                f"« {node.value.text} » n’est pas un site ; un site a un point, comme site:{value}.fr",
            )


def _wildcards(text: str, tree: Node) -> Iterator[Doubt]:
    for term in terms(tree):
        for word in term.text.split():
            if word.endswith("*") and word.isascii() and len(word.strip("#@*")) < _LEAST_STEM:
                yield Doubt(
                    "short_stem",
                    f"“{word}” begins too many words: give at least {_LEAST_STEM} letters before the *",
                    f"« {word} » commence trop de mots : mettez au moins {_LEAST_STEM} lettres avant *",
                    text.find(word), text.find(word) + len(word),
                )  # fmt: skip


def _side_by_side(text: str) -> Iterator[Doubt]:
    places = joined_by_nothing(text)
    if not places:
        return
    start, end = places[0]
    for one, other in pairwise(places):
        if other[0] >= one[1]:
            break
        end = other[1]
    words = " ".join(text[start:end].split())
    yield Doubt(
        "side_by_side",
        "words side by side must all be said, anywhere in the post: quote them if they are one name, or "
        "write OR or AND between them",
        "des mots côte à côte doivent tous être dits, n’importe où dans le message : mettez-les entre "
        "guillemets s’ils sont un nom, ou OU ou ET entre eux",
        start, end, f'{text[:start]}"{words}"{text[end:]}', refused=False,
    )  # fmt: skip
