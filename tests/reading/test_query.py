"""The query language, as people write it."""

import pytest

from app.errors import BadInput
from app.reading.query import MOST_TERMS, Query, parse


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
        ("Danone", "begins with"),
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
