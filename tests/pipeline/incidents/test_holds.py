"""What holds messages back at an instant: the silences of the watch and of all, and the snooze."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import Sessions
from app.models import Incident, Silence, Watch
from app.pipeline.incidents.decide import Hold
from app.pipeline.incidents.hold import hold_of
from tests.pipeline.brand import START

AT, HOUR = START + timedelta(days=7), timedelta(hours=1)


@pytest.mark.parametrize(
    ("begins", "ends", "holds"),
    [
        pytest.param(-HOUR, HOUR, True, id="a silence that is in force"),
        pytest.param(timedelta(0), HOUR, True, id="one that begins just now"),
        pytest.param(timedelta(seconds=1), HOUR, False, id="one to come"),
        pytest.param(-HOUR, timedelta(0), False, id="one that ends just now"),
        pytest.param(-HOUR, timedelta(seconds=1), True, id="one that is about to end"),
    ],
)
def test_a_silence_holds_from_its_begin_until_before_its_end(
    sessions: Sessions, velinor: int, begins: timedelta, ends: timedelta, holds: bool
) -> None:
    assert velinor
    with sessions.begin() as session:
        watch = session.scalars(select(Watch)).one()
        _silence(session, watch.id, begins, ends)
        held = hold_of(session, Incident(watch_id=watch.id), at=AT)
        assert held == Hold(AT + ends if holds else None)


def test_silences_of_the_watch_and_of_all_count_the_longest_of_them_and_none_of_another(
    sessions: Sessions, velinor: int
) -> None:
    assert velinor
    with sessions.begin() as session:
        watch = session.scalars(select(Watch)).one()
        other = Watch(
            name="Aussi", query=watch.query, languages=[], policy=watch.policy, created_at=AT, updated_at=AT
        )
        session.add(other)
        session.flush()
        incident = Incident(watch_id=watch.id, snoozed_until=AT + 5 * HOUR)
        assert hold_of(session, incident, at=AT) == Hold(None, AT + 5 * HOUR)
        _silence(session, other.id, -HOUR, 4 * HOUR)
        assert hold_of(session, incident, at=AT) == Hold(None, AT + 5 * HOUR)
        _silence(session, watch.id, -HOUR, HOUR)
        _silence(session, None, -HOUR, 3 * HOUR)
        _silence(session, watch.id, -HOUR, 2 * HOUR)
        assert hold_of(session, incident, at=AT) == Hold(AT + 3 * HOUR, AT + 5 * HOUR)


def _silence(session: Session, watch_id: int | None, begins: timedelta, ends: timedelta) -> None:
    session.add(
        Silence(
            watch_id=watch_id, starts_at=AT + begins, ends_at=AT + ends, why="", created_by="t", created_at=AT
        )
    )
    session.flush()
