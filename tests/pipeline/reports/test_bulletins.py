"""What is told at a fixed time: once, to who is told of the watch, and quietly."""

from datetime import datetime, timedelta
from typing import Literal

import pytest
from sqlalchemy import select

from app.channels.base import Earlier
from app.channels.notices import Bulletin, Month, Proposed, Smoke
from app.channels.pace import Pace
from app.channels.slack.blocks import notice
from app.channels.slack.transport import SlackChannel
from app.channels.slack.web import open_web
from app.db import Sessions
from app.models import WHOLE, Channel, Delivery, DeliveryState, Incident, Notice, Policy, Reason, State, Watch
from app.pipeline import Chain
from app.pipeline.delivery.notify import notify
from app.pipeline.incidents.incidents import record
from app.pipeline.reports.bulletins import publish
from tests.channels.factory import facts
from tests.pipeline.brand import START
from tests.standins.patience import HANG
from tests.standins.slack import SlackStandin
from tests.standins.slack_limits import refusals

NOW = datetime.fromisoformat("2026-12-01T08:05:00+00:00")  # 9:05 in Paris
MONTH = Month(
    watch="Vélinor", alarms=4, fires=2, false_alarms=1, planned=0, unjudged=1, precision=2 / 3, low=0.18,
    high=0.95, budget=0.5,
    proposed=Proposed(
        proposal_id=3, wish="quieter", alarms_per_month=0.25, days=28, today=4, proposed=2, spared=1,
        minutes_earlier=-10,
    ),
)  # fmt: skip


def an_incident(
    sessions: Sessions, *, rang: bool, at: datetime = NOW - timedelta(hours=20), verdict: str | None = None
) -> None:
    with sessions.begin() as session:
        watch = session.scalars(select(Watch)).first()
        incident = Incident(
            watch=watch, state=State.out, level=0, onset_at=at, opened_at=at, out_at=at,
            last_transition_at=at,
            burning_at=at if rang else None, peak_at=at, peak=12.0, threshold=2.7, top_score=2.0,
            suppressed_by_kind=True,
            verdict=verdict,
        )  # fmt: skip
        session.add(incident)
        session.flush()
        record(session, incident, Reason.smoke, at=at, facts=facts(observed=12, expected=4.6))
        incident.suppressed_by_kind = False


def pass_by(sessions: Sessions, chain: Chain, now: datetime) -> None:
    publish(sessions, now=now)
    notify(sessions, chain.delivery, now=now)


@pytest.mark.usefixtures("velinor")
def test_the_alerts_of_a_month_are_told_once_on_its_first_morning(
    sessions: Sessions, chain: Chain, slack: SlackStandin
) -> None:
    an_incident(sessions, rang=True, verdict="fire")
    pass_by(sessions, chain, NOW - timedelta(minutes=10))
    assert slack.messages() == [], "it is not nine yet"
    for minutes in (0, 1, 60, 3 * 1440):
        pass_by(sessions, chain, NOW + timedelta(minutes=minutes))
    (told,) = slack.messages()
    assert told["blocks"][0]["text"]["text"] == "Alertes de novembre 2026"
    assert "*Vélinor*\u00a0: 1 alerte (1 feu)." in told["blocks"][1]["text"]["text"]
    with sessions() as session:
        assert session.scalars(select(Notice.period).where(Notice.period == "2026-11")).all() == ["2026-11"]
        assert session.scalars(select(Delivery.state).where(Delivery.notice_id.is_not(None))).all() == [
            DeliveryState.sent
        ]


@pytest.mark.usefixtures("velinor")
def test_a_month_without_an_alert_is_not_told(sessions: Sessions, chain: Chain, slack: SlackStandin) -> None:
    pass_by(sessions, chain, NOW)
    assert slack.messages() == []


@pytest.mark.story
@pytest.mark.usefixtures("velinor")
@pytest.mark.parametrize("digest", [True, False])
def test_smoke_is_told_once_a_day_where_the_policy_says_so(
    sessions: Sessions, chain: Chain, slack: SlackStandin, digest: bool
) -> None:
    with sessions.begin() as session:
        session.scalars(select(Policy)).one().digest = digest
    an_incident(sessions, rang=False)
    for hours in (0, 1, 12, 24):
        pass_by(sessions, chain, NOW + timedelta(hours=hours))
    assert len(slack.messages()) == digest
    if digest:
        (told,) = slack.messages()
        assert "aucun remboursement" in told["blocks"][1]["text"]["text"]
        assert "Rien n’a sonné" in told["text"]


@pytest.mark.usefixtures("velinor")
def test_a_channel_hears_of_its_own_watches_only(
    sessions: Sessions, chain: Chain, slack: SlackStandin
) -> None:
    an_incident(sessions, rang=True, verdict="fire")
    stamps = {"created_at": START, "updated_at": START}
    with sessions.begin() as session:
        other = Channel(name="other", kind="slack", settings={}, **stamps)
        watch = session.scalars(select(Watch).options(*WHOLE)).one()
        session.add(other)
        watch.channels = [session.scalars(select(Channel).where(Channel.name == "slack")).one()]
    pass_by(sessions, chain, NOW)
    assert len(slack.messages()) == 1


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_bulletin_keeps_within_what_slack_takes_however_many_watches_there_are(
    language: Literal["en", "fr"], slack: SlackStandin
) -> None:
    hostile = "<!channel> *x* " + "y" * 100
    smoke = Smoke(
        watch=hostile, signs=3, incident_id=7, at=NOW, observed=12, expected=4.6, about=(hostile, "panne")
    )
    bulletin = Bulletin(
        notice_id=1, delivery_id=1, kind="month", period="2026-11", at=NOW, language=language,
        time_zone="UTC", months=(MONTH, MONTH.model_copy(update={"watch": hostile})) * 60,
        smoke=(smoke,) * 30,
    )  # fmt: skip
    said = notice(bulletin, acts=True)
    assert refusals(said["blocks"]) == []
    assert "<!channel>" not in str(said)
    assert ("in 2 months" if language == "en" else "tous les 2 mois") in str(said).replace("\xa0", " ")
    web = open_web(slack.token, slack.url, timeout=HANG)
    pace = Pace(sleep=lambda _seconds: None)
    SlackChannel(web, "C0ALERTS", pace, acts=True).say(bulletin, Earlier(), now=NOW)
    assert len(slack.messages()) == 1


def test_each_proposal_has_its_answers_below_it() -> None:
    plain = MONTH.model_copy(update={"watch": "calm", "proposed": None})
    assert MONTH.proposed is not None
    other = MONTH.model_copy(update={"proposed": MONTH.proposed.model_copy(update={"proposal_id": 9})})
    bulletin = Bulletin(
        notice_id=1, delivery_id=1, kind="month", period="2026-11", at=NOW, language="en", time_zone="UTC",
        months=(plain, MONTH, plain, other),
    )  # fmt: skip
    blocks = notice(bulletin, acts=True)["blocks"]
    kinds = [block["type"] for block in blocks]
    assert kinds == [
        "header", "section", "section", "actions", "section", "section", "actions", "context",
    ]  # fmt: skip
    assert [blocks[n]["elements"][0]["value"] for n in (3, 6)] == ["3", "9"]
    assert "actions" not in [block["type"] for block in notice(bulletin)["blocks"]]
