"""How the words of a query stand beside each other, where the tree does not show it any more."""

from itertools import pairwise
from typing import Any

from lark import Token, Tree

from app.reading.query.grammar import parser


def joined_by_nothing(text: str) -> list[tuple[int, int]]:
    """Where two plain words stand side by side: from the first to the end of the second."""
    places = []
    for tree in parser().parse(text).iter_subtrees():
        if tree.data != "both":
            continue
        for one, other in pairwise(tree.children):
            words = [_plain_word(side) for side in (one, other)]
            if words[0] is not None and words[1] is not None:
                places.append((words[0].start_pos or 0, words[1].end_pos or 0))
    return sorted(places)


def _plain_word(side: Any) -> Token | None:  # noqa: ANN401 - lark's trees hold trees and tokens
    while isinstance(side, Tree) and len(side.children) == 1:
        side = side.children[0]
    return side if isinstance(side, Token) and side.type == "WORD" else None


def mixed(text: str) -> list[tuple[int, int]]:
    """Where OR and AND or NOT stand beside each other without parentheses."""
    return sorted(
        (tree.meta.start_pos, tree.meta.end_pos)
        for tree in parser().parse(text).iter_subtrees()
        if tree.data == "either" and len(tree.children) > 1
        for side in tree.children
        if isinstance(side, Tree) and sum(not _is_left_out(one) for one in side.children) > 1
    )


def _is_left_out(one: Any) -> bool:  # noqa: ANN401 - as above
    return isinstance(one, Tree) and any(
        isinstance(sign, Token) and sign.type == "MINUS" for sign in one.children
    )
