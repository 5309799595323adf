"""What several people write into one report at the same moment: each text stands, or its writer is told."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from app.admin.reports import EditedMeanwhile, ReportSpec, edit, seen_of
from app.db import Sessions
from app.models import ReportNote
from tests.pipeline.reports.test_precision import NOW, a_watch, alarm
from tests.standins.patience import HANG

EMPTY = seen_of(ReportSpec().model_dump())


def _fire(sessions: Sessions) -> int:
    watch_id = a_watch(sessions)
    with sessions.begin() as session:
        session.add(fire := alarm(watch_id, NOW, None))
        session.flush()
        return fire.id


@pytest.mark.parametrize("same", [True, False])
def test_of_two_at_the_same_moment_the_second_sees_what_the_first_wrote(
    sessions: Sessions, same: bool
) -> None:
    fire, at_once = _fire(sessions), Barrier(2)

    def write(by: str) -> str:
        changes = {"summary" if same or by == "Léa" else "remarks": by}
        at_once.wait(HANG)
        try:
            with sessions.begin() as session:
                edit(session, fire, changes, by=by, now=NOW, seen=EMPTY)
        except EditedMeanwhile as error:
            return f"{error.own['summary']} is told of {error.theirs['summary']}"
        return by

    with ThreadPoolExecutor(2) as both:
        came = list(both.map(write, ("Léa", "Max")))
    with sessions() as session:
        note = session.get_one(ReportNote, fire)
    if same:
        second = {"Léa": "Max", "Max": "Léa"}[note.summary]
        assert set(came) == {note.summary, f"{second} is told of {note.summary}"}
    else:
        assert (note.summary, note.remarks) == ("Léa", "Max")


@pytest.mark.parametrize(
    ("given", "left"),
    [
        pytest.param({"summary": "old", "remarks": "mine"}, ("theirs", "mine"), id="a field left alone"),
        pytest.param({"summary": "theirs"}, ("theirs", ""), id="both wrote the same"),
        pytest.param({"summary": ""}, None, id="one took away what the other changed"),
        pytest.param({"summary": "mine", "remarks": "x"}, None, id="both wrote, and nothing of it is saved"),
    ],
)
def test_only_what_somebody_changed_is_theirs_to_save(
    sessions: Sessions, given: Mapping[str, str], left: tuple[str, str] | None
) -> None:
    fire = _fire(sessions)
    with sessions.begin() as session:
        edit(session, fire, {"summary": "old"}, by="Ana", now=NOW)
        edit(session, fire, {"summary": "theirs"}, by="Max", now=NOW)
    seen = EMPTY | seen_of({"summary": "old"})
    with sessions.begin() as session:
        if left is None:
            with pytest.raises(EditedMeanwhile, match="Max wrote into summary meanwhile"):
                edit(session, fire, given, by="Léa", now=NOW, seen=seen)
        else:
            edit(session, fire, given, by="Léa", now=NOW, seen=seen)
    with sessions() as session:
        note = session.get_one(ReportNote, fire)
    assert (note.summary, note.remarks) == (left or ("theirs", ""))
