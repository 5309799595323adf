"""The report of a fire: all that its rows say, as it was known at an instant, and nothing forgotten."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.channels.report.formats import drawn
from app.db import Sessions
from app.errors import NotFound
from app.models import Incident, State, Transition, VerdictWord, Watch
from app.pipeline.reports.period_report import period_report
from app.pipeline.reports.story_report import story_report
from tests.pipeline.reports.burnt import ALERT, NOW, ONSET, OUT, STAMPS, TAKEN, a_fire

MINUTE = timedelta(minutes=1)


def test_it_tells_what_happened_in_order_and_each_thing_once(sessions: Sessions) -> None:
    fire = a_fire(sessions)
    with sessions() as session:
        report = story_report(session, fire, now=NOW)
    assert [(event.kind, event.by) for event in report.timeline] == [
        ("onset", ""), ("smouldered", ""), ("first_post", ""), ("alert", ""), ("called", ""), ("told", ""),
        ("deaf", ""), ("unanswered", ""), ("acknowledged", "Léa"), ("silence", "Léa"), ("press", ""),
        ("out", ""), ("judged", "Léa"),
    ]  # fmt: skip
    assert (report.first_post_at, report.alert_at, report.acknowledged_at, report.out_at) == (
        ONSET + 2 * MINUTE, ALERT, TAKEN, OUT,
    )  # fmt: skip
    assert (report.verdict, report.verdict_by, report.verdict_note) == (
        VerdictWord.fire, "Léa", "a jar with glass",
    )  # fmt: skip
    assert [(one.name, one.calls) for one in report.called] == [("Léa", 2), ("Max", 1)]
    assert (report.mentions, report.negative, report.authors, report.set_aside) == (40, 10, 7, 1)


def test_it_says_what_was_missed_and_who_carried_it(sessions: Sessions) -> None:
    fire = a_fire(sessions)
    with sessions() as session:
        report = story_report(session, fire, now=NOW)
    assert [(one.name, one.heard, one.late) for one in report.sources] == [
        ("Mastodon", 1.0, 1), ("Forum", 0.25, 0),
    ]  # fmt: skip
    assert [(one.channel, one.why) for one in report.unreached] == [("mail", "refused for good")]
    assert [(one.name, one.mentions) for one in report.hosts] == [
        ("social0.example", 20), ("social1.example", 20),
    ]  # fmt: skip
    widest = report.voices[0]
    assert (widest.name, widest.followers, widest.relays) == ("@ana6", 6000, False)
    assert [one.name for one in report.voices if one.relays] == ["@ana3"]


def test_it_tells_of_nothing_that_came_later_than_its_instant(sessions: Sessions) -> None:
    fire = a_fire(sessions)
    with sessions() as session:
        early = story_report(session, fire, now=ALERT + 5 * MINUTE)
        assert max(event.at for event in early.timeline if event.kind != "silence") <= ALERT + 5 * MINUTE
        assert (early.state, early.acknowledged_at, early.out_at, early.verdict) == (
            State.burning, None, None, None,
        )  # fmt: skip
        assert early.mentions < 10
        with pytest.raises(NotFound):
            story_report(session, fire, now=ONSET - MINUTE)


def test_posts_that_are_forgotten_are_counted_and_not_told(sessions: Sessions) -> None:
    fire = a_fire(sessions)
    with sessions.begin() as session:
        for transition in session.scalars(select(Transition)):
            samples = [dict(one) for one in transition.facts["samples"]]
            samples[0] |= {"author": None, "text": "", "url": None, "forgotten": "author"}
            transition.facts = transition.facts | {"samples": samples}
    with sessions() as session:
        report = story_report(session, fire, now=NOW)
    assert (len(report.samples), report.forgotten) == (1, 1)
    assert "1 message montré alors a été oublié depuis" in drawn(report, "fr", "md").decode()


def test_incidents_of_one_story_are_one_report_and_other_watches_in_it_are_named(
    sessions: Sessions,
) -> None:
    fire = a_fire(sessions)
    with sessions.begin() as session:
        first = session.get_one(Incident, fire)
        other = Watch(name="Rival", query={}, languages=[], policy_id=1, **STAMPS)
        session.add(other)
        session.flush()
        for watch_id, onset in ((first.watch_id, OUT + 60 * MINUTE), (other.id, ONSET)):
            again = Incident(
                watch_id=watch_id, story_id=fire, state=State.burning, onset_at=onset, opened_at=onset,
                peak_at=onset, peak=90.0, threshold=9.0,
            )  # fmt: skip
            session.add(again)
            session.flush()
            last = session.scalars(select(Transition).order_by(Transition.id.desc()).limit(1)).one()
            session.add(Transition(
                incident_id=again.id, at=onset, reason="ignited", state=State.burning, level=0, by="tocsin",
                facts=last.facts, standing={"peak": 90.0},
            ))  # fmt: skip
    with sessions() as session:
        report = story_report(session, fire, now=NOW)
        assert (report.onset_at, report.out_at, report.peak) == (ONSET, None, 90.0)
        assert [one.watch for one in report.companions] == ["Rival"]


@pytest.mark.story
def test_a_week_tells_its_mentions_alerts_and_how_well_it_was_listened_to(sessions: Sessions) -> None:
    fire = a_fire(sessions)
    with sessions() as session:
        watch_id = session.get_one(Incident, fire).watch_id
        week = period_report(session, watch_id, "2026-W47", now=NOW)
        assert (week.mentions, week.negative, week.precision.fires, week.unanswered) == (40, 10, 1, 0)
        assert [(one.incident_id, one.acknowledged_by) for one in week.incidents] == [(fire, "Léa")]
        assert (week.alert_minutes, week.acknowledge_minutes) == (25.0, 8.0)
        assert len(week.curve.points) == 7
        assert period_report(session, watch_id, "month", now=NOW + timedelta(days=20)).period == "2026-11"
        empty = period_report(session, watch_id, "2026-W46", now=NOW)
        assert (empty.mentions, empty.incidents, empty.alert_minutes) == (0, (), None)
        assert "Aucune." in drawn(empty, "fr", "md").decode()
