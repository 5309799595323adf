"""A day of 200 fires while Slack fails at random and the service is killed: each story is told, and once."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import db
from app.channels.acts import Act, choose_message_action
from app.channels.base import Channel as Telling
from app.channels.slack import blocks
from app.models import WITH_WATCH, Channel, Delivery, DeliveryState, Incident, Reason, Transition
from app.pipeline.delivery.messages import DeliveryContext, alert_of
from app.pipeline.delivery.outbox import channels_of
from tests.faults.living import BLIND, SEEN, SLOTS, WATCHES, Lived, live
from tests.faults.storm import FATES, StormySlack
from tests.standins.slack import SlackStandin
from tests.standins.slack_failures import Json

pytestmark = pytest.mark.faults

STATED = {"out before the silence ended", "overtaken while it was held back"}
SECOND = timedelta(milliseconds=999)  # instants are written in microseconds


@dataclass
class Story:
    """What a channel must show of a story, as the history of its fires says."""

    channel: str
    root: Delivery | None = None
    replies: list[tuple[int, bool]] = field(default_factory=list)  # deliveries, and whether all see them
    painted: Delivery | None = None  # what the root message shows in the end
    told: list[Delivery] = field(default_factory=list)


@pytest.mark.parametrize(
    "database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.whole)], indirect=True
)
def test_of_a_day_of_fires_each_story_is_told_whole_in_order_and_once(
    database: str, sessions: db.Sessions, tmp_path: Path
) -> None:
    lived = live(database, tmp_path)
    _much_went_wrong(sessions, lived)
    _nothing_is_lost(sessions, lived)
    with sessions() as session:
        stories = _stories(session)
        for story in stories:
            if story.channel == BLIND:
                _told_as_well_as_can_be(story, lived.slack)
            else:
                _told_whole_in_order_and_once(story, lived.slack)
            _shows_how_it_stands(session, story, lived.slack)
    _nothing_else_was_told(stories, lived.slack)
    _never_above_one_message_a_second(lived.slack)


def test_without_the_pause_between_messages_slack_would_have_been_called_too_fast(
    sqlite: str, tmp_path: Path
) -> None:
    lived = live(sqlite, tmp_path, slots=1, pace=0)
    assert len(lived.slack.too_fast) > 20


def _much_went_wrong(sessions: db.Sessions, lived: Lived) -> None:
    """It was a day to prove something by."""
    assert lived.ledger.fires == WATCHES * SLOTS == 200
    assert lived.kills > 30
    assert "crashed" not in lived.said, lived.said[-3000:]
    failed = lived.slack.fates
    assert {name for name, _, _ in FATES} <= failed.keys()
    assert {"is_archived", "channel_not_found", "token_revoked", "restricted_action"} <= failed.keys()
    with sessions() as session:
        deliveries = list(session.scalars(select(Delivery)))
        assert sum(bool(d.payload and d.payload["recognised"]) for d in deliveries) > 15
        assert {d.error for d in deliveries if d.state is DeliveryState.skipped} == STATED
        rekindled = select(func.count()).where(Incident.story_id.is_not(None))
        assert session.scalars(rekindled).one() > 20
        unseen = {Reason.fizzled, Reason.lapsed}  # no rota says who else could be called
        assert set(session.scalars(select(Transition.reason))) >= set(Reason) - unseen


def _nothing_is_lost(sessions: db.Sessions, lived: Lived) -> None:
    """Each transition that people are to hear of went to each channel, or was skipped for a stated reason."""
    with sessions() as session:
        wanted = Counter(
            (transition.id, channel.id)
            for transition in session.scalars(select(Transition))
            if transition.id in lived.ledger.told
            for channel in channels_of(session, session.get_one(Incident, transition.incident_id))
        )
        # Beside them stands what is told of the channels themselves, which fail all day.
        deliveries = list(session.scalars(select(Delivery).where(Delivery.notice_id.is_(None))))
        assert Counter((d.transition_id, d.channel_id) for d in deliveries) == wanted
        for delivery in deliveries:
            assert delivery.due_at is None
            if delivery.state is DeliveryState.skipped:
                assert delivery.error in STATED
                assert delivery.id in lived.ledger.held, "only what was held back may be skipped"
            else:
                assert delivery.state is DeliveryState.sent


def _stories(session: Session) -> list[Story]:
    """The stories of all channels, as acts.py decides them."""
    rows = session.execute(
        select(Delivery, Transition, Incident, Channel.name)
        .join(Transition, Transition.id == Delivery.transition_id)
        .join(Incident, Incident.id == Delivery.incident_id)
        .join(Channel, Channel.id == Delivery.channel_id)
        .where(Delivery.state == DeliveryState.sent)
        .order_by(Transition.id)
    )
    stories: dict[tuple[int, str], Story] = {}
    for delivery, transition, incident, channel in rows:
        story = stories.setdefault((incident.story_id or incident.id, channel), Story(channel))
        suppressed = bool(transition.standing["suppressed_by_cooldown"])
        act = choose_message_action(transition.reason, has_root=story.root is not None, suppressed=suppressed)
        if act is Act.root:
            story.root = delivery
        elif act in {Act.reply, Act.broadcast}:
            story.replies.append((delivery.id, act is Act.broadcast))
        if act is not Act.nothing:
            story.painted = delivery
        story.told.append(delivery)
    return list(stories.values())


def _told_whole_in_order_and_once(story: Story, slack: SlackStandin) -> None:
    if story.root is None:
        assert story.replies == []
        return
    (root,) = _messages_of(story.root, story.channel, slack)
    assert root["ts"] == story.root.external_id
    assert "thread_ts" not in root
    thread = slack.messages(story.channel, thread=root["ts"])
    assert [(_delivery_of(m), bool(m.get("reply_broadcast"))) for m in thread] == story.replies
    sent = [delivery.sent_at for delivery in story.told if delivery.sent_at]
    assert sent == sorted(sent)


def _told_as_well_as_can_be(story: Story, slack: SlackStandin) -> None:
    """Where nobody may look, an alert rather comes twice than never, and the end of it the reverse."""
    if story.root is None:
        return
    copies = _messages_of(story.root, story.channel, slack)
    assert story.root.external_id in {copy["ts"] for copy in copies}
    assert len(copies) == 1 or story.root.attempts > 1
    attempts = {delivery.id: delivery.attempts for delivery in story.told}
    told = Counter(_delivery_of(m) for m in slack.messages(story.channel, thread=story.root.external_id))
    assert list(told) == [delivery for delivery, _ in story.replies if delivery in told]
    for delivery, loud in story.replies:
        times = told[delivery]
        assert times == 1 or (attempts[delivery] > 1 and (times > 1) == loud)


def _shows_how_it_stands(session: Session, story: Story, slack: SlackStandin) -> None:
    """The first message of the story is, at the end of the day, what its newest transition makes of it."""
    if story.root is None:
        return
    assert story.painted is story.told[-1]
    (shown,) = (m for m in slack.messages(story.channel) if m["ts"] == story.root.external_id)
    incident = session.get_one(Incident, story.painted.incident_id, options=[WITH_WATCH])
    transition = session.get_one(Transition, story.painted.transition_id)
    channel = session.get_one(Channel, story.painted.channel_id)
    context = DeliveryContext(_open, "en", lambda _: None)
    painted = blocks.root(alert_of(context, incident, transition, language=channel.language))
    assert shown["text"] == painted["text"]
    assert shown["blocks"] == painted["blocks"]


def _nothing_else_was_told(stories: list[Story], slack: SlackStandin) -> None:
    wanted: dict[str, set[int]] = defaultdict(set)
    for story in stories:
        wanted[story.channel] |= {delivery for delivery, _ in story.replies}
        wanted[story.channel] |= {story.root.id} if story.root else set()
    for channel in SEEN:
        assert Counter(map(_delivery_of, _alerts(slack, channel))) == Counter(wanted[channel])
    assert {_delivery_of(message) for message in _alerts(slack, BLIND)} <= wanted[BLIND]


def _alerts(slack: SlackStandin, channel: str) -> list[Json]:
    """What was told there of incidents; the rest is told of channels that fail."""
    return [m for m in slack.channels[channel] if "transition_id" in m["metadata"]["event_payload"]]


def _never_above_one_message_a_second(slack: StormySlack) -> None:
    """Not even of messages that Slack did not take, nor across the death of the one who sent them."""
    for channel, arrivals in slack.arrivals.items():
        assert len(arrivals) > 50
        for before, after in pairwise(arrivals):
            assert after - before >= SECOND, f"{channel} at {after}"
    assert slack.too_fast == []
    assert slack.too_soon == [], "told again before the time that Slack had named"


def _messages_of(delivery: Delivery, channel: str, slack: SlackStandin) -> list[Json]:
    return [message for message in slack.channels[channel] if _delivery_of(message) == delivery.id]


def _delivery_of(message: Json) -> int:
    return int(message["metadata"]["event_payload"]["delivery_id"])


def _open(_channel: Channel) -> Telling:
    raise AssertionError("nothing is told any more")
