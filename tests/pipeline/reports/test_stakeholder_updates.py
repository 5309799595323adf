"""Stakeholders are told at an interval while it burns, once each time, and a last time at its end."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from app.admin import crisis_log, stakeholder_updates
from app.admin.crisis_specs import LogSpec, StakeholderUpdatesSpec
from app.channels.crisis import StakeholderUpdate
from app.channels.document import plain
from app.channels.slack import blocks
from app.channels.wording.stakeholders import stakeholder_update
from app.db import Sessions
from app.errors import Conflict
from app.models import (
    WITH_WATCH,
    Channel,
    Fault,
    Incident,
    LogKind,
    Notice,
    Source,
    StakeholderUpdates,
    State,
    Statement,
    StatementAct,
    StatementStep,
    Watch,
)
from app.pipeline import Chain, run_cycle
from app.pipeline.guard import Guard
from app.pipeline.reports.stakeholder_updates import inform, next_time
from tests.channels.factory import announcements
from tests.pipeline.brand import START
from tests.standins.clock import StillClock
from tests.standins.slack import SlackStandin

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def burning(sessions: Sessions, velinor: int) -> int:
    """The id of an incident that burns, with updates each hour in the watch's own channel."""
    assert velinor
    with sessions.begin() as session:
        session.execute(update(Source).values(heard_until=START, health_since=START))
        watch, channel = session.scalars(select(Watch)).one(), session.scalars(select(Channel)).one()
        incident = Incident(
            watch=watch, state=State.burning, onset_at=START, opened_at=START, burning_at=START,
            peak_at=START, peak=90, mentions=412, threshold=2.9, acknowledged_by="Léa", acknowledged_at=START,
        )  # fmt: skip
        session.add(incident)
        session.flush()
        spec = StakeholderUpdatesSpec(channels=[channel.name])
        stakeholder_updates.switch_on(session, incident, spec, by="t", now=START + 10 * MINUTE)
        return incident.id


def test_they_are_told_on_the_hour_with_what_was_decided_and_said_and_end_with_the_fire(
    burning: int, sessions: Sessions, chain: Chain, clock: StillClock, slack: SlackStandin
) -> None:
    def live(at: datetime) -> list[str]:
        clock.at = at
        before = len(slack.messages())
        run_cycle(sessions, chain, now=at)
        return [text for m in slack.messages()[before:] if "POINT" in (text := str(m["blocks"]))]

    begun = START + 10 * MINUTE
    full = next_time(begun, 60, ZoneInfo("Europe/Paris"))
    (first,) = live(begun)
    for part in (
        "POINT DE SITUATION n°\\xa01 · Vélinor",
        "412 mentions jusqu’ici",
        "Rien n’a encore été publié",
    ):
        assert part in first, part
    assert live(begun + 5 * MINUTE) == []
    with sessions.begin() as session:
        incident = session.get_one(Incident, burning, options=[WITH_WATCH])
        line = LogSpec(kind=LogKind.decision, text="on répond à midi <!here>")
        crisis_log.write(session, incident, line, by="Léa", now=begun)
        statement = Statement(incident_id=burning, template="x", language="fr", version=2, created_at=begun)
        session.add(statement)
        session.flush()
        for act, version, text in (
            (StatementAct.drafted, 1, "Nous enquêtons."), (StatementAct.approved, 1, ""),
            (StatementAct.said, 1, "site"), (StatementAct.edited, 2, "Pas encore approuvé."),
        ):  # fmt: skip
            session.add(
                StatementStep(
                    statement_id=statement.id, at=begun, by="Léa", act=act, version=version, text=text
                )
            )
    (second,) = live(full + 30 * timedelta(seconds=1))
    for part in ("on répond à midi &lt;!here&gt;", "Nous enquêtons.", "(site)", "n°\\xa02"):
        assert part in second, part
    assert "Pas encore approuvé." not in second, "what nobody approved is told to nobody"
    (after_an_outage,) = live(full + 5 * HOUR + MINUTE)
    assert "n°\\xa03" in after_an_outage
    with sessions.begin() as session:
        session.execute(update(Incident).values(state=State.out, out_at=full + 5 * HOUR))
    (last,) = live(full + 5 * HOUR + 7 * MINUTE)
    assert "DERNIER POINT · Vélinor" in last
    assert "C’était le dernier point." in last
    assert live(full + 9 * HOUR) == []
    with sessions.begin() as session:
        row = session.scalars(select(StakeholderUpdates)).one()
        assert (row.told, row.due_at, row.ended_at) == (4, None, full + 5 * HOUR + 7 * MINUTE)
        incident = session.get_one(Incident, burning)
        spec = StakeholderUpdatesSpec(channels=["comms"])
        with pytest.raises(Conflict, match="is out"):
            stakeholder_updates.switch_on(session, incident, spec, by="t", now=full)


def test_of_two_processes_at_once_one_makes_it(burning: int, sessions: Sessions) -> None:
    assert burning
    now = START + 10 * MINUTE

    def once() -> None:
        inform(sessions, Guard(sessions, now=now), now=now)

    with ThreadPoolExecutor(2) as both:
        for done in [both.submit(once) for _ in range(2)]:
            done.result()
    with sessions() as session:
        assert session.scalars(select(Notice.health)).all() == ["update"]
        assert session.scalars(select(Fault)).all() == []


def test_without_a_channel_it_is_a_fault_that_people_see(burning: int, sessions: Sessions) -> None:
    assert burning
    with sessions.begin() as session:
        session.execute(update(Channel).values(enabled=False))
    guard = Guard(sessions, now=START + HOUR)
    inform(sessions, guard, now=START + HOUR)
    with sessions() as session:
        (fault,) = session.scalars(select(Fault))
        assert "no channel is left" in fault.error


def test_the_next_one_is_a_quarter_ahead_at_least_on_the_clock_of_the_watch() -> None:
    for zone, every, now, then in (
        ("Europe/Paris", 60, "2026-11-22T09:20+00:00", "2026-11-22T10:00+00:00"),
        ("Europe/Paris", 60, "2026-11-22T09:50+00:00", "2026-11-22T11:00+00:00"),
        ("Europe/Paris", 60, "2026-11-22T10:00+00:00", "2026-11-22T11:00+00:00"),
        ("Europe/Paris", 1440, "2026-11-22T09:20+00:00", "2026-11-22T23:00+00:00"),
        ("Asia/Kolkata", 60, "2026-11-22T09:20+00:00", "2026-11-22T10:30+00:00"),
        ("Europe/Paris", 15, "2026-11-22T09:20+00:00", "2026-11-22T09:30+00:00"),
    ):
        at = next_time(datetime.fromisoformat(now), every, ZoneInfo(zone))
        assert at == datetime.fromisoformat(then), (zone, every, now)


def test_what_strangers_and_the_team_wrote_stays_text() -> None:
    (news,) = [one for one in announcements() if isinstance(one, StakeholderUpdate)]
    drawn = str(blocks.notice(news))
    assert "lot 4417, &lt;malade&gt;" in drawn
    assert "We ∗answer∗ by &lt;noon&gt; &amp; no sooner" in drawn
    summary = plain(stakeholder_update(news.model_copy(update={"drill": True})).summary)
    assert summary.startswith(
        "DRILL · UPDATE 2 · Nimbus: a fire since 07:30, still burning. 812 mentions so far"
    )
