"""The fires that there is a report of: each story once for its watch, with what its team wrote."""

from datetime import timedelta

from app.admin import reports
from app.admin.report_list import latest_reports
from app.db import Sessions
from app.models import DRILL, Watch
from tests.pipeline.reports.test_precision import DAY, NOW, a_watch, alarm


def test_a_story_that_was_rekindled_is_listed_once_and_what_nobody_was_told_of_never(
    sessions: Sessions,
) -> None:
    watch_id = a_watch(sessions)
    with sessions.begin() as session:
        first = alarm(watch_id, NOW - 9 * DAY, "fire")
        session.add_all([first, alarm(watch_id, NOW - 8 * DAY, None, quiet=True)])
        session.flush()
        again = alarm(watch_id, NOW - 7 * DAY, None)
        again.story_id = first.id
        smoke = alarm(watch_id, NOW - 6 * DAY, None)
        smoke.burning_at = None
        other = alarm(watch_id, NOW - 5 * DAY, "false_alarm")
        session.add_all([again, smoke, other])
        session.flush()
        ids = (again.id, other.id)
        reports.edit(session, again.id, {"summary": "A jar"}, by="Léa", now=NOW)
        reports.edit(session, other.id, {"remarks": "x"}, by="Max", now=NOW - DAY)
        reports.edit(session, other.id, {"remarks": ""}, by="Max", now=NOW)
    with sessions() as session:
        listed = latest_reports(session, most=9)
        assert [one.incident_id for one in listed] == [ids[1], ids[0]]
        assert [(one.edited_by, one.edited_at) for one in listed] == [("", None), ("Léa", NOW)]
        assert listed[1].began == NOW - 7 * DAY + timedelta(minutes=40), "its newest alert"
        assert [one.incident_id for one in latest_reports(session, most=1)] == [ids[1]]
        assert [one.incident_id for one in latest_reports(session, most=9, before=ids[1])] == [ids[0]]
    with sessions.begin() as session:
        session.get_one(Watch, watch_id).kind = DRILL
        assert latest_reports(session, most=9) == []
