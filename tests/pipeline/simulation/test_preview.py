"""What a preview shows is what the live chain did, and what it would have done under another policy."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select

from app.channels.facts import Facts
from app.db import Sessions
from app.errors import BadInput, NotFound, TooLarge
from app.models import (
    Base,
    Coverage,
    Incident,
    Post,
    Reason,
    Transition,
)
from app.pipeline.scoring.series import series
from app.pipeline.simulation.compare import Alarm, Preview
from app.pipeline.simulation.preview import Learning, preview
from tests.pipeline.brand import START
from tests.pipeline.conftest import FIRE_AT, HOUR
from tests.pipeline.simulation.conftest import END, FLICKER_AT, SINCE, SPARK_AT, shown

pytestmark = pytest.mark.story


def strongest(sessions: Sessions, at: datetime) -> float:
    """The highest score of the hours after an instant, as it looks now."""
    with sessions() as session:
        points = series(session, 1, since=at, until=at + 3 * HOUR, now=END)
    return max(point.score for point in points if point.score is not None)


def burnt(alarms: tuple[Alarm, ...]) -> list[bool]:
    """Of the fire, the spark and the flicker, which ones rang."""
    return [any(at <= a.alerted_at < at + 3 * HOUR for a in alarms) for at in (FIRE_AT, SPARK_AT, FLICKER_AT)]


@pytest.mark.story(always=True)
def test_under_the_same_policy_a_preview_rings_as_the_live_chain_rang(past: Sessions, same: Preview) -> None:
    with past() as session:
        query = select(Incident, Transition).join(Transition).where(Transition.reason == Reason.ignited)
        rang = session.execute(query.order_by(Transition.id)).all()
    told = same.today.alarms
    assert same.proposed == same.today
    assert [
        (a.onset_at, a.alerted_at, a.over_at, a.level, a.peak, a.peak_at, a.incident_id) for a in told
    ] == [(i.onset_at, i.burning_at, i.out_at, i.level, i.peak, i.peak_at, i.id) for i, _ in rang]
    for alarm, (_, transition) in zip(told, rang, strict=True):
        live = Facts.model_validate(transition.facts)
        assert alarm.facts.score == pytest.approx(live.score, abs=1e-9)
        assert alarm.facts.expected == pytest.approx(live.expected, abs=1e-9)
        assert exact(alarm.facts) == exact(live)


def exact(facts: Facts) -> dict[str, Any]:
    """The facts but for the last digits of what was computed."""

    def rounded(value: Any) -> Any:  # noqa: ANN401 - any JSON
        if isinstance(value, dict):
            return {k: rounded(v) for k, v in value.items()}
        if isinstance(value, list | tuple):
            return [rounded(v) for v in value]
        return round(value, 8) if isinstance(value, float) else value

    return dict(rounded(facts.model_dump()))


def test_a_stricter_policy_loses_the_weak_alarm_and_a_looser_one_gains_another(past: Sessions) -> None:
    high, middle, low = (strongest(past, at) for at in (FIRE_AT, SPARK_AT, FLICKER_AT))
    strict = shown(past, {"threshold": (high + middle) / 2})
    assert burnt(strict.today.alarms) == [True, True, False]
    assert burnt(strict.proposed.alarms) == [True, False, False]
    assert [change.what for change in strict.changes] == ["kept", "lost"]
    assert strict.changes[0].minutes_earlier is not None
    assert strict.changes[0].minutes_earlier < 0
    assert [(t.verdict, t.incidents, t.today, t.proposed) for t in strict.verdicts] == [
        ("fire", 1, 1, 1),
        ("false_alarm", 1, 1, 0),
    ]
    loose = shown(past, {"threshold": low - 0.1})
    assert burnt(loose.proposed.alarms) == [True, True, True]
    assert [change.what for change in loose.changes] == ["kept", "kept", "gained"]
    assert loose.changes[0].minutes_earlier is not None
    assert loose.changes[0].minutes_earlier >= 0, "what is said may ring as soon under both"


@pytest.mark.whole
def test_a_higher_floor_leaves_small_fires_out(past: Sessions) -> None:
    assert burnt(shown(past, {"floor": 100}).proposed.alarms) == [True, False, False]


def test_the_price_of_a_quieter_budget_is_delay_and_asking_for_it_changes_nothing(past: Sessions) -> None:
    def all_rows() -> dict[str, list[Any]]:
        with past() as session:
            return {t.name: list(session.execute(select(t))) for t in Base.metadata.sorted_tables}

    before, parts = all_rows(), list[float]()
    strict, same, loose = shown(past, budgets=(0.1, 1.0, 20.0), progress=parts.append).prices
    assert strict.threshold > same.threshold > loose.threshold
    assert strict.alarms <= same.alarms <= loose.alarms
    assert (same.gained, same.lost, same.minutes_earlier) == (0, 0, 0.0)
    assert strict.minutes_earlier is not None
    assert loose.minutes_earlier is not None
    assert strict.minutes_earlier < 0 < loose.minutes_earlier
    assert all_rows() == before
    assert parts == sorted(parts)
    assert parts[-1] == 1.0


def test_what_was_not_heard_is_no_part_of_a_preview_but_what_was_seen_of_it_rings(
    past: Sessions, same: Preview
) -> None:
    hole = timedelta(hours=2)
    assert timedelta(days=same.days) == pytest.approx(END - SINCE - hole, abs=timedelta(minutes=1))
    with past.begin() as session:
        session.execute(delete(Coverage).where(Coverage.at >= FIRE_AT, Coverage.at < SPARK_AT - HOUR))
    deaf = shown(past)
    assert burnt(deaf.today.alarms)[0]
    assert deaf.days < 0.5
    with past.begin() as session:
        session.execute(delete(Post).where(Post.bucket_at >= FIRE_AT, Post.bucket_at < SPARK_AT - HOUR))
    assert burnt(shown(past).today.alarms)[:2] == [False, True]


def test_a_post_that_came_late_is_not_known_before_it_came(past: Sessions) -> None:
    late = 3 * HOUR
    with past.begin() as session:
        for spark in session.scalars(select(Post).where(Post.external_id.startswith("spark"))):
            spark.first_seen_at = spark.published_at + late
    told = [a for a in shown(past, {"threshold": 1.5}).proposed.alarms if a.onset_at >= SPARK_AT - HOUR]
    assert told
    assert told[0].alerted_at >= SPARK_AT + late - timedelta(minutes=5)


def test_what_came_after_an_alert_changes_nothing_of_it(past: Sessions, same: Preview) -> None:
    whole = same.today.alarms[0]
    early = shown(past, until=whole.alerted_at).today.alarms[0]
    assert (early.alerted_at, early.over_at) == (whole.alerted_at, None)
    assert early.facts == whole.facts


def test_a_fire_that_burns_when_the_preview_begins_goes_on_and_is_no_new_alarm(past: Sessions) -> None:
    told = shown(past, since=FIRE_AT + 2 * HOUR)
    assert burnt(told.today.alarms) == [False, True, False]
    assert [t.incidents for t in told.verdicts] == [1]  # the fire, too, was before


def test_the_sample_posts_are_those_of_the_live_database(past: Sessions, same: Preview) -> None:
    samples = same.today.alarms[0].facts.samples
    with past() as session:
        for sample in samples:
            assert session.get_one(Post, sample.post_id).text == sample.text
    assert samples[0].why == "first"


def test_a_watch_that_learns_says_so(past: Sessions) -> None:
    with pytest.raises(Learning, match="“Vélinor” was still learning"):
        shown(past, since=START, until=START + timedelta(days=2))
    assert shown(past, since=START, until=START + timedelta(days=4)).days == pytest.approx(1, abs=0.1)


def test_what_cannot_be_previewed_is_said_in_a_sentence(
    past: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(NotFound, match="there is no watch 7"):
        preview(past, 7, {}, now=END)
    with pytest.raises(BadInput, match="since must be earlier than until"):
        shown(past, until=SINCE)
    with pytest.raises(BadInput, match="at most 90 days"):
        shown(past, since=END - timedelta(days=91))
    monkeypatch.setattr("app.pipeline.simulation.history.MOST_MENTIONS", 100)
    with pytest.raises(TooLarge, match="choose fewer days"):
        shown(past)
