"""News of sources and bulletins go the way of alerts, after them: once, in order, and to who stands in."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from app.admin import incidents
from app.channels.notices import Smoke
from app.channels.pace import Pace
from app.channels.slack.transport import SlackChannel
from app.channels.slack.web import open_web
from app.channels.webhook import WebhookChannel
from app.db import Sessions
from app.models import Channel, Delivery, DeliveryState, Fault, Notice, Source, Watch
from app.pipeline import Chain
from app.pipeline.delivery.messages import DeliveryContext
from app.pipeline.delivery.notify import notify
from app.pipeline.delivery.outbox import enqueue_notice, first_told
from app.pipeline.delivery.queue import LEASE, take
from app.pipeline.guard import Guard
from tests.pipeline.brand import START, fire
from tests.pipeline.conftest import FIRE_AT, HOUR, Opened
from tests.standins.clock import StillClock
from tests.standins.slack import SlackStandin
from tests.standins.slack_failures import TAKEN_THEN_CUT, http, says

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
pytestmark = pytest.mark.usefixtures("velinor")


@pytest.fixture
def announce(sessions: Sessions, clock: StillClock) -> Callable[..., None]:
    """Queues one notice for the channels that are told first: of the source, unless it is a bulletin."""

    def announced(**fields: Any) -> None:  # noqa: ANN401
        with sessions.begin() as session:
            source = session.scalars(select(Source.id)).one()
            given = fields if "period" in fields else {"source_id": source, "health": "down", **fields}
            notice = Notice(at=clock.at, since=clock.at - MINUTE, **given)
            session.add(notice)
            session.flush()
            for channel in first_told(session.scalars(select(Channel)).all()):
                enqueue_notice(session, notice, channel)

    return announced


@pytest.fixture
def mailbox(sessions: Sessions, chain: Chain, slack: SlackStandin, clock: StillClock) -> DeliveryContext:
    """A mouth of two channels in Slack, of which the second, “mailbox”, stands in for the first."""
    with sessions.begin() as session:
        session.scalars(select(Channel)).one().fallback = ["mailbox"]
        session.add(Channel(name="mailbox", kind="slack", settings={}, created_at=START, updated_at=START))
    other, first = "C0DEMO", chain.delivery.open
    slack.channels[other] = []
    pace = Pace(sleep=clock.sleep, monotonic=clock.monotonic)
    stands_in = SlackChannel(open_web(slack.token, slack.url, timeout=2), other, pace)
    return replace(chain.delivery, open=lambda one: stands_in if one.name == "mailbox" else first(one))


def texts(slack: SlackStandin, channel: str = "C0ALERTS") -> list[str]:
    return [message["text"].replace("\xa0", " ") for message in slack.messages(channel)]


def deliveries(sessions: Sessions) -> list[Delivery]:
    with sessions() as session:
        return list(session.scalars(select(Delivery).order_by(Delivery.id)))


def test_a_notice_that_arrived_although_the_line_was_cut_is_recognised(
    sessions: Sessions, chain: Chain, slack: SlackStandin, clock: StillClock, announce: Callable[..., None]
) -> None:
    announce()
    slack.fail(TAKEN_THEN_CUT)
    notify(sessions, chain.delivery, now=clock.at)
    (delivery,) = deliveries(sessions)
    assert (delivery.state, delivery.ambiguous) == (DeliveryState.pending, True)
    clock.at += MINUTE
    notify(sessions, chain.delivery, now=clock.at)
    (delivery,) = deliveries(sessions)
    assert (delivery.state, delivery.attempts) == (DeliveryState.sent, 2)
    assert delivery.payload is not None
    assert delivery.payload["recognised"]
    (message,) = slack.messages()
    assert delivery.external_id == message["ts"]


def test_the_end_of_a_trouble_is_not_told_before_its_beginning(
    sessions: Sessions, chain: Chain, slack: SlackStandin, clock: StillClock, announce: Callable[..., None]
) -> None:
    announce()
    slack.fail(http(503))
    notify(sessions, chain.delivery, now=clock.at)
    announce(health="ok")
    clock.at += 10 * SECOND
    notify(sessions, chain.delivery, now=clock.at)
    assert texts(slack) == [], "the first waits for its second try, and the other for the first"
    clock.at += 10 * SECOND
    notify(sessions, chain.delivery, now=clock.at)
    sentences = texts(slack)
    assert ["On n’entend plus" in one for one in sentences] == [True, False]
    assert "On entend de nouveau" in sentences[1]


def test_who_stands_in_for_a_channel_is_told_its_notices_and_why(
    sessions: Sessions,
    mailbox: DeliveryContext,
    slack: SlackStandin,
    clock: StillClock,
    announce: Callable[..., None],
) -> None:
    with sessions.begin() as session:
        watch = session.scalars(select(Watch.id)).one()
    smoke = Smoke(watch="Vélinor", signs=1, incident_id=1, at=clock.at, observed=12, expected=4)
    announce()
    announce(period="2026-11-22", facts={str(watch): smoke.model_dump(mode="json")})
    slack.fail(says("channel_not_found"), times=1)
    began = clock.at
    notify(sessions, mailbox, now=began)
    with sessions() as session:
        assert session.scalars(select(Channel).where(Channel.name == "slack")).one().broken_since == began
    assert "On n’entend plus" in texts(slack, "C0DEMO")[0]
    assert "« slack »" in texts(slack, "C0DEMO")[0]
    bulletin = str(slack.messages("C0DEMO")[1]["blocks"])
    assert "Vélinor" in bulletin, "the part of the channel that it stands in for"
    assert "slack" in bulletin
    assert texts(slack) == []
    clock.at += 20 * MINUTE
    notify(sessions, mailbox, now=clock.at)
    assert (len(texts(slack)), len(texts(slack, "C0DEMO"))) == (2, 3), "late, and no other twice"
    assert texts(slack, "C0DEMO")[2].startswith("*« slack » ne répond plus*"), "nor is Slack told of itself"


def test_alerts_go_out_first_whatever_becomes_of_a_notice(
    street: Opened, slack: SlackStandin, announce: Callable[..., None]
) -> None:
    life = street(fire(FIRE_AT))
    slack.fail(http(503), times=1000)
    while "ignited" not in life.reasons():
        life.live(life.clock.at + 5 * MINUTE)
    slack._failures.clear()
    announce(health="unheard of")
    announce()
    life.clock.at += HOUR
    guard = Guard(life.sessions, now=life.clock.at)
    notify(life.sessions, life.chain.delivery, guard, now=life.clock.at)
    alert, news = texts(slack)
    assert alert.startswith("DÉPART DE FEU")
    assert "On n’entend plus" in news
    told, wrong, _ = deliveries(life.sessions)
    assert (wrong.state, told.state) == (DeliveryState.pending, DeliveryState.sent)
    with life.sessions() as session:
        assert session.scalars(select(Fault.name)).all() == [f"delivery {wrong.id} to slack"]


def test_a_receiver_that_takes_alerts_alone_is_no_broken_channel(
    sessions: Sessions, chain: Chain, clock: StillClock, announce: Callable[..., None]
) -> None:
    answers = [422, 204]
    far_end = httpx.MockTransport(lambda _request: httpx.Response(answers.pop(0)))
    hook = WebhookChannel("https://x.example/hook", "s", httpx.Client(transport=far_end))
    context = replace(chain.delivery, open=lambda _channel: hook)
    announce()
    notify(sessions, context, now=clock.at)
    (delivery,) = deliveries(sessions)
    assert (delivery.state, delivery.error) == (
        DeliveryState.dead,
        "x.example answered HTTP 422 to what is no alert",
    )
    with sessions.begin() as session:
        channel = session.scalars(select(Channel)).one()
        assert (channel.failing_since, channel.broken_since) == (None, None)
        incidents.retry(session, delivery.id, by="Camille", now=clock.at)
    notify(sessions, context, now=clock.at)
    assert deliveries(sessions)[0].state is DeliveryState.sent


def test_news_of_a_source_that_was_deleted_meanwhile_are_forgotten(
    sessions: Sessions, chain: Chain, slack: SlackStandin, clock: StillClock, announce: Callable[..., None]
) -> None:
    announce()

    class Deleting:
        def say(self, *_given: object, **_named: object) -> None:
            with sessions.begin() as session:
                session.delete(session.scalars(select(Source)).one())
            raise ConnectionError

    guard = Guard(sessions, now=clock.at)
    context = replace(chain.delivery, open=lambda _channel: Deleting())  # type: ignore[arg-type, return-value]
    notify(sessions, context, guard, now=clock.at)
    assert deliveries(sessions) == []
    assert texts(slack) == []


def test_a_delivery_that_somebody_has_or_that_is_done_is_nobody_elses(
    sessions: Sessions, clock: StillClock, announce: Callable[..., None]
) -> None:
    announce()
    (delivery,) = deliveries(sessions)
    with sessions.begin() as session:
        before = take(session, delivery.id, clock.at)
    assert before is not None
    assert (before.state, before.attempts) == (DeliveryState.pending, 0)
    with sessions.begin() as session:
        assert take(session, delivery.id, clock.at + SECOND) is None, "the lease runs"
        again = take(session, delivery.id, clock.at + LEASE)
        assert again is not None
        assert again.state is DeliveryState.sending
    with sessions.begin() as session:
        session.get_one(Delivery, delivery.id).due_at = None
    with sessions.begin() as session:
        assert take(session, delivery.id, clock.at + 2 * LEASE) is None, "it is told"
