"""The query language of a watch: any of, all of, none of; words, "phrases", #hashtags, @handles, domains."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from app.errors import BadInput
from app.reading.folding import fold, is_word

_PART = re.compile(r"\b(any of|all of|none of)\s*:", re.IGNORECASE)
_TERM = re.compile(r'\s*(?:"([^"]*)"|([^,;\n"]+))\s*(?:[,;\n]|$)')
_EXAMPLE = (
    'such as: any of: Danone, "Les 2 Vaches", #danone, @danone, danone.com; none of: Danone Nations Cup'
)
MOST_TERMS = 500
LONGEST_TERM = 200


class Query(BaseModel):
    """What a post must hold to be a mention. Without any term every post is one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    any_of: tuple[str, ...] = Field((), description="at least one of these")
    all_of: tuple[str, ...] = Field((), description="each of these")
    none_of: tuple[str, ...] = Field((), description="not one of these")

    def __str__(self) -> str:
        """The query as a person writes it; `parse` reads it back."""
        parts = (("any of", self.any_of), ("all of", self.all_of), ("none of", self.none_of))
        return "; ".join(f"{name}: {', '.join(map(_quoted, terms))}" for name, terms in parts if terms)


def _quoted(term: str) -> str:
    return f'"{term}"' if re.search(r"[,;:]", term) else term


def parse(given: str | Mapping[str, Any] | Query) -> Query:
    """The query that was written as text or as a mapping; BadInput says what is wrong with it.

    >>> parse('any of: Yahoo, "Marissa Mayer"; none of: fantasy football').any_of
    ('Yahoo', 'Marissa Mayer')
    """
    if isinstance(given, Query):
        return given
    parts = _parts_of_text(given) if isinstance(given, str) else _parts_of_mapping(given)
    cleaned = {name: tuple(dict.fromkeys(_checked(term) for term in terms)) for name, terms in parts.items()}
    if sum(map(len, cleaned.values())) > MOST_TERMS:
        raise BadInput(f"a query has at most {MOST_TERMS} terms: make several watches of it")
    query = Query(**cleaned)
    refused = {fold(t) for t in query.none_of} & {fold(t) for t in (*query.any_of, *query.all_of)}
    if refused:
        raise BadInput(f"“{min(refused)}” is both asked for and excluded: no post can match")
    return query


def _parts_of_mapping(given: Mapping[str, Any]) -> dict[str, list[str]]:
    unknown = set(given) - {"any_of", "all_of", "none_of"}
    if unknown:
        raise BadInput(f"a query has any_of, all_of and none_of, not {', '.join(sorted(map(str, unknown)))}")
    parts = {}
    for name, terms in given.items():
        listed = [terms] if isinstance(terms, str) else terms
        if not isinstance(listed, list | tuple) or not all(isinstance(t, str | int) for t in listed):
            raise BadInput(f"{name} must be a list of terms")
        parts[name] = [str(t) for t in listed]
    return parts


def _parts_of_text(text: str) -> dict[str, list[str]]:
    if not text.strip():
        return {}
    pieces = _PART.split(text)
    if pieces[0].strip():
        raise BadInput(f"a query begins with “any of:”, “all of:” or “none of:”, {_EXAMPLE}")
    parts: dict[str, list[str]] = {}
    for name, body in zip(pieces[1::2], pieces[2::2], strict=True):
        terms = parts.setdefault(name.lower().replace(" ", "_"), [])
        body = body.strip().rstrip(";")  # noqa: PLW2901 - the end of a part
        at = 0
        while at < len(body):
            match = _TERM.match(body, at)
            if match is None:
                raise BadInput(f"cannot read “{body[at : at + 40]}”: a quote is not closed, {_EXAMPLE}")
            term = match[1] if match[1] is not None else match[2].strip()
            if term:
                terms.append(term)
            at = match.end()
        if not terms:
            raise BadInput(f"“{name}:” has no terms, {_EXAMPLE}")
    return parts


def _checked(term: str) -> str:
    term = " ".join(term.replace("\x00", "").split())
    if len(term) > LONGEST_TERM:
        raise BadInput(f"“{term[:40]}…” is longer than {LONGEST_TERM} characters")
    folded = fold(term).strip()
    if not folded or not any(is_word(c) or c.isalnum() or ord(c) > 0x2000 for c in folded):
        raise BadInput(f"“{term}” holds no letter, digit or sign that could be looked for")
    return term
