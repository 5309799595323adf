"""Whom a Slack channel calls, and what its check says of the app and the conversation."""

import pytest

from app.channels.base import Earlier
from app.channels.pace import Pace
from app.channels.slack.transport import SlackChannel
from app.channels.slack.web import open_web
from app.errors import ChannelError
from app.models import Reason, State
from tests.channels.factory import NOW, alert, story
from tests.standins.clock import StillClock
from tests.standins.patience import HANG
from tests.standins.slack import SlackStandin


def test_the_check_says_as_whom_and_what_is_missing(channel: SlackChannel, slack: SlackStandin) -> None:
    assert channel.check(now=NOW) == (
        "Slack takes us for tocsin in Stand-in, for channel C0ALERTS; calls nobody: set on_call"
    )
    slack.scopes = ("chat:write",)
    assert "channels:history" in channel.check(now=NOW)
    slack.scopes = ("channels:history",)
    with pytest.raises(ChannelError, match="chat:write"):
        channel.check(now=NOW)


def test_the_check_sees_whether_the_conversation_is_there(channel: SlackChannel, slack: SlackStandin) -> None:
    slack.archived.add("C0ALERTS")
    with pytest.raises(ChannelError, match="is_archived") as caught:
        channel.check(now=NOW)
    assert caught.value.permanent
    slack.scopes = ("chat:write", "channels:history")
    assert "without the scope channels:read" in channel.check(now=NOW)
    slack.channels.clear()
    with pytest.raises(ChannelError, match="channel_not_found"):
        channel.check(now=NOW)


def test_an_alert_calls_who_is_on_call_and_a_repaint_and_good_news_call_nobody(
    slack: SlackStandin, clock: StillClock
) -> None:
    pace = Pace(sleep=clock.sleep, monotonic=clock.monotonic)
    web = open_web(slack.token, slack.url, timeout=HANG)
    calling = SlackChannel(web, "C0ALERTS", pace, on_call=("U0LEA", "S0COMMS"))
    root = calling.tell(alert(), Earlier(), now=NOW).external_id
    (posted,) = slack.messages()
    assert posted["text"].startswith("<@U0LEA> you are on call for this. FIRE STARTING")
    assert posted["blocks"][0]["text"]["text"] == "<@U0LEA> you are on call for this."
    for step in story()[1:]:
        calling.tell(step, Earlier(root=root), now=step.at)
    called = [m["text"].startswith("<@U0LEA>") for m in slack.messages(thread=root)]
    assert called == [bool(m.get("reply_broadcast")) for m in slack.messages(thread=root)]
    assert "U0LEA" not in str(slack.messages()[0]["blocks"])
    third = alert(reason=Reason.reminded, delivery_id=40, transition_id=40, reminders=3)
    calling.tell(third, Earlier(root=root), now=NOW)
    reminded = slack.messages(thread=root)[-1]
    assert reminded["text"].startswith("<!subteam^S0COMMS> nobody has taken this in hand for ")
    assert "calls U0LEA, S0COMMS" in calling.check(now=NOW)


def test_a_fire_that_is_over_when_it_is_told_at_last_is_a_message_that_calls_nobody(
    slack: SlackStandin, clock: StillClock
) -> None:
    pace = Pace(sleep=clock.sleep, monotonic=clock.monotonic)
    calling = SlackChannel(
        open_web(slack.token, slack.url, timeout=HANG), "C0ALERTS", pace, on_call=("U0LEA",)
    )
    over = alert(reason=Reason.went_out, state=State.out, out_at=NOW, catches_up=True)
    assert calling.tell(over, Earlier(), now=NOW).external_id
    (posted,) = slack.messages()
    assert "U0LEA" not in str(posted)
    burns = alert(
        reason=Reason.went_on, state=State.burning, catches_up=True, delivery_id=41, transition_id=41
    )
    calling.tell(burns, Earlier(), now=NOW)
    assert slack.messages()[-1]["text"].startswith("<@U0LEA>")
    in_hand = burns.model_copy(update={"acknowledged_by": "Max", "delivery_id": 42, "transition_id": 42})
    calling.tell(in_hand, Earlier(), now=NOW)
    assert "U0LEA" not in str(slack.messages()[-1]), "who stands in is told, and nobody is woken twice"
