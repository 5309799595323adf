"""The query language, as people write it."""

import pytest

from app.errors import BadInput
from app.reading.query import MOST_TERMS, Query, parse
from app.reading.query.wrong import BadQuery


def test_the_three_parts_are_read_from_text() -> None:
    query = parse('any of: Danone, "Les 2 Vaches", #danone; all of: rappel; none of: Danone Nations Cup')
    assert query == Query(
        any_of=("Danone", "Les 2 Vaches", "#danone"), all_of=("rappel",), none_of=("Danone Nations Cup",)
    )


def test_a_query_reads_back_what_it_prints() -> None:
    query = parse({"any_of": ["a, b", "c"], "none_of": ["d"]})
    assert parse(str(query)) == query


def test_an_empty_query_takes_every_post() -> None:
    assert parse("") == Query()


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("Danone; any of: Actimel", "belongs to none of them"),
        ("any of:", "no terms"),
        ('any of: "Danone', "a quote is not closed"),
        ("any of: !!!", "no letter"),
        ({"any": ["x"]}, "not any"),
        ({"any_of": 3}, "must be a list"),
        ({"any_of": ["x" * 201]}, "longer than"),
        ({"any_of": [f"t{i}" for i in range(MOST_TERMS + 1)]}, "at most"),
        ("any of: Café; none of: CAFE", "both asked for and excluded"),
    ],
)
def test_a_query_that_cannot_work_says_why(given: object, text: str) -> None:
    with pytest.raises(BadInput, match=text):
        parse(given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ('Orange AND (réseau OR fibre) -"rue Orange"', None),
        ("Orange ET (panne OU box) SAUF jus", "Orange AND (panne OR box) AND NOT jus"),
        ("Orange NEAR/5 (panne OR box)", None),
        ("Orange PRÈS/5 panne", "Orange NEAR/5 panne"),
        ("a | b || c && d", "a OR b OR (c AND d)"),
        ("Orange & fibre", "Orange AND fibre"),
        ("’Vélinor’ OR H&M", '"Vélinor" OR H&M'),
        ("+Orange +fibre", "Orange AND fibre"),
        ("Orange fibre", "Orange AND fibre"),
        ("«Vélinor» OR “les 2” OR ‘L’Oréal’ OR „d e“", '"Vélinor" OR "les 2" OR "L’Oréal" OR "d e"'),
        ("L'Oréal OR 'rue Vélinor'", 'L\'Oréal OR "rue Vélinor"'),
        ("=Orange OR Vélin* OR #tag* OR Big~", None),
        ("auteur:velinor -site:velinor.com langue:fr", "author:velinor AND lang:fr -site:velinor.com"),
        ("title:(rappel OR retrait)", "title:rappel OR title:retrait"),
        ("x likes>10 portée≥5k", "x AND likes>10 AND reach>=5000"),
        ("NOT NOT Orange", "Orange"),
        ("Orange -(jus OR fruit)", "Orange -jus -fruit"),
        ("Orange OR Free -jus", "(Orange OR Free) -jus"),
        ("-jus Orange OR Free AND box", "(Orange OR (Free AND box)) -jus"),
        ("(Orange -jus) OR Free", "(Orange -jus) OR Free"),
        ("AT&T OR C++ OR C# OR @orange OR orange.fr/pro OR E.Leclerc", None),
    ],
)
def test_a_query_is_read_as_it_is_meant(written: str, meant: str | None) -> None:
    assert str(parse(written).tree) == (meant or written)
    assert parse(str(parse(written).tree)).tree == parse(written).tree


@pytest.mark.parametrize(
    ("written", "code", "place", "mend"),
    [
        ("Danone, Les 2 Vaches", "comma", (6, 7), 'Danone OR "Les 2 Vaches"'),
        ("Orange AND", "lonely", (7, 10), "Orange"),
        ("Orange OR )", "lonely", (7, 9), ""),
        ("(Orange OR fibre", "parenthesis", (0, 1), "(Orange OR fibre)"),
        ("Orange) OR fibre", "parenthesis", (6, 7), "Orange OR fibre"),
        ("OR Orange", "operator", (0, 2), "Orange"),
        ("Orange AND OR fibre", "operator", (11, 13), "Orange OR fibre"),
        ('"Orange', "quote", (0, 1), '"Orange"'),
        ("Orange OR «fibre", "quote", (10, 11), "Orange OR «fibre»"),
        ("from:velinor", "field", (0, 12), "author:velinor"),
        ("Orange lang:", "value", (7, 12), ""),
        ("/v[ée]linor/", "regex", (0, 12), ""),
        ("Orange UND Panne", "foreign", (7, 10), "Orange AND Panne"),
        ("Orange W/5 panne", "foreign", (7, 10), "Orange NEAR/5 panne"),
        ("Orange NEAR panne", "foreign", (7, 11), "Orange NEAR/5 panne"),
        ("!Orange", "foreign", (0, 7), "NOT Orange"),
        ("Or*ge", "star", (0, 5), ""),
        ("Orange - jus", "apart", (7, 8), "Orange -jus"),
        ("Orange AND ()", "empty_parentheses", (11, 13), ""),
        ("a NEAR/3 (b AND c)", "near_sides", (9, 18), ""),
        ("a NEAR/2 b NEAR/3 c", "near_chain", (11, 17), "(a NEAR/2 b) AND (b NEAR/3 c)"),
        ("(" * 40 + "a" + ")" * 40, "too_deep", (30, 31), ""),
    ],
)
def test_a_query_that_cannot_be_read_says_where_and_how_to_mend_it(
    written: str, code: str, place: tuple[int, int], mend: str
) -> None:
    with pytest.raises(BadQuery) as caught:
        parse(written)
    doubt = caught.value.doubt
    assert (doubt.code, (doubt.start, doubt.end), doubt.mend) == (code, place, mend)
    assert f"{doubt.start + 1}" in doubt.sentence()
    assert doubt.sentence("fr") != doubt.sentence()
    if mend:
        parse(mend)


def test_what_is_kept_of_either_form_is_read_back() -> None:
    for query in (parse("Orange AND fibre"), parse("any of: Orange; none of: jus"), parse("")):
        assert parse(query.model_dump()) == query
    assert parse("any of: a").model_dump() == {"any_of": ("a",), "all_of": (), "none_of": ()}


def test_the_words_that_are_asked_for_are_those_that_are_not_left_out() -> None:
    assert parse('Orange AND (réseau* OR fibre) -"rue Orange" NOT jus').asked == ("Orange", "réseau", "fibre")


@pytest.mark.parametrize("quotes", ["“”", "«»", '""', "„“", "‘’", "''", "”“"])
def test_phrases_stand_in_any_quotes(quotes: str) -> None:
    first, last = quotes[0], quotes[1]
    assert parse(f"any of: {first}les 2{last}, Vélinor").any_of == ("les 2", "Vélinor")
    assert str(parse(f"{first}les 2{last} OR Vélinor").tree) == '"les 2" OR Vélinor'
