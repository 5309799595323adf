"""Whoever comes on duty is told so, with what they find."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from app.admin import calendar, people, rotas
from app.admin.specs import PlannedEventSpec
from app.admin.team_specs import LayerSpec, PersonSpec, RotaSpec, SubstitutionSpec
from app.db import Sessions
from app.models import Fault, Incident, Notice, Policy, Rota, Source, SourceHealth, State, Watch
from app.pipeline import Chain, run_cycle
from tests.pipeline.brand import START
from tests.standins.clock import StillClock
from tests.standins.slack import SlackStandin

PARIS = ZoneInfo("Europe/Paris")
MONDAY = datetime(2026, 11, 30, 9, tzinfo=PARIS)  # Léa's turn begins
HOUR = timedelta(hours=1)


@pytest.fixture
def team(sessions: Sessions, velinor: int) -> int:
    """Léa and Max, a week each; the id of the rota."""
    assert velinor
    with sessions.begin() as session:
        for name in ("Léa", "Max"):
            people.create(session, PersonSpec(name=name, slack_user=f"U0{name[0]}"), by="t", now=START)
        layer = LayerSpec(people=["Léa", "Max"], starts_on=date(2026, 11, 30), hand_over=time(9))
        spec = RotaSpec(name="comms", time_zone="Europe/Paris", layers=[layer])
        rota = rotas.create(session, spec, by="t", now=START)
        session.scalars(select(Policy)).one().rota = "comms"
        session.execute(update(Source).values(heard_until=MONDAY, health_since=MONDAY))
        session.flush()
        return rota.id


def test_a_hand_over_is_told_once_with_what_is_found(
    team: int, sessions: Sessions, chain: Chain, clock: StillClock, slack: SlackStandin
) -> None:
    def live(at: datetime) -> list[str]:
        clock.at = at
        before = len(slack.messages())
        run_cycle(sessions, chain, now=at)
        return [str(message["blocks"]) for message in slack.messages()[before:]]

    said = [text for text in live(MONDAY + HOUR) if "d’astreinte" in text]
    assert said == [], "a rota that is new is no change"
    with sessions.begin() as session:
        spec = SubstitutionSpec(person="Max", starts_at=MONDAY + 24 * HOUR, ends_at=MONDAY + 30 * HOUR)
        rotas.substitute(session, team, spec, by="t", now=MONDAY)
        watch = session.scalars(select(Watch)).one()
        session.add(
            Incident(
                watch_id=watch.id, state=State.burning, onset_at=MONDAY, opened_at=MONDAY, burning_at=MONDAY,
                peak_at=MONDAY, peak=9, mentions=9, threshold=2.9, acknowledged_by="Léa",
                acknowledged_at=MONDAY,
            )
        )  # fmt: skip
        event = PlannedEventSpec(
            name="Résultats", starts_at=MONDAY + 26 * HOUR, ends_at=MONDAY + 28 * HOUR, factor=3
        )
        calendar.create_event(session, event, by="t", now=MONDAY)
    (told,) = [text for text in live(MONDAY + 24 * HOUR) if "d’astreinte" in text]
    assert told.startswith("[{'type': 'section', 'text': {'type': 'mrkdwn', 'text': '<@U0M>'}}")
    for part in (
        "*Max est d’astreinte* (comms)",
        "Appels suivants\\xa0: Léa",
        "entre les mains de Léa",
        "Résultats",
    ):
        assert part in told, part
    assert live(MONDAY + 25 * HOUR) == []
    with sessions.begin() as session:
        session.execute(update(Incident).values(state=State.out, out_at=MONDAY))
        session.execute(update(Source).values(health=SourceHealth.ok, heard_until=MONDAY + 30 * HOUR))
        session.execute(update(Rota).values(layers=[]))
    told = next(text for text in live(MONDAY + 30 * HOUR) if "d’astreinte" in text)
    assert "*Personne n’est d’astreinte* (comms)" in told
    with sessions() as session:
        assert session.scalars(select(Notice.health)).all().count("duty") == 2


def test_a_rota_that_cannot_be_read_is_named_and_stops_no_other(
    team: int, sessions: Sessions, chain: Chain, clock: StillClock
) -> None:
    clock.at = MONDAY
    run_cycle(sessions, chain, now=MONDAY)
    with sessions.begin() as session:
        session.execute(update(Rota).values(layers=[{"people": "Léa"}]))
    with pytest.raises(ExceptionGroup):
        run_cycle(sessions, chain, now=MONDAY + HOUR)
    with sessions() as session:
        (fault,) = session.scalars(select(Fault))
        assert (fault.step, fault.subject, fault.subject_id) == ("hand over", "rota", team)
