"""From evidence to a kind: each rule seen alone, and what each adds to the last hundredth."""

from dataclasses import replace

import pytest

from app.kinds import IncidentKind, KindTerm
from app.reading.kind import Evidence, Judgement, kind_of

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
    assert {"harm", "more_negative"} <= {term for term, weight in judged.terms if weight > 0}


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
    assert kind_of(changed(ANGER, loudest=0.8, mentions=40, others_ring=True)).kind == "fire"


USUAL = Evidence(read=40, harm=8, launch=0, positive=8, negative=8, swings=True, usual_harm=0.2)


@pytest.mark.parametrize(
    "speaks",
    [{"risen": True}, {"common": 0.4}, {"harm": 20}, {"harm": 14, "usual_harm": 0.1}],
    ids=["tone", "one thing", "harm", "more harm than usual"],
)
def test_a_source_that_swings_hides_no_fire_that_something_speaks_for(speaks: dict[str, object]) -> None:
    up = changed(USUAL, others=5, others_up=5)
    assert kind_of(up).kind == "artefact"
    assert kind_of(changed(up, **speaks)).kind != "artefact"
    assert kind_of(changed(up, harm=24, usual_harm=0.6)).kind == "artefact", "as bad as always"
    assert kind_of(changed(up, harm=14, usual_harm=0.15)).kind == "artefact", "chance"
    assert kind_of(changed(up, common=0.5, usual_common=0.3)).kind == "artefact", (
        "of what is always spoken of"
    )


@pytest.mark.parametrize("n", [1, 2, 3, 5, 10, 100])
def test_few_posts_tip_it_less_than_many_do(n: int) -> None:
    few = terms(Evidence(read=n, harm=n, launch=0, positive=0, negative=n))["harm"]
    more = terms(Evidence(read=2 * n, harm=2 * n, launch=0, positive=0, negative=2 * n))["harm"]
    assert 0 < few < more


# 36 posts were read: with the four that count as usual ones, shares are of forty.
SILENT = Evidence(read=36, harm=0, launch=0, positive=0, negative=0)
NO_HARM = -1.08  # a share of harm of 0.02, where 0.2 is usual: 0.18 less, six times
ALONE = {"volume_alone": -0.5, "no_harm": NO_HARM}
Case = tuple[dict[str, object], dict[str, float | None], str]
BESIDE: tuple[
    Case, ...
] = (  # what is known; what it adds to an excess of which nobody tells of harm; the rule
    ({"harm": 32}, {"no_harm": None, "harm": 2.48}, "four times the share of harm above the usual fifth"),
    ({"harm": 9}, {"no_harm": None, "harm": 0.18}, "a little more harm than usual is a little"),
    ({"read": 35, "harm": 7}, {"no_harm": None}, "harm in a fifth of the posts is as usual"),
    ({"launch": 20}, {"launch": -1.23}, "three times the share of launch above the usual tenth"),
    ({"launch": 3}, {}, "a launch in less than a tenth is as usual"),
    ({"launch": 20, "usual_launch": 0.5}, {"launch": -0.15}, "of a brand that launches every day, less"),
    ({"feast": 21}, {"feast": -1.44}, "a feast in half of the posts, of which a twentieth is usual"),
    ({"feast": 1}, {}, "a feast in less than a twentieth is as usual"),
    ({"feast": 22, "usual_feast": 0.5}, {"feast": -0.3}, "of a brand of matches, less"),
    ({"beyond": 9.0, "feast": 18}, {"feast": -1.21}, "a feast in half explains what is large"),
    ({"positive": 12, "negative": 2}, {"praise": -0.5}, "twice the share that praises, less what blames"),
    ({"positive": 3, "negative": 2}, {"praise": -0.05}, "a twentieth is said"),
    ({"positive": 2, "negative": 2}, {}, "as much praise as blame is none"),
    ({"positive": 2, "negative": 9}, {}, "more blame than praise is no praise, and no blame either"),
    ({"risen": True}, {"more_negative": 0.75}, "a tone that is worse than on usual days"),
    ({"harm": 18, "usual_harm": 0.5}, {"no_harm": None}, "harm in half is as usual where half complains"),
    ({"positive": 18, "usual_praise": 0.5}, {}, "politeness is no praise where it is usual"),
    ({"beyond": 1.5}, {}, "of one threshold and a half, its words are asked"),
    ({"beyond": 2.0}, {"unexplained": 1.0}, "of two thresholds, half of what volume can say"),
    ({"beyond": 9.0}, {"unexplained": 2.0}, "of nine, all of it"),
    ({"beyond": 9.0, "launch": 3}, {"unexplained": 1.52}, "some of it is a launch"),
    ({"beyond": 9.0, "positive": 18}, {"praise": -0.9}, "praise in half explains it"),
    ({"beyond": float("nan")}, {}, "a score that is not known says nothing"),
    ({"agree": 1}, {}, "one source agrees with nobody"),
    ({"agree": 2}, {"sources_agree": 0.25}, "two sources agree"),
    ({"agree": 9}, {"sources_agree": 0.25}, "nine agree no more than two"),
    ({"signed": 5, "accounts": 1}, {}, "five signed posts are too few to tell whose they are"),
    ({"signed": 6, "accounts": 2}, {"few_voices": -0.5}, "two accounts of six posts are few voices"),
    ({"signed": 50, "accounts": 17}, {"few_voices": -0.5}, "17 accounts of 50 posts are few voices"),
    ({"signed": 50, "accounts": 18}, {}, "18 accounts of 50 posts are not"),
    ({"common": 0.3}, {"one_topic": 0.25}, "three of ten speak of one thing"),
    ({"common": 0.29}, {}, "29 of a hundred do not speak of one thing"),
    ({"planned": True}, {"planned": -0.75}, "a planned event that was told"),
    ({"read": 60, "launch": 1}, {"no_harm": -1.12}, "less than a twentieth is not said"),
    ({"read": 40, "launch": 6}, {"no_harm": -1.09, "launch": -0.14}, "all is told to the hundredth"),
)


@pytest.mark.parametrize(("known", "adds", "rule"), [pytest.param(*case, id=case[2]) for case in BESIDE])
def test_each_term_adds_what_its_rule_says(
    known: dict[str, object], adds: dict[str, float | None], rule: str
) -> None:
    judged = kind_of(changed(SILENT, **known))
    expected = {term: value for term, value in (ALONE | adds).items() if value is not None}
    assert dict(judged.terms) == pytest.approx(expected, rel=1e-9), rule
    assert judged.score == pytest.approx(sum(expected.values()), rel=1e-9)
    quiet = "planned" if known.get("planned") else "buzz"
    assert judged.kind == ("fire" if sum(expected.values()) > 0 else quiet)


SOURCE = Judgement(IncidentKind.artefact, 0.0, ((KindTerm.everywhere, -1.0), (KindTerm.swing, -1.0)))
ONE_ACCOUNT = Judgement(IncidentKind.amplified, 0.0, ((KindTerm.one_account, -1.0),))
COPIES = Judgement(IncidentKind.amplified, 0.0, ((KindTerm.copies, -1.0),))
WORTHLESS = (  # what is known of an angry crowd; what it is all the same; None: a fire
    ({"others": 5, "others_up": 5, "swings": True}, None, "no source makes a crowd angry"),
    ({"loudest": 0.6, "mentions": 5}, ONE_ACCOUNT, "three of five mentions are of one account"),
    ({"loudest": 0.59, "mentions": 5}, None, "one account wrote less than six tenths"),
    ({"loudest": 1.0, "mentions": 4}, None, "of four mentions nobody is loud"),
    ({"amplified": 0.6, "rings_alone": False}, COPIES, "six tenths are pushed, and the rest is no excess"),
    ({"amplified": 0.6, "rings_alone": True}, None, "the rest is an excess as well"),
    ({"amplified": 0.59, "rings_alone": False}, None, "less than six tenths are pushed"),
    (
        {"loudest": 1.0, "mentions": 9, "amplified": 1.0, "rings_alone": False},
        ONE_ACCOUNT,
        "one account comes before copies",
    ),
)


@pytest.mark.parametrize(("known", "judged", "rule"), [pytest.param(*case, id=case[2]) for case in WORTHLESS])
def test_what_makes_the_volume_worthless_comes_first(
    known: dict[str, object], judged: Judgement | None, rule: str
) -> None:
    found = kind_of(changed(ANGER, **known))
    assert found == judged if judged else found.kind == "fire", rule


SWINGS = (  # of a source of which everything rose
    ({"others": 3, "others_up": 2}, SOURCE, "two of three other watches are up"),
    ({"others": 2, "others_up": 2}, None, "two other watches are too few to blame the source"),
    ({"others": 5, "others_up": 3}, SOURCE, "three of five are six tenths"),
    ({"others": 7, "others_up": 4}, None, "four of seven are less than six tenths"),
    (
        {"others": 3, "others_up": 3, "loudest": 1.0, "mentions": 9, "amplified": 1.0, "rings_alone": False},
        SOURCE,
        "the source comes before whoever is loud in it",
    ),
)


@pytest.mark.parametrize(("known", "judged", "rule"), [pytest.param(*case, id=case[2]) for case in SWINGS])
def test_a_source_is_blamed_where_most_watches_are_up(
    known: dict[str, object], judged: Judgement | None, rule: str
) -> None:
    found = kind_of(changed(USUAL, **known))
    assert found == judged if judged else found.kind != "artefact", rule


def test_what_speaks_for_a_fire_as_much_as_against_it_is_buzz() -> None:
    judged = kind_of(Evidence(read=12, harm=5, launch=0, positive=0, negative=0, usual_harm=0.25))
    assert (judged.kind, judged.score) == ("buzz", 0.0)
    assert dict(judged.terms) == {"volume_alone": -0.5, "harm": 0.5}


def test_what_is_not_known_speaks_for_nothing() -> None:
    said = Evidence(
        read=36, harm=0, launch=0, positive=0, negative=0, risen=False, planned=False, beyond=1.0,
        amplified=0.0, rings_alone=True, loudest=0.0, mentions=0, agree=1, signed=0, accounts=0, common=0.0,
        others=0, others_up=0, others_ring=False, swings=False,
        usual_harm=0.2, usual_launch=0.1, usual_praise=0.0, usual_common=0.0,
        feast=0, usual_feast=0.05,
    )  # fmt: skip
    assert said == SILENT


def test_what_was_kept_quiet_is_no_fire_by_what_tells_a_crowd_from_a_corner() -> None:
    # A launch, once fewer speak of it.
    night = Evidence(read=40, harm=11, launch=0, positive=0, negative=5, agree=3, common=0.4)
    assert kind_of(night).kind is IncidentKind.fire
    assert kind_of(replace(night, kept_quiet=True)).kind is IncidentKind.buzz
    assert kind_of(replace(night, harm=24, kept_quiet=True)).kind is IncidentKind.fire
    assert kind_of(replace(night, harm=8, beyond=4.0, kept_quiet=True)).kind is IncidentKind.fire
