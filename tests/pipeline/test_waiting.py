"""What waits is asked once for all steps that mostly have nothing to do, and none of it is overlooked."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.orm import Session

from app.db import Sessions
from app.models import (
    Channel,
    ClockMark,
    Delivery,
    DeliveryState,
    Incident,
    Notice,
    Restoration,
    Source,
    SourceHealth,
    State,
    Watch,
)
from app.pipeline import STEPS, Chain, Pass, run_cycle
from app.pipeline.guard import Guard
from app.pipeline.waiting import Waiting
from tests.pipeline.brand import START

DAY = timedelta(days=1)
NOW = START + timedelta(hours=12)
MOSTLY_NOTHING = {step.name for step in STEPS if step.waits is not None}
_MOST = 21  # statements of a quiet pass of one watch


def waiting(sessions: Sessions, chain: Chain) -> set[str]:
    waits = Pass(sessions, chain, Guard(sessions, now=NOW), NOW).waiting
    return {name for name in MOSTLY_NOTHING if waits.for_step(name)}


def _changed(table: type[Channel | Source], **columns: object) -> Callable[[Session], None]:
    def change(session: Session) -> None:
        for row in session.scalars(select(table)):
            for name, value in columns.items():
                setattr(row, name, value)

    return change


def _delivery(**columns: object) -> Callable[[Session], None]:
    def change(session: Session) -> None:
        notice = Notice(
            at=START, since=START, health="down", source_id=session.scalars(select(Source.id)).one()
        )
        session.add(notice)
        session.flush()
        channel = session.scalars(select(Channel.id)).one()
        given = {"state": DeliveryState.pending, "due_at": None, "created_at": START} | columns
        session.add(Delivery(notice_id=notice.id, channel_id=channel, **given))

    return change


def _restored(session: Session) -> None:
    session.add(Restoration(taken_at=START, restored_at=START, version="0.2.0", known={}))


def _burns(session: Session) -> None:
    watch = session.scalars(select(Watch)).one()
    watch.policy.remind_minutes = 30
    at = {"onset_at": START, "opened_at": START, "burning_at": START, "last_transition_at": START}
    session.add(
        Incident(
            watch_id=watch.id, state=State.burning, level=1, peak_at=START, peak=1.0, mentions=1,
            alerted_rate=1.0, threshold=1.0, last_alert_at=START, **at,
        )
    )  # fmt: skip


@pytest.mark.usefixtures("velinor")
def test_whatever_waits_is_seen_by_its_step(sessions: Sessions, chain: Chain) -> None:
    probing = replace(chain, delivery=replace(chain.delivery, probed=frozenset({"slack"})))
    with sessions.begin() as session:
        _changed(Channel, worked_at=NOW)(session)
    assert waiting(sessions, probing) == set()
    before = {"created_at": NOW - 2 * DAY, "worked_at": NOW - DAY}
    for change, seen in (
        (_changed(Source, health=SourceHealth.down), {"announce"}),
        (_changed(Source, announced_health=SourceHealth.down), {"announce"}),
        (_changed(Source, health=SourceHealth.new), set()),
        (_restored, {"recover"}),
        (_burns, {"remind"}),
        (_delivery(due_at=NOW), {"deliver"}),
        (_delivery(due_at=NOW + timedelta(seconds=1)), set()),
        (_changed(Channel, failing_since=NOW), {"deliver", "probe"}),
        (_changed(Channel, broken_since=NOW), {"deliver", "probe"}),
        (_changed(Channel, told_since=NOW), {"deliver"}),
        (_changed(Channel, **before), {"probe"}),
        (_changed(Channel, **before, probed_at=NOW), set()),
        (_changed(Channel, **before, enabled=False), set()),
        (_delivery(state=DeliveryState.sent, edit_due_at=NOW), {"edit"}),
        (_delivery(state=DeliveryState.pending, edit_due_at=NOW), set()),
    ):
        with sessions() as session:
            change(session)
            session.flush()
            shared = session.connection()
            assert waiting(type(sessions)(shared, expire_on_commit=False), probing) == seen
            session.rollback()


@pytest.mark.usefixtures("velinor")
def test_where_it_cannot_be_asked_each_step_looks_for_itself(sessions: Sessions) -> None:
    waits = Waiting(sessions, select(text("nothing_that_there_is")), dict)
    assert all(waits.for_step(name) for name in MOSTLY_NOTHING)


@pytest.mark.usefixtures("velinor")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_quiet_pass_asks_little(sessions: Sessions, chain: Chain) -> None:
    for minutes in (0, 5, 10):
        run_cycle(sessions, chain, now=NOW + timedelta(minutes=minutes))
    said: list[str] = []
    engine = sessions.kw["bind"]
    event.listen(engine, "before_cursor_execute", lambda _c, _cursor, statement, *_: said.append(statement))
    run_cycle(sessions, chain, now=NOW + timedelta(minutes=15))
    asked = [one for one in said if not one.startswith(("BEGIN", "SAVEPOINT", "RELEASE"))]
    assert len(asked) <= _MOST, "\n".join(asked)
    with sessions() as session:
        assert session.get_one(ClockMark, 1).passed_at == NOW + timedelta(minutes=15)
