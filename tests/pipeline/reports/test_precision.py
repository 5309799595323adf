"""How often a watch rings rightly, what its verdicts ask for, and what is proposed only after a preview."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from app import db
from app.clock import step_start
from app.db import Sessions
from app.models import Incident, Policy, Proposal, ProposalState, Source, State, VerdictWord, Watch
from app.pipeline.ingest.count import observed
from app.pipeline.ingest.match import Matchers
from app.pipeline.ingest.store import store
from app.pipeline.reports.precision import Count, months_of, together
from app.pipeline.reports.proposals import VerdictRecord, Why, propose
from tests.pipeline.brand import START, fire, ordinary

DAY = timedelta(days=1)
SPARKS = [START + days * DAY + timedelta(hours=10) for days in (8, 10, 14, 17)]
FIRE_AT = START + 12 * DAY + timedelta(hours=10)
NOW = START + 20 * DAY


def a_watch(sessions: Sessions, *, time_zone: str = "UTC") -> int:
    stamps = {"created_at": START, "updated_at": START}
    with sessions.begin() as session:
        watch = Watch(
            name="Vélinor", query={"any_of": ["Vélinor"]}, languages=[], time_zone=time_zone,
            policy=Policy(name="default", **stamps), judged_since=START + 3 * DAY, **stamps,
        )  # fmt: skip
        session.add(watch)
        session.flush()
        return watch.id


def alarm(watch_id: int, at: datetime, verdict: str | None, *, quiet: bool = False) -> Incident:
    return Incident(
        watch_id=watch_id, state=State.out, onset_at=at, opened_at=at, burning_at=at + timedelta(minutes=40),
        out_at=at + timedelta(hours=8), peak_at=at, peak=40.0, threshold=2.7, top_score=4.0, verdict=verdict,
        suppressed_by_kind=quiet,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("count", "precision", "interval"),
    [
        pytest.param(Count(), None, None, id="nobody was told anything"),
        pytest.param(Count(alarms=3), None, None, id="nobody judged"),
        pytest.param(Count(2, 0, 2), 0.0, (0.0, 0.569), id="all false, and two say little"),
        pytest.param(Count(2, 2), 1.0, (0.431, 1.0), id="all fires"),
        pytest.param(Count(40, 30, 10), 0.75, (0.627, 0.848), id="many say more"),
        pytest.param(Count(3, 1, 0, 2), 1.0, (0.229, 1.0), id="a planned event is neither"),
    ],
)
def test_the_precision_has_an_interval_that_narrows_with_what_is_known(
    count: Count, precision: float | None, interval: tuple[float, float] | None
) -> None:
    assert count.precision == precision
    assert count.interval() == (interval and pytest.approx(interval, abs=0.001))


def test_alarms_are_counted_by_month_on_the_clock_of_the_watch(sessions: Sessions) -> None:
    watch_id = a_watch(sessions, time_zone="Europe/Paris")
    late = datetime.fromisoformat("2026-10-31T23:10:00+00:00")  # in Paris it is November
    with sessions.begin() as session:
        session.add_all(
            [
                alarm(watch_id, late, "fire"),
                alarm(watch_id, late - DAY, "false_alarm"),
                alarm(watch_id, NOW - DAY, None),
                alarm(watch_id, NOW - 2 * DAY, "planned"),
                alarm(watch_id, NOW - 3 * DAY, "fire", quiet=True),
                alarm(watch_id, NOW - 400 * DAY, "fire"),
            ]
        )
    with sessions() as session:
        watch = session.get_one(Watch, watch_id)
        months = months_of(session, watch, months=3, now=NOW)
    assert months == [("2026-09", Count()), ("2026-10", Count(1, 0, 1)), ("2026-11", Count(3, 1, 0, 1))]
    assert together([count for _, count in months]) == Count(4, 1, 1, 1)
    assert months[-1][1].unjudged == 1


@pytest.mark.parametrize(
    ("verdicts", "wish"),
    [
        pytest.param(
            VerdictRecord(30, Count(4, 1, 3), 1, None), "quieter", id="three false ones where one is fine"
        ),
        pytest.param(VerdictRecord(30, Count(4, 3, 1), 1, None), None, id="as many as the budget says"),
        pytest.param(VerdictRecord(10, Count(9, 0, 9), 1, None), None, id="ten days say nothing"),
        pytest.param(
            VerdictRecord(60, Count(3, 0, 3), 4, None), None, id="three of eight that were accepted"
        ),
        pytest.param(VerdictRecord(90, Count(4, 4), 1, None), "warier", id="none, where three were accepted"),
        pytest.param(VerdictRecord(90, Count(0), 1, None), None, id="nothing happened"),
        pytest.param(VerdictRecord(90, Count(5, 4), 1, None), None, id="one is not judged yet"),
        pytest.param(VerdictRecord(30, Count(4, 4), 1, None), None, id="a month without is no news"),
    ],
)
def test_verdicts_ask_for_a_change_only_where_chance_does_not_explain_them(
    verdicts: VerdictRecord, wish: str | None
) -> None:
    assert verdicts.wish == wish


@pytest.mark.parametrize(
    ("verdicts", "first"),
    [
        (VerdictRecord(30, Count(4, 1, 3), 1, None), {"alarms_per_month": 0.5}),
        (VerdictRecord(30, Count(6, 1, 5), 0.25, None), None),
        (VerdictRecord(30, Count(4, 1, 3), 1, 4.0), {"threshold": 4.6}),
        (VerdictRecord(90, Count(4, 4), 1, None), {"alarms_per_month": 2.0}),
        (VerdictRecord(90, Count(4, 4), 1, 4.0), None),
    ],
)
def test_the_smallest_change_is_tried_first(verdicts: VerdictRecord, first: dict[str, float] | None) -> None:
    assert next(iter(verdicts.changes()), None) == first


@pytest.fixture
def past(sqlite: str) -> tuple[Sessions, int]:
    """Three weeks of a brand: a fire, and four sparks that the team called false alarms."""
    sessions = db.sessions_of(db.connect(sqlite, durable=False))
    watch_id = a_watch(sessions)
    posts = [*ordinary(20), *fire(FIRE_AT)]
    for n, at in enumerate(SPARKS):
        posts += fire(at, hours=1.5, per_hour=60, seed=20 + n, prefix=f"spark{n}")
    with sessions.begin() as session:
        source = Source(
            name="forum", kind="push", settings={}, health_since=START, heard_until=NOW, created_at=START,
            updated_at=START,
        )  # fmt: skip
        session.add(source)
        session.flush()
        store(session, Matchers().current(session), source.id, posts, now=NOW, heard_at_once=True)
        observed(session, source.id, step_start(START), NOW)
        session.add_all([alarm(watch_id, at, "false_alarm") for at in SPARKS])
        session.add(alarm(watch_id, FIRE_AT, "fire"))
    return sessions, watch_id


def proposals(sessions: Sessions) -> Sequence[Proposal]:
    with sessions() as session:
        return session.scalars(select(Proposal)).all()


@pytest.mark.story
def test_what_is_proposed_spares_false_alarms_and_loses_no_fire(past: tuple[Sessions, int]) -> None:
    sessions, watch_id = past
    proposal = propose(sessions, watch_id, now=NOW)
    assert proposal is not None
    why = Why.model_validate(proposal.facts)
    assert proposal.changes["alarms_per_month"] < 1
    assert (why.wish, why.false_alarms, why.fires, why.lost_fires) == ("quieter", 4, 1, 0)
    assert why.spared >= 1
    assert why.proposed < why.today
    again = propose(sessions, watch_id, now=NOW)
    assert again is not None
    assert again.id == proposal.id
    assert len(proposals(sessions)) == 1
    with sessions.begin() as session:
        mine = session.get_one(Proposal, proposal.id)
        mine.state, mine.decided_at = ProposalState.declined, NOW
    assert propose(sessions, watch_id, now=NOW + DAY) is None, "who said no is left in peace"


@pytest.mark.whole
def test_nothing_is_proposed_that_would_lose_a_fire(past: tuple[Sessions, int]) -> None:
    sessions, watch_id = past
    with sessions.begin() as session:
        for incident in session.scalars(select(Incident).where(Incident.onset_at.in_(SPARKS[1:2]))).unique():
            incident.verdict = VerdictWord.fire  # it rings under no lower budget
    assert propose(sessions, watch_id, now=NOW) is None
    assert proposals(sessions) == []
