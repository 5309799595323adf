"""What an alert says of a fire, from what was known at that instant."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from app.channels.facts import Facts
from app.models import Transition
from app.pipeline.incidents.advice import RULES, AdviceInput, AdviceLimits, advise
from app.pipeline.scoring.series import series
from tests.pipeline.brand import fire
from tests.pipeline.conftest import FIRE_AT, HOUR, Opened
from tests.pipeline.street import Street


@pytest.fixture
def database(sqlite: str) -> str:
    return sqlite


@pytest.fixture
def told(street: Opened) -> tuple[Street, Transition]:
    life = street(fire(FIRE_AT))
    while "ignited" not in life.reasons():
        life.live(life.clock.at + timedelta(minutes=5))
    return life, next(t for t in life.transitions() if t.reason == "ignited")


def test_the_alert_says_how_much_how_usual_since_when_who_and_what(told: tuple[Street, Transition]) -> None:
    _, alert = told
    facts = Facts.model_validate(alert.facts)
    assert facts.low <= facts.expected <= facts.high < facts.observed
    assert FIRE_AT - HOUR <= facts.onset_at <= alert.at
    assert facts.second_key, "what is said rings before the volume does"
    assert facts.score < facts.threshold
    assert 0 < facts.authors <= facts.mentions
    assert facts.sources[0].name == "forum"
    said = {word for words in facts.new_words for word in words.split()}
    assert {"medecin", "garde", "remboursez", "mangez", "crèche", "intoxication", "vomit"} & said
    assert facts.negative is not None
    assert facts.usual_negative_share is not None
    assert facts.negative / facts.mentions > facts.usual_negative_share + 0.2
    assert "more_negative" in {because.term for because in facts.kind_because}
    assert facts.topics
    assert facts.voices is not None
    assert facts.voices.accounts == facts.authors
    assert facts.voices.new == 0  # all of them spoke of the brand in the week before
    assert 3 <= len(facts.samples) <= 5
    assert facts.samples[0].why == "first"
    assert {sample.spoken for sample in facts.samples} <= {"fr", ""}
    assert {"harm", "negative"} & {sample.says for sample in facts.samples}
    assert len({s.author for s in facts.samples}) == len(facts.samples)
    assert 0 < len(facts.points) <= 20
    assert facts.points[-1].observed is not None
    assert facts.deaf == ()


def test_over_the_threshold_it_says_what_would_have_kept_it_quiet(told: tuple[Street, Transition]) -> None:
    life, alert = told
    life.live(alert.at + 2 * HOUR)
    later = (Facts.model_validate(t.facts) for t in life.transitions() if t.at > alert.at)
    facts = next(facts for facts in later if facts.score >= facts.threshold)
    assert facts.expected < facts.quiet_below < facts.observed


def test_voices_that_were_not_heard_before_are_new(street: Opened) -> None:
    strangers = [replace(item, author=f"{item.author}x", followers=k) for k, item in enumerate(fire(FIRE_AT))]
    life = street(strangers)
    while "ignited" not in life.reasons():
        life.live(life.clock.at + timedelta(minutes=5))
    voices = Facts.model_validate(next(t for t in life.transitions() if t.reason == "ignited").facts).voices
    assert voices is not None
    assert 0 < voices.new < voices.accounts
    assert not voices.leading[0].known
    assert voices.leading[0].followers >= voices.leading[-1].followers > 0


def test_what_people_look_at_stays_where_it_is_while_the_fire_grows(told: tuple[Street, Transition]) -> None:
    life, alert = told
    life.live(life.clock.at + 3 * HOUR)
    shown = [sample.post_id for sample in Facts.model_validate(alert.facts).samples]
    later = [
        t for t in life.transitions() if t.reason in {"grew", "spread", "turned", "went_on", "contained"}
    ]
    assert {"went_on", "grew"} & {t.reason for t in later}
    for transition in later:
        facts = Facts.model_validate(transition.facts)
        assert [sample.post_id for sample in facts.samples][: len(shown)] == shown


def test_nothing_that_came_later_is_in_it(told: tuple[Street, Transition]) -> None:
    _, alert = told
    facts = Facts.model_validate(alert.facts)
    assert all(sample.published_at < alert.at for sample in facts.samples)
    assert all(point.at < alert.at for point in facts.points)


def test_the_series_that_people_look_at_is_the_one_that_rang(told: tuple[Street, Transition]) -> None:
    life, alert = told
    with life.sessions() as session:
        points = series(session, 1, since=alert.at - 2 * HOUR, until=alert.at, now=life.clock.at)
    assert len(points) == 24
    assert points[-1].score == pytest.approx(alert.score)
    assert 0 < sum(p.negative for p in points) <= sum(p.observed or 0 for p in points)
    hour = [p.observed for p in points[-12:] if p.observed is not None]
    assert sum(hour) == alert.observed


def test_what_was_not_observed_is_shown_as_missing(told: tuple[Street, Transition]) -> None:
    life, _ = told
    life.live(life.clock.at + HOUR, heard=False)
    with life.sessions() as session:
        points = series(session, 1, since=life.clock.at - HOUR, until=life.clock.at, now=life.clock.at)
    assert [p.observed for p in points] == [None] * 12
    assert {p.coverage for p in points} == {0.0}
    assert np.isfinite([p.expected or 0.0 for p in points]).all()


@pytest.mark.parametrize(
    ("seen", "advice", "because"),
    [
        pytest.param(
            {"authors": 3, "loudest": 30}, "wait", {"few_authors"}, id="a few loud people are no crisis"
        ),
        pytest.param({"amplified": 30, "authors": 20}, "wait", {"amplified"}, id="copies are no crowd"),
        pytest.param(
            {"observed": 20.0, "before": 60.0, "authors": 20}, "wait", {"slowing"}, id="what slows may die"
        ),
        pytest.param(
            {"authors": 60, "sources": (30, 20), "observed": 90.0, "before": 40.0},
            "convene",
            {"many_authors", "several_sources", "growing", "large"},
            id="many people, several sources, growing",
        ),
        pytest.param({"authors": 40}, "prepare", {"many_authors"}, id="anything else is for preparing"),
        pytest.param(
            {"negative": True, "press": 2, "audience": 90_000, "before": 20.0},
            "prepare",
            {"negative", "press", "wide", "growing"},
            id="few are no case for the whole team, whatever they say",
        ),
        pytest.param(
            {"authors": 40, "negative": True, "press": 2},
            "convene",
            {"many_authors", "negative", "press"},
            id="many, angry, and in the press",
        ),
        pytest.param({"press": 1, "audience": 49_000}, "prepare", set(), id="one article is not the press"),
        pytest.param(
            {"calmed": 2, "negative": True}, "wait", {"alike_calm"}, id="two that looked like it died down"
        ),
        pytest.param({"calmed": 1}, "prepare", set(), id="one that looked like it says nothing"),
        pytest.param({"calmed": 2, "grew": 2}, "prepare", set(), id="as many grew as died down"),
        pytest.param({"grew": 3, "calmed": 1}, "prepare", {"alike_grew"}, id="most of them grew"),
        pytest.param(
            {"authors": 40, "thresholds": AdviceLimits(many_authors=200)},
            "prepare",
            set(),
            id="forty are few of a large brand",
        ),
        pytest.param(
            {"authors": 8, "thresholds": AdviceLimits(few_authors=10)},
            "wait",
            {"few_authors"},
            id="a policy says what is few",
        ),
    ],
)
def test_the_advice_is_in_proportion(seen: dict[str, object], advice: str, because: set[str]) -> None:
    usual: dict[str, object] = {
        "mentions": 50, "authors": 20, "loudest": 3, "amplified": 2, "sources": (50,), "observed": 40.0,
        "before": 40.0, "high": 20.0,
    }  # fmt: skip
    given, why = advise(AdviceInput(**(usual | seen)))  # type: ignore[arg-type]
    assert (given, set(why)) == (advice, because)


def test_the_rules_are_in_one_table_that_a_reader_can_check() -> None:
    table = (Path(__file__).parents[3] / "docs" / "advice.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (wait|hurry) \|", table, re.MULTILINE)
    assert rows == [(rule.name, rule.tips) for rule in RULES]
    for name in AdviceLimits.model_fields:
        assert f"`{name}`" in table


@pytest.mark.parametrize(
    ("before", "observed", "trend"),
    [
        (8, 4, "steady"),
        (4, 8, "steady"),
        (80, 40, "slowing"),
        (40, 80, "growing"),
        (0, 6, "growing"),
        (1, 2, "steady"),
    ],
)
def test_of_a_few_mentions_no_trend_is_read(before: float, observed: float, trend: str) -> None:
    advice_input = AdviceInput(20, 10, 2, 0, (20,), observed, before, 5.0)
    assert advice_input.trend == trend
    assert (advice_input.doubling_minutes is not None) is (trend == "growing" and before > 0)
