"""A query from what people type: AND, OR, NOT, parentheses, phrases, -exclusions, NEAR/n, fields."""

import re
from dataclasses import replace
from functools import cache
from typing import Any, NoReturn

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedInput

from app.reading.query.tree import QUOTES, And, Count, Field, Near, Node, Not, Or, Term, Without, is_bare
from app.reading.query.wrong import BadQuery, Doubt

LONGEST = 20_000  # characters
DEEPEST = 30  # parentheses in each other

# An operator stands alone: what follows it is a space, a sign that opens something, or the end.
_GRAMMAR = r"""
start: either
either: both (OR both)*
both: one (AND? one)*
one: NOT+ (MINUS? close) | MINUS close | close
close: atom (NEAR atom)*
atom: QUOTED | WORD | COUNT | field | LPAR either RPAR
field: FIELD (QUOTED | WORD | LPAR either RPAR)

LPAR: "("
RPAR: ")"
AND.5: /(?:AND|ET)(?![^\s()"“„«‹‘=-])|&&|&(?!\S)/
OR.5: /(?:OR|OU)(?![^\s()"“„«‹‘=-])|\|\|?/
NOT.5: /(?:NOT|SAUF)(?![^\s()"“„«‹‘=-])/
NEAR.5: /(?:NEAR|PRES|PRÈS)\/\d{1,3}(?![^\s()"“„«‹‘=])/
MINUS.4: /[-–−](?=[^\s)–−-])/
FIELD.5: /(?i:author|auteur|site|url|lang|langue|source|title|titre):\s*(?=[^\s)])/
COUNT.6: /(?i:reach|portée|likes|shares|partages|replies|réponses|followers|abonnés|engagement|length|longueur)\s*:?(?:>=|<=|≥|≤|[><=])\s*\d{1,12}[kKmM]?(?![^\s()])/
QUOTED.7: /=?(?:"[^"“”]*["“”]|[“”„][^"“”„]*["“”]|[«»][^«»]*[«»]|[‹›][^‹›]*[‹›]|['‘‚’](?:[^\s'‘’]|['’](?=\w)|[^\S\n](?=[^'’\n]{0,200}['’](?!\w)))+['’‘](?!\w))~?/
WORD: /\+?=?[^\s()"“”„«»‹›,;|<>~=+–−-][^\s()"“”„«»‹›,;|<>~]*~?/
%ignore /\s+/
"""  # noqa: E501 - a terminal is one line
_FIELDS = {"auteur": "author", "langue": "lang", "titre": "title"}
_KNOWN = frozenset({"author", "site", "url", "lang", "source", "title"})
_COUNTS = {
    "portée": "reach", "partages": "shares", "réponses": "replies", "abonnés": "followers",
    "longueur": "length",
}  # fmt: skip
_TIMES = {"k": 1_000, "m": 1_000_000}
_COUNT = re.compile(r"(\w+)\s*:?(>=|<=|≥|≤|[><=])\s*(\d+)([km]?)", re.IGNORECASE)
_SIGNS = {"≥": ">=", "≤": "<="}
_OTHER_FIELDS = {
    "from": "author", "by": "author", "user": "author", "de": "author", "domain": "site", "host": "site",
    "domaine": "site", "language": "lang", "intitle": "title", "headline": "title", "inurl": "url",
    "link": "url", "lien": "url", "channel": "source",
}  # fmt: skip
_OTHER_FIELD = re.compile(r"([^\W\d_]+):(?!//)(.+)")
# Operators of other tools and languages, as people type them out of habit; never a brand in capitals.
_OTHER_WORDS = {
    "UND": "AND", "ODER": "OR", "NICHT": "NOT", "OHNE": "NOT", "XOR": "OR", "ADJ": "NEAR/3",
    "SAME": "NEAR/10",     "NEAR": "NEAR/5", "PRÈS": "NEAR/5", "ONEAR": "NEAR/5", "WITHIN": "NEAR/5",
}  # fmt: skip
_OTHER_NEAR = re.compile(r"(?:O?NEAR|W|N|ADJ|PRE|PRÈS|PRES)[/~:]?f?(\d+)[fx]?", re.IGNORECASE)


@cache
def parser() -> Lark:
    """The parser, made when the first query is read."""
    return Lark(_GRAMMAR, parser="lalr", lexer="basic", propagate_positions=True, maybe_placeholders=False)


def read(text: str) -> Node:
    """The tree of a query; BadQuery says where it cannot be read, and how it may have been meant."""
    if len(text) > LONGEST:
        raise BadQuery(
            Doubt(
                "too_long",
                f"a query has at most {LONGEST:,} characters: make several watches of it",
                f"une requête a au plus {LONGEST} caractères : faites-en plusieurs veilles",
            )
        )
    _check_nesting(text)
    try:
        return _read(text)
    except UnexpectedInput as error:
        _refuse(text, error)


def _read(text: str) -> Node:
    return _node(text, parser().parse(text).children[0])


def _check_nesting(text: str) -> None:
    depth = 0
    for at, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        if depth > DEEPEST:
            raise BadQuery(
                Doubt(
                    "too_deep",
                    f"more than {DEEPEST} parentheses stand in each other",
                    f"plus de {DEEPEST} parenthèses sont imbriquées",
                    at,
                    at + 1,
                )
            )


def _node(text: str, tree: Any) -> Node:  # noqa: ANN401 - lark's trees hold trees and tokens
    children = [c for c in tree.children if not (isinstance(c, Token) and c.type in _JOINTS)]
    match tree.data:
        case "either":
            return _either(text, children)
        case "both":
            return _joined(And, [_node(text, child) for child in children])
        case "one":
            return _signed(tree, _node(text, children[-1]))
        case "close":
            return _near(text, tree)
        case "field":
            return _field(text, tree)
    (child,) = children
    if isinstance(child, Tree):
        return _node(text, child)
    return _counted(child) if child.type == "COUNT" else _term(text, child)


def _either(text: str, sides: list[Any]) -> Node:
    """One of the sides; what is left out in one of them is left out of all within the same parentheses."""
    parts: list[Node] = []
    left_out: list[Node] = []
    for side in sides:
        node = _node(text, side)
        if isinstance(node, And) and len(sides) > 1 and len(side.children) > 1:
            left_out += [part for part in node.parts if isinstance(part, Without)]
            node = _joined(And, [part for part in node.parts if not isinstance(part, Without)])
        parts.append(node)
    return _joined(And, [_joined(Or, parts), *left_out])


_JOINTS = frozenset({"AND", "OR", "NOT", "MINUS", "LPAR", "RPAR"})


def _joined(kind: type[Or] | type[And], parts: list[Node]) -> Node:
    flat: list[Node] = []
    for part in parts:
        flat += part.parts if isinstance(part, kind) else (part,)
    if kind is And:
        flat.sort(key=lambda part: isinstance(part, Without))
    return flat[0] if len(flat) == 1 else kind(tuple(flat))


def _signed(tree: Tree[Any], node: Node) -> Node:
    signs = [child.type for child in tree.children if isinstance(child, Token)]
    if "MINUS" in signs:
        node = _without(node)
    return Not(node) if signs.count("NOT") % 2 else node


def _without(node: Node) -> Node:
    if isinstance(node, Or):
        return _joined(And, [_without(part) for part in node.parts])
    return Without(node) if isinstance(node, Term | Field | Count) else Not(node)


def _near(text: str, tree: Tree[Any]) -> Node:
    sides = [child for child in tree.children if isinstance(child, Tree)]
    nodes = [_node(text, side) for side in sides]
    if len(nodes) == 1:
        return nodes[0]
    joints = [child for child in tree.children if isinstance(child, Token)]
    if len(nodes) > 2:
        _wrong(
            "near_chain", joints[1], "NEAR joins two sides", "NEAR joint deux côtés",
            mend=f"({nodes[0]} {joints[0]} {nodes[1]}) AND ({nodes[1]} {joints[1]} {nodes[2]})",
        )  # fmt: skip
    for side, node in zip(sides, nodes, strict=True):
        if not all(isinstance(part, Term) for part in (node.parts if isinstance(node, Or) else (node,))):
            start, end = side.meta.start_pos, side.meta.end_pos
            raise BadQuery(
                Doubt(
                    "near_sides",
                    "each side of NEAR is a word, a phrase, or several with OR in parentheses",
                    "chaque côté de NEAR est un mot, une expression, ou plusieurs avec OU entre parenthèses",
                    start,
                    end,
                )
            )
    return Near(nodes[0], nodes[1], int(str(joints[0]).split("/")[1]))


def _field(text: str, tree: Tree[Any]) -> Node:
    name, *rest = tree.children
    plain = str(name).strip().rstrip(":").lower()
    field: Any = _FIELDS.get(plain, plain)
    if isinstance(rest[0], Token) and rest[0].type != "LPAR":
        return Field(field, _term(text, rest[0]))
    return _each(field, _node(text, rest[1]), name)


def _each(field: Any, node: Node, at: Any) -> Node:  # noqa: ANN401 - a word of the grammar
    match node:
        case Term():
            return Field(field, node)
        case Or(parts):
            return Or(tuple(_each(field, part, at) for part in parts))
        case And(parts):
            return And(tuple(_each(field, part, at) for part in parts))
        case Without(part):
            return Without(_each(field, part, at))
        case Not(part):
            return Not(_each(field, part, at))
    return _wrong(
        "field_inside", at, f"after {field}: come words and phrases only",
        f"après {field}: ne viennent que des mots et des expressions",
    )  # fmt: skip


def _counted(token: Token) -> Node:
    found = _COUNT.match(token)
    if found is None:
        _wrong("count", token, f"“{token}” is no number", f"« {token} » n’est pas un nombre")
    name, sign, number, times = found.groups()
    plain = name.lower()
    named: Any = _COUNTS.get(plain, plain)
    compared: Any = _SIGNS.get(sign, sign)
    return Count(named, compared, int(number) * _TIMES.get(times.lower(), 1))


def _term(text: str, token: Token) -> Term:
    written = str(token).removeprefix("+")
    exact, inflected = written.startswith("="), written.endswith("~")
    written = written.removeprefix("=").removesuffix("~")
    if token.type == "QUOTED":
        return Term(" ".join(QUOTES.sub(" ", written[1:-1]).split()), True, exact, inflected)
    _check_word(text, token, written)
    written = written.rstrip(":") or written
    return Term(written, not is_bare(written), exact, inflected)


def _check_word(text: str, token: Token, written: str) -> None:
    if written in _OTHER_WORDS or _OTHER_NEAR.fullmatch(written):
        near = _OTHER_NEAR.fullmatch(written)
        if near and (not written.isupper() or not _is_between(text, token)):
            return
        meant = f"NEAR/{near[1]}" if near else _OTHER_WORDS[written]
        _wrong(
            "foreign", token, f"“{written}” is an operator of another tool",
            f"« {written} » est un opérateur d’un autre outil", mend=_replaced(text, token, meant),
        )  # fmt: skip
    if len(written) > 2 and written.startswith("/") and written.endswith("/"):
        _wrong(
            "regex", token, "regular expressions are not read: join spellings with OR, or end a word with *",
            "les expressions régulières ne sont pas lues : joignez les graphies par OU, ou un mot et *",
        )  # fmt: skip
    if written.endswith(":") and _FIELDS.get(plain := written[:-1].lower(), plain) in _KNOWN:
        _wrong("value", token, f"nothing follows {written}", f"rien ne suit {written}")
    other = _OTHER_FIELD.fullmatch(written)
    if other:
        name = _OTHER_FIELDS.get(other[1].lower())
        _wrong(
            "field", token, f"there is no field “{other[1]}:”", f"il n’y a pas de champ « {other[1]}: »",
            mend=_replaced(text, token, f"{name}:{other[2]}" if name else f'"{written}"'),
        )  # fmt: skip
    if written.startswith("!") and len(written) > 1:
        _wrong(
            "foreign", token, "“!” is an operator of another tool", "« ! » est un opérateur d’un autre outil",
            mend=_replaced(text, token, f"NOT {written[1:]}"),
        )  # fmt: skip
    if "*" in written[:-1]:
        _wrong(
            "star", token, "* stands at the end of a word only: for any ending",
            "* ne se met qu’à la fin d’un mot : pour toute terminaison",
        )  # fmt: skip


def _is_between(text: str, token: Token) -> bool:
    start, end = token.start_pos or 0, token.end_pos or 0
    return bool(text[:start].strip()) and bool(text[end:].strip())


def _replaced(text: str, token: Token, by: str) -> str:
    return f"{text[: token.start_pos]}{by}{text[token.end_pos :]}"


def _wrong(code: str, token: Token, en: str, fr: str, *, mend: str = "") -> NoReturn:
    raise BadQuery(Doubt(code, en, fr, token.start_pos or 0, token.end_pos or 0, mend))


def _refuse(text: str, error: UnexpectedInput) -> NoReturn:
    """Say what stands where nothing of the kind can stand."""
    at = error.pos_in_stream if error.pos_in_stream is not None and error.pos_in_stream >= 0 else len(text)
    token = getattr(error, "token", None)
    if token is None or token.type == "$END":
        at = at if isinstance(error, UnexpectedCharacters) else len(text)
    from app.reading.query.refusals import why  # noqa: PLC0415 - only who errs needs it

    doubt = why(text, at, token if token is not None and token.type != "$END" else None)
    try:
        _read(doubt.mend)
    except (UnexpectedInput, BadQuery):  # several things are wrong
        doubt = replace(doubt, mend="")
    raise BadQuery(doubt) from error
