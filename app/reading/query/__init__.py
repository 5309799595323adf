"""The query of a watch, in either form: `Orange AND (réseau OR fibre)`, or any of, all of, none of."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer

from app.errors import BadInput
from app.reading.folding import fold, is_word
from app.reading.query.grammar import read
from app.reading.query.tree import And, Node, Or, Term, Without, parts_of, terms
from app.reading.query.tree import Field as FieldNode
from app.reading.query.wrong import BadQuery, Doubt

_PART = re.compile(r"\b(any[ _]of|all[ _]of|none[ _]of)\s*:", re.IGNORECASE)
_QUOTED = r'"([^"]*)"|[“”„]([^“”„"]*)["“”]|«([^«»]*)»|[\'‘‚’]((?:[^\'’‘,;]|[\'’](?=\w))+)[\'’‘](?!\w)'
_TERM = re.compile(rf'\s*(?:(?:{_QUOTED})\s*(?:[,;\n]|$)|([^,;\n"“”„«»]+)\s*(?:[,;\n]|$))')
_EXAMPLE = (
    'such as: any of: Danone, "Les 2 Vaches", #danone, @danone, danone.com; none of: Danone Nations Cup'
)
_EXEMPLE = _EXAMPLE.replace("such as", "comme")
_LISTS = ("any_of", "all_of", "none_of")
MOST_TERMS = 500
LONGEST_TERM = 200


class Query(BaseModel):
    """What a post must hold to be a mention: `text`, or the three lists. Empty: every post is one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    any_of: tuple[str, ...] = Field((), description="at least one of these")
    all_of: tuple[str, ...] = Field((), description="each of these")
    none_of: tuple[str, ...] = Field((), description="not one of these")
    text: str = Field("", description="the query in one line, instead of the lists")

    @model_serializer(mode="wrap")
    def _one_form(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Either the text or the lists: what is kept of the older form is as it always was."""
        fields: dict[str, Any] = handler(self)
        return {"text": self.text} if self.text else {name: fields[name] for name in _LISTS}

    def __str__(self) -> str:
        """The query as a person writes it; `parse` reads it back."""
        if self.text:
            return self.text
        parts = (("any of", self.any_of), ("all of", self.all_of), ("none of", self.none_of))
        return "; ".join(f"{name}: {', '.join(map(_quoted, terms))}" for name, terms in parts if terms)

    @property
    def tree(self) -> Node | None:
        """What it says; nothing where every post is a mention."""
        return _tree(self)

    @property
    def asked(self) -> tuple[str, ...]:
        """The words and phrases that are asked for, without those that are left out."""
        if not self.text:
            return (*self.any_of, *self.all_of)
        tree = self.tree
        found = terms(tree, wanted=True) if tree is not None else ()
        return tuple(dict.fromkeys(term.text.rstrip("*") for term in found))


@lru_cache(maxsize=4096)
def _tree(query: Query) -> Node | None:
    if query.text:
        return read(query.text)
    parts: list[Node] = [_listed(text) for text in query.all_of]
    if query.any_of:
        any_of = tuple(_listed(text) for text in query.any_of)
        parts.insert(0, any_of[0] if len(any_of) == 1 else Or(any_of))
    parts += [Without(_listed(text)) for text in query.none_of]
    return None if not parts else parts[0] if len(parts) == 1 else And(tuple(parts))


def _listed(text: str) -> Term:
    """A term of a list: its signs for exact case and endings are those of the language."""
    exact, inflected = text.startswith("=") and len(text) > 1, text.endswith("~") and len(text) > 1
    return Term(text.removeprefix("=" * exact).removesuffix("~" * inflected), False, exact, inflected)


def _quoted(term: str) -> str:
    return f'"{term}"' if re.search(r"[,;:'“”„«»]", term) else term


def parse(given: str | Mapping[str, Any] | Query) -> Query:
    """The query that was written as text or as a mapping; BadInput says what is wrong with it.

    >>> parse('any of: Yahoo, "Marissa Mayer"; none of: fantasy football').any_of
    ('Yahoo', 'Marissa Mayer')
    >>> parse('Orange ET (réseau OU fibre) -"rue Orange"').asked
    ('Orange', 'réseau', 'fibre')
    """
    if isinstance(given, Query):
        return given
    if isinstance(given, str):
        return _of_text(given)
    if given.get("text"):
        return _of_both(given)
    return _of_lists({name: terms for name, terms in _parts_of_mapping(given).items() if name != "text"})


def _of_both(given: Mapping[str, Any]) -> Query:
    if any(given.get(name) for name in _LISTS):
        raise BadInput("a query is either one text, or any_of, all_of and none_of")
    text = given["text"]
    if not isinstance(text, str):
        raise BadInput("the text of a query must be text")
    return _of_text(text)


def _of_text(text: str) -> Query:
    pieces = _PART.split(text)
    if len(pieces) > 1 or not text.strip():
        return _of_lists(_parts_of_text(pieces) if text.strip() else {})
    text = " ".join(text.replace("\x00", "").split())
    found = [_checked(term.text) for term in _all_terms(read(text))]
    _check_number(len(found))
    return Query(text=text)


def _all_terms(tree: Node) -> Iterator[Term]:
    for node in parts_of(tree):
        if isinstance(node, Term):
            yield node
        elif isinstance(node, FieldNode):
            yield node.value


def _of_lists(parts: Mapping[str, list[str]]) -> Query:
    cleaned = {name: tuple(dict.fromkeys(_checked(term) for term in terms)) for name, terms in parts.items()}
    _check_number(sum(map(len, cleaned.values())))
    query = Query(**cleaned)
    refused = {fold(t) for t in query.none_of} & {fold(t) for t in (*query.any_of, *query.all_of)}
    if refused:
        raise _bad(
            "contradiction",
            f"“{min(refused)}” is both asked for and excluded: no post can match",
            f"« {min(refused)} » est à la fois demandé et exclu : aucun message ne peut correspondre",
        )
    return query


def _bad(code: str, en: str, fr: str) -> BadQuery:
    return BadQuery(Doubt(code, en, fr))


def _check_number(terms: int) -> None:
    if terms > MOST_TERMS:
        raise _bad(
            "too_many",
            f"a query has at most {MOST_TERMS} terms: make several watches of it",
            f"une requête a au plus {MOST_TERMS} termes : faites-en plusieurs veilles",
        )


def _parts_of_mapping(given: Mapping[str, Any]) -> dict[str, list[str]]:
    unknown = set(given) - {*_LISTS, "text"}
    if unknown:
        raise BadInput(
            f"a query has text, or any_of, all_of and none_of, not {', '.join(sorted(map(str, unknown)))}"
        )
    parts = {}
    for name, of_name in given.items():
        listed = [of_name] if isinstance(of_name, str) else of_name
        if not isinstance(listed, list | tuple) or not all(isinstance(t, str | int) for t in listed):
            raise BadInput(f"{name} must be a list of terms")
        parts[name] = [str(t) for t in listed]
    return parts


def _parts_of_text(pieces: list[str]) -> dict[str, list[str]]:
    if pieces[0].strip():
        raise _bad(
            "before_lists",
            f"what stands before “any of:”, “all of:” or “none of:” belongs to none of them, {_EXAMPLE}",
            f"ce qui précède « any of: », « all of: » ou « none of: » n’est à aucun, {_EXEMPLE}",
        )
    parts: dict[str, list[str]] = {}
    for name, body in zip(pieces[1::2], pieces[2::2], strict=True):
        terms = parts.setdefault(re.sub("[ _]", "_", name.lower()), [])
        body = body.strip().rstrip(";")  # noqa: PLW2901 - the end of a part
        at = 0
        while at < len(body):
            match = _TERM.match(body, at)
            if match is None:
                raise _bad(
                    "quote",
                    f"cannot read “{body[at : at + 40]}”: a quote is not closed, or a comma is missing, "
                    f"{_EXAMPLE}",
                    f"« {body[at : at + 40]} » est illisible : un guillemet n’est pas fermé, ou une virgule "
                    f"manque, {_EXEMPLE}",
                )
            term = next((group for group in match.groups() if group is not None), "").strip()
            if term:
                terms.append(term)
            at = match.end()
        if not terms:
            raise _bad(
                "empty", f"“{name}:” has no terms, {_EXAMPLE}", f"« {name}: » n’a pas de terme, {_EXEMPLE}"
            )
    return parts


def _checked(term: str) -> str:
    term = " ".join(term.replace("\x00", "").split())
    if len(term) > LONGEST_TERM:
        raise _bad(
            "long_term",
            f"“{term[:40]}…” is longer than {LONGEST_TERM} characters",
            f"« {term[:40]}… » a plus de {LONGEST_TERM} caractères",
        )
    folded = fold(term).strip()
    if not folded or not any(is_word(c) or c.isalnum() or ord(c) > 0x2000 for c in folded):
        raise _bad(
            "no_letter",
            f"“{term}” holds no letter, digit or sign that could be looked for",
            f"« {term} » n’a ni lettre, ni chiffre, ni signe à chercher",
        )
    return term
