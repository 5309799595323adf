"""Slips in the older form of a query: operators, quotes and commas within a term of a list."""

import re
from collections.abc import Iterator

from app.errors import BadInput
from app.reading.query import Query
from app.reading.query.grammar import read
from app.reading.query.tree import Term
from app.reading.query.wrong import BadQuery, Doubt

_OPERATOR = re.compile(
    r"(?<=\S)\s+(?:AND|OR|NOT|ET|OU|SAUF|UND|ODER|NEAR(?:/\d+)?|&&|\|\|?)\s+(?=\S)"
    r"|\s-(?=\w)|\b(?:lang|author|site|url|source|title|from|to|domain):\S|^/.+/$|(?<=\w)\*(?=\w)"
)
_SIDE_BY_SIDE = re.compile(r"""\S\s+[#@]\w|["“”«»]|\S\s(?:or|ou|oder)\s\S""")
_INNER_COMMA = re.compile(r"\S,\s+\S")


def list_doubts(query: Query) -> Iterator[Doubt]:
    """What people type by habit into a term, with the query as it was probably meant."""
    for term in (*query.any_of, *query.all_of, *query.none_of):
        if _OPERATOR.search(term) or _is_lopsided(term):
            mend, why = _as_text(query)
            if why is not None:
                yield why
                return
            yield Doubt(
                "operator_in_list",
                f"“{term}” would be looked for letter by letter: AND, OR, NOT and other signs work in a "
                "query without “any of:”",
                f"« {term} » serait cherché lettre par lettre : ET, OU, SAUF et les autres signes valent "
                "dans une requête sans « any of: »",
                mend=mend,
            )
            return
    for term in (*query.any_of, *query.all_of, *query.none_of):
        if _INNER_COMMA.search(term) or _SIDE_BY_SIDE.search(term):
            yield Doubt(
                "comma_in_list",
                f"“{term}” is looked for as one phrase: is a comma missing, or one too many?",
                f"« {term} » est cherché comme une expression : une virgule manque, ou est de trop ?",
                mend=_as_text(query)[0],
                refused=False,
            )
            return


def _is_lopsided(term: str) -> bool:
    return term.count("(") != term.count(")") or (term.startswith("(") and term.endswith(")"))


def _as_text(query: Query) -> tuple[str, Doubt | None]:
    """The lists in one line, their terms read as they were typed; or what is wrong with one."""
    parts: list[str] = []
    try:
        wanted = [_meant(part) for term in query.any_of for part in _cut(term)]
        if wanted:
            parts.append(" OR ".join(wanted))
        parts += [_meant(part) for part in query.all_of]
        asked = parts[0] if len(parts) == 1 else " AND ".join(_closed(part) for part in parts)
        left_out = [f"-{_closed(_meant(part))}" for term in query.none_of for part in _cut(term)]
        if left_out and len(wanted) > 1 and len(parts) == 1:
            asked = f"({asked})"
        return str(read(" ".join([asked, *left_out]).strip())), None
    except BadQuery as error:
        return "", error.doubt
    except BadInput:
        return "", None


def _cut(term: str) -> list[str]:
    return [part.strip() for part in re.split(r",\s+|\s+(?=[#@]\w)|\s(?:or|ou|oder)\s", term) if part.strip()]


def _meant(term: str) -> str:
    if _is_lopsided(term):
        term = term.strip("()").strip()
    if _OPERATOR.search(term):
        return str(read(term))
    return str(Term(term.strip('"“”«»')))


def _closed(part: str) -> str:
    return f"({part})" if re.search(r"\s(?:OR|AND)\s", part) else part
