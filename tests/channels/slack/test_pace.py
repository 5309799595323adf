"""One message a second in each channel of Slack, whoever sends it, and through restarts."""

from collections.abc import Callable
from datetime import timedelta

from app.channels.base import Earlier
from app.channels.slack.transport import SlackChannel
from tests.channels.factory import NOW, alert
from tests.standins.clock import StillClock
from tests.standins.slack import SlackStandin

Connect = Callable[..., SlackChannel]


def test_a_burst_of_thirty_alerts_keeps_the_pace_and_the_order(
    channel: SlackChannel, slack: SlackStandin, clock: StillClock
) -> None:
    for n in range(30):
        channel.tell(alert(delivery_id=n, incident_id=n), Earlier(), now=clock.at)
    assert [m["metadata"]["event_payload"]["delivery_id"] for m in slack.messages()] == list(range(30))
    assert len(slack.requests) == 30  # not one of them was a 429
    assert clock.at - NOW == timedelta(seconds=30)


def test_after_a_restart_the_last_message_of_the_life_before_counts(
    connect: Connect, slack: SlackStandin
) -> None:
    connect().tell(alert(), Earlier(), now=NOW)
    connect().tell(alert(delivery_id=32, incident_id=6, story_id=6), Earlier(), now=NOW)
    assert len(slack.calls("chat.postMessage")) == 2, "none was refused"


def test_who_took_a_second_to_start_waits_no_longer(connect: Connect, clock: StillClock) -> None:
    opened = connect()
    clock.sleep(1)
    begun = clock.at
    opened.tell(alert(), Earlier(), now=NOW)
    assert clock.at == begun
