"""Why a query cannot be read, and how it was probably meant."""

import re

from lark import Token

from app.reading.query.wrong import Doubt, shown

_OPENING = {'"': '"', "“": "”", "”": "”", "„": "“", "«": "»", "»": "«", "‹": "›", "›": "‹"}
_OPERATOR_AT_END = re.compile(r"(?:^|[\s(])(AND|ET|OR|OU|NOT|SAUF|NEAR/\d+|PR[EÈ]S/\d+|&&|\|\|?|-)\s*$")
_APART = re.compile(r"[-–−]\s+(?=[^\s)])")
_FIELD_AT_END = re.compile(r"([^\W\d_]+)(:|[<>]=?|=)\s*$")


def why(text: str, at: int, token: Token | None) -> Doubt:
    """What is wrong at this place of the query; without a token nothing could be read there at all."""
    if not text.strip():
        return Doubt("empty", "the query is empty", "la requête est vide")
    char = text[at] if at < len(text) else ""
    if char in {",", ";"}:
        return _list(text, at)
    if char in _OPENING:
        return Doubt(
            "quote",
            f"the quote before “{shown(text[at + 1 :])}” is not closed",
            f"le guillemet devant « {shown(text[at + 1 :])} » n’est pas fermé",
            at,
            at + 1,
            f"{text}{_OPENING[char]}",
        )
    before = _OPERATOR_AT_END.search(text[:at])
    if before and (at >= len(text.rstrip()) or char == ")"):
        return _lonely(text, before)
    if at >= len(text.rstrip()):
        return _unfinished(text)
    return _stray(text, at, char, token, before)


def _list(text: str, at: int) -> Doubt:
    terms = [part.strip() for part in re.split("[,;]", text) if part.strip()]
    plain = all('"' not in term and "(" not in term and ")" not in term for term in terms)
    mend = " OR ".join(f'"{term}"' if " " in term else term for term in terms) if plain else ""
    return Doubt(
        "comma",
        f"“{text[at]}” joins nothing: write OR between what may be said, AND between what must be",
        f"« {text[at]} » ne joint rien : écrivez OU entre ce qui peut être dit, ET entre ce qui doit l’être",
        at,
        at + 1,
        mend,
    )


def _lonely(text: str, operator: re.Match[str]) -> Doubt:
    start, end = operator.span(1)
    left = text[:start].rstrip()
    rest = text[end:].lstrip()
    return Doubt(
        "lonely",
        f"nothing follows {operator[1]}",
        f"rien ne suit {operator[1]}",
        start,
        end,
        f"{left}{rest}".strip("( "),
    )


def _unfinished(text: str) -> Doubt:
    missing = text.count("(") - text.count(")")
    if missing > 0:
        at = _unclosed(text)
        return Doubt(
            "parenthesis",
            f"the parenthesis before “{shown(text[at + 1 :])}” is not closed",
            f"la parenthèse devant « {shown(text[at + 1 :])} » n’est pas fermée",
            at,
            at + 1,
            text.rstrip() + ")" * missing,
        )
    field = _FIELD_AT_END.search(text)
    if field:
        return Doubt(
            "value",
            f"nothing follows {field[0].strip()}",
            f"rien ne suit {field[0].strip()}",
            field.start(),
            field.end(),
        )
    return Doubt(
        "unfinished", "the query ends too early", "la requête finit trop tôt", len(text) - 1, len(text)
    )


def _unclosed(text: str) -> int:
    opened: list[int] = []
    for at, char in enumerate(text):
        if char == "(":
            opened.append(at)
        elif char == ")" and opened:
            opened.pop()
    return opened[0]


def _stray(text: str, at: int, char: str, token: Token | None, before: re.Match[str] | None) -> Doubt:
    end = (token.end_pos or at + 1) if token is not None else at + 1
    said = text[at:end]
    if char == ")":
        empty = text[:at].rstrip().endswith("(")
        if empty:
            return Doubt(
                "empty_parentheses",
                "these parentheses hold nothing",
                "ces parenthèses sont vides",
                text[:at].rindex("("),
                at + 1,
            )
        return Doubt(
            "parenthesis",
            "this parenthesis was never opened",
            "cette parenthèse n’a pas été ouverte",
            at,
            at + 1,
            f"{text[:at]}{text[at + 1 :]}".strip(),
        )
    if token is not None and token.type in {"AND", "OR", "NEAR", "NOT"}:
        follows = f" {before[1]}" if before else ""
        return Doubt(
            "operator",
            f"{said} has nothing before it to join" if not follows else f"{said} stands right after{follows}",
            f"{said} n’a rien à joindre avant lui" if not follows else f"{said} suit directement{follows}",
            at,
            end,
            f"{text[: before.start(1) if before else at]}{text[end if not before else at :]}".strip(),
        )
    if char in "-–−" and (apart := _APART.match(text, at)):
        return Doubt(
            "apart",
            f"“{char}” is written to what it leaves out",
            f"« {char} » se colle à ce qu’il écarte",
            at,
            at + 1,
            f"{text[:at]}-{text[apart.end() :]}",
        )
    return Doubt(
        "sign",
        f"“{shown(said)}” cannot stand here; put a text that holds signs into quotes",
        f"« {shown(said)} » ne peut pas être ici ; mettez entre guillemets un texte qui contient des signes",
        at,
        end,
    )
