"""From evidence to a kind: each rule seen alone."""

from dataclasses import replace

import pytest

from app.reading.kind import Evidence, kind_of

ANGER = Evidence(read=40, harm=30, launch=0, positive=2, negative=25, risen=True)
JOY = Evidence(read=40, harm=1, launch=30, positive=12, negative=1)
MIXED = Evidence(read=40, harm=8, launch=14, positive=3, negative=6)


def terms(evidence: Evidence) -> dict[str, float]:
    return dict(kind_of(evidence).terms)


def changed(evidence: Evidence, **changes: object) -> Evidence:
    return replace(evidence, **changes)  # type: ignore[arg-type]


def test_anger_is_a_fire_and_says_so() -> None:
    judged = kind_of(ANGER)
    assert (judged.kind, judged.score > 0) == ("fire", True)
    assert {"harm", "more_negative", "unexplained"} <= {term for term, weight in judged.terms if weight > 0}


def test_a_launch_that_people_like_is_buzz() -> None:
    judged = kind_of(JOY)
    assert (judged.kind, judged.score < 0) == ("buzz", True)
    assert {"launch", "no_harm", "praise"} <= {term for term, weight in judged.terms if weight < 0}


def test_what_nobody_can_read_is_a_fire() -> None:
    assert kind_of(Evidence(read=0, harm=0, launch=0, positive=0, negative=0)).kind == "fire"


def test_a_launch_that_goes_wrong_is_a_fire() -> None:
    assert kind_of(Evidence(read=40, harm=20, launch=16, positive=2, negative=15, risen=True)).kind == "fire"


def test_a_mixed_stir_is_the_event_that_was_planned_or_buzz_if_none_was() -> None:
    assert kind_of(changed(MIXED, planned=True)).kind == "planned"
    assert kind_of(changed(JOY, planned=True)).kind == "planned"
    assert kind_of(changed(ANGER, planned=True)).kind == "fire"


def test_a_crowd_on_several_sources_that_speaks_of_one_thing_tips_what_is_in_the_balance() -> None:
    balance = changed(MIXED, harm=5, launch=12, negative=4, positive=4)
    corner = changed(balance, signed=30, accounts=4)
    crowd = changed(balance, agree=3, signed=30, accounts=28, common=0.6)
    assert kind_of(corner).score < kind_of(balance).score < kind_of(crowd).score
    assert terms(crowd)["sources_agree"] > 0 < terms(crowd)["one_topic"]
    assert terms(corner)["few_voices"] < 0
    assert kind_of(changed(JOY, agree=4, common=0.9)).kind == "buzz"
    assert kind_of(changed(ANGER, signed=30, accounts=4)).kind == "fire"


def test_copies_are_amplified_unless_what_is_left_without_them_is_an_excess_too() -> None:
    assert kind_of(changed(ANGER, amplified=0.9, rings_alone=False)).kind == "amplified"
    assert kind_of(changed(ANGER, amplified=0.9, rings_alone=True)).kind == "fire"
    assert kind_of(changed(ANGER, amplified=0.4, rings_alone=False)).kind == "fire"


def test_what_one_account_wrote_is_amplified_whatever_it_says() -> None:
    judged = kind_of(changed(ANGER, loudest=0.8, mentions=40))
    assert (judged.kind, dict(judged.terms)) == ("amplified", {"one_account": -1.0})


@pytest.mark.parametrize(("others", "up", "kind"), [(5, 4, "artefact"), (5, 2, "fire"), (2, 2, "fire")])
def test_where_most_watches_of_a_source_are_up_it_is_the_source(others: int, up: int, kind: str) -> None:
    assert kind_of(changed(ANGER, others=others, others_up=up)).kind == kind


@pytest.mark.parametrize("n", [1, 2, 3, 5, 10, 100])
def test_few_posts_tip_it_less_than_many_do(n: int) -> None:
    few = terms(Evidence(read=n, harm=n, launch=0, positive=0, negative=n))["harm"]
    more = terms(Evidence(read=2 * n, harm=2 * n, launch=0, positive=0, negative=2 * n))["harm"]
    assert 0 < few < more
