"""Queries that are likely to bring nearly everything, or mostly other things."""

from collections.abc import Iterator
from functools import cache

from app.reading.folding import fold
from app.reading.language import COMMONEST
from app.reading.query.ordinary import ORDINARY
from app.reading.query.tree import And, Node, Not, Or, Term, Without, parts_of, terms
from app.reading.query.wrong import Doubt


def too_wide(tree: Node | None, kind: str) -> Iterator[Doubt]:
    """A query that asks for no word, or leaves a side of it open."""
    if tree is not None and any(True for _ in terms(tree, wanted=True)):
        if _is_open(tree):
            yield Doubt(
                "open_or",
                "one side of OR only says what is left out: nearly every post would be a mention",
                "un côté de OU ne dit que ce qui est exclu : presque tout message serait une mention",
                refused=False,
            )
        return
    if tree is None and kind != "brand":
        return
    yield Doubt(
        "no_term",
        "no word is asked for: nearly every post of the sources would be a mention",
        "aucun mot n’est demandé : presque tout message des sources serait une mention",
        refused=False,
    )


def _is_open(tree: Node) -> bool:
    """Whether one side of an OR asks for nothing."""
    return any(
        isinstance(part, Not | Without)
        for node in parts_of(tree)
        if isinstance(node, Or)
        for part in node.parts
    )


def too_common(tree: Node) -> Iterator[Doubt]:
    """Words that are said all the time and stand for themselves, without a context."""
    alone = [
        part
        for part in (tree.parts if isinstance(tree, Or) else (tree,))
        if isinstance(part, Term) and not part.exact
    ]
    if isinstance(tree, And):
        others = [part for part in tree.parts if not isinstance(part, Without | Not)]
        alone = [p for p in others if isinstance(p, Term) and not p.exact] if len(others) == 1 else []
    for term in alone:
        word = fold(term.text)
        if term.text.isupper() and len(term.text) > 1:
            continue
        name = f"={term.text[:1].upper()}{term.text[1:]}"
        if len(word) > 1 and word in _commonest():
            yield Doubt(
                "common",
                f"“{term.text}” alone is in every other post: write it with what the brand does, as in "
                f"{name} NEAR/15 (… OR …)",
                f"« {term.text} » seul est dans un message sur deux : écrivez-le avec ce que fait la marque, "
                f"comme {name} NEAR/15 (… OR …)",
            )
        elif word in ORDINARY or len(word) == 1:
            yield Doubt(
                "common",
                f"“{term.text}” is an everyday word too: ask for its case and for what the brand does, as "
                f"in {name} NEAR/15 (… OR …)",
                f"« {term.text} » est aussi un mot courant : demandez sa casse et ce que fait la marque, "
                f"comme {name} NEAR/15 (… OR …)",
                refused=False,
            )


@cache
def _commonest() -> frozenset[str]:
    return frozenset(fold(" ".join(COMMONEST.values())).split())
