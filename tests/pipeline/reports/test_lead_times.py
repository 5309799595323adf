"""How early and how rightly a team's watches ring, by month, each figure with how many it is known of."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select

from app.db import Sessions
from app.models import Bucket, Incident, Reason, State, Transition, Watch
from app.pipeline.reports.lead_times import Lead, figures_by_month
from app.pipeline.reports.period_report import periods_of
from app.pipeline.reports.precision import Count
from tests.pipeline.reports.burnt import a_fire
from tests.pipeline.reports.test_precision import DAY, NOW, a_watch, alarm

MINUTE = timedelta(minutes=1)
NIGHT = datetime.fromisoformat("2026-11-29T23:30:00+00:00")  # in Paris it is Monday


def _press(incident: Incident, after: timedelta) -> Transition:
    assert incident.burning_at is not None
    return Transition(
        incident_id=incident.id, reason=Reason.press, state=State.burning, at=incident.burning_at + after,
        level=1, facts={}, standing={},
    )  # fmt: skip


def test_each_month_has_its_alerts_their_verdicts_and_the_medians_of_what_is_known(
    sessions: Sessions,
) -> None:
    watch_id = a_watch(sessions, time_zone="Europe/Paris")
    late = datetime.fromisoformat("2026-10-31T23:10:00+00:00")  # in Paris it is November
    with sessions.begin() as session:
        rows = [
            alarm(watch_id, late - timedelta(hours=1), "fire"),
            alarm(watch_id, NOW - DAY, None),
            alarm(watch_id, NOW - 2 * DAY, "false_alarm"),
            alarm(watch_id, NOW - 3 * DAY, "fire", quiet=True),
            alarm(watch_id, NOW - 400 * DAY, "fire"),
        ]
        session.add_all(rows)
        session.flush()
        assert rows[1].burning_at is not None
        rows[1].acknowledged_at = rows[1].burning_at + 6 * MINUTE
        session.add_all([_press(rows[0], 90 * MINUTE), _press(rows[1], 30 * MINUTE), _press(rows[0], DAY)])
        session.add(_press(rows[2], -5 * MINUTE))  # the press was first
    with sessions() as session:
        months, whole = figures_by_month(session, months=12, zone="Europe/Paris", now=NOW)
        of_one = figures_by_month(session, months=12, zone="Europe/Paris", now=NOW, watch_id=watch_id)
        of_none = figures_by_month(session, months=12, zone="Europe/Paris", now=NOW, watch_id=watch_id + 1)
        before = figures_by_month(session, months=12, zone="Europe/Paris", now=NOW - 2 * DAY)
    assert (len(months), months[-1].month, months[0].month) == (12, "2026-11", "2025-12")
    assert months[-1].count + months[-2].count == whole.count == Count(3, 1, 1)
    assert whole.to_alert == Lead(40.0, 3)
    assert whole.to_taken == Lead(6.0, 1)
    assert whole.to_press == Lead(60.0, 2), "the first time that the press picked it up, and after the alert"
    assert of_one == (months, whole)
    assert of_none[1].count == Count()
    assert of_none[1].to_alert == Lead(None, 0)
    assert before[1].count.alarms == 1, "what came later is not known yet"


def test_an_alert_counts_in_its_month_by_the_readers_clock(sessions: Sessions) -> None:
    watch_id = a_watch(sessions)
    at = datetime.fromisoformat("2026-10-31T22:50:00+00:00")  # the alert comes 40 minutes later
    with sessions.begin() as session:
        session.add(alarm(watch_id, at, None))
    with sessions() as session:
        for zone, month in (("Europe/Paris", "2026-11"), ("UTC", "2026-10")):
            months, _ = figures_by_month(session, months=3, zone=zone, now=NOW)
            assert [one.month for one in months if one.count.alarms] == [month]


def test_the_periods_to_choose_from_reach_back_to_its_first_mention(sessions: Sessions) -> None:
    a_fire(sessions)  # of 22 November, a Sunday
    with sessions() as session:
        watch = session.scalars(select(Watch)).one()
        found = periods_of(session, watch, weeks=8, months=8, now=NIGHT)
        assert found == ["2026-W49", "2026-W48", "2026-W47", "2026-11"]
        assert periods_of(session, watch, weeks=2, months=0, now=NIGHT) == ["2026-W49", "2026-W48"]
        session.execute(delete(Bucket))
        assert periods_of(session, watch, weeks=8, months=8, now=NIGHT) == ["2026-W49", "2026-11"]
