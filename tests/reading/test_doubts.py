"""Slips in a query: what people type by habit, what can match nothing, and what would match nearly all."""

import pytest

from app.errors import BadInput
from app.reading.query import parse
from app.reading.query.doubts import doubts_of, require_sound

REFUSED = [
    ("any of: Orange OR Vélinor", "operator_in_list", "Orange OR Vélinor"),
    ("any of: (Orange, Vélinor)", "operator_in_list", "Orange OR Vélinor"),
    ("any of: Orange -jus", "operator_in_list", "Orange -jus"),
    ("any of: Orange NOT jus", "operator_in_list", "Orange AND NOT jus"),
    ("any of: Orange | Vélinor", "operator_in_list", "Orange OR Vélinor"),
    ("any of: Orange lang:fr", "operator_in_list", "Orange AND lang:fr"),
    ("any of: Orange NEAR/5 panne", "operator_in_list", "Orange NEAR/5 panne"),
    ("any of: Orange ET panne", "operator_in_list", "Orange AND panne"),
    ("any of: from:velinor", "field", "author:velinor"),
    ("any of: /v[ée]linor/", "regex", ""),
    (
        "any of: (Vélinor, Orange); none of: (jus, fruit)",
        "operator_in_list",
        "(Vélinor OR Orange) -jus -fruit",
    ),
    ("all of: Vélinor, rappel OR retrait", "operator_in_list", "Vélinor AND (rappel OR retrait)"),
    ("Vélinor ou Danone", "small_operator", "Vélinor OU Danone"),
    ("Vélinor near/5 panne", "small_operator", "Vélinor NEAR/5 panne"),
    ("le", "common", ""),
    ("the OR Vélinor", "common", ""),
    ("Vélinor -Vélinor", "contradiction", ""),
    ("Vélinor AND rappel AND NOT VELINOR", "contradiction", ""),
    ("Vélinor lang:fr lang:en", "contradiction", "(lang:en OR lang:fr)"),
    ("Vélinor likes>10 likes<5", "contradiction", ""),
    ("Vélinor lang:french", "language", "Vélinor lang:fr"),
    ("site:velinor", "site", ""),
    ("a*", "short_stem", ""),
    ('"voir velinor.fr"', "link_in_phrase", "voir AND velinor.fr"),
    ("any of: panne Orange.fr", "link_in_phrase", "panne AND Orange.fr"),
]
WARNED = [
    ("Orange", "common", ""),
    ("orange OR citron", "common", ""),
    ("any of: Free, Vélinor", "common", ""),
    ("Orange fibre box", "side_by_side", '"Orange fibre box"'),
    ("Vélinor AND #velinor", "same_name", "Vélinor OR #velinor"),
    ("any of: Vélinor ou Danone", "comma_in_list", "Vélinor OR Danone"),
    ("any of: Vélinor #velinor", "comma_in_list", "Vélinor OR #velinor"),
    ("Vélinor AND rappel OR Danone", "mixed", "(Vélinor AND rappel) OR Danone"),
    ("Vélinor OR Danone NOT jus", "mixed", "(Vélinor OR Danone) AND NOT jus"),
    ("Vélinor OR -jus", "open_or", ""),
    ("lang:fr", "no_term", ""),
    ("-jus", "no_term", ""),
    ("", "no_term", ""),
    ("X", "common", ""),
]  # fmt: skip
FINE = [
    "Vélinor", "=Orange", "AI", "ORANGE ET SFR",
    "any of: Vélin*", "any of: Vélinor, Big Mac", '"Orange Bank"',
    "=Orange NEAR/15 (réseau OR fibre OR box)", "(Vélinor OR Danone) AND (rappel OR panne)", "AT&T OR C++",
    'Orange AND (réseau OR fibre) -"rue Orange"', "any of: danone.com, @danone, #danone",
    "any of: AT&T (US)",
    'Vélinor OR Danone -"rue Vélinor"', "Vélinor likes>10 lang:fr", "author:velinor Vélinor",
]  # fmt: skip


@pytest.mark.parametrize(("query", "code", "mend"), REFUSED)
def test_what_cannot_be_meant_is_refused_with_what_to_write_instead(query: str, code: str, mend: str) -> None:
    first = doubts_of(parse(query))[0]
    assert (first.code, first.refused, first.mend) == (code, True, mend)
    assert first.sentence("fr") != first.sentence("en")
    with pytest.raises(BadInput):
        require_sound(parse(query))


@pytest.mark.parametrize(("query", "code", "mend"), WARNED)
def test_what_is_likely_a_slip_is_taken_with_a_warning(query: str, code: str, mend: str) -> None:
    found = {doubt.code: doubt for doubt in doubts_of(parse(query))}
    assert found[code].mend == mend
    assert not found[code].refused
    require_sound(parse(query))


@pytest.mark.parametrize("query", FINE)
def test_what_is_meant_as_it_is_written_is_not_doubted(query: str) -> None:
    assert doubts_of(parse(query)) == []


@pytest.mark.parametrize("mend", [mend for _, _, mend in [*REFUSED, *WARNED] if mend])
def test_what_is_to_be_written_instead_is_sound(mend: str) -> None:
    require_sound(parse(mend))


def test_a_topic_may_take_every_post() -> None:
    assert doubts_of(parse(""), kind="topic") == []
