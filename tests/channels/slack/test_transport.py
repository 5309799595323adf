"""Posting to Slack, with slack_sdk's own client, on a Slack that fails in each of its ways."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from app.channels.base import Alert, Earlier, Refused, Sent
from app.channels.slack.transport import SlackChannel
from app.errors import ChannelError
from app.models import Reason, State
from tests.channels.factory import NOW, alert, story
from tests.standins.clock import StillClock
from tests.standins.patience import HANG
from tests.standins.slack import SlackStandin
from tests.standins.slack_failures import (
    CUT,
    TAKEN_THEN_CUT,
    TAKEN_THEN_SILENT,
    Failure,
    http,
    limited,
    says,
)

AGAIN = Earlier(attempts=1, attempted_at=NOW)
GREW = alert(reason=Reason.grew, delivery_id=32, transition_id=18, level=1)
OUT = alert(reason=Reason.went_out, delivery_id=33, state=State.out, out_at=NOW + timedelta(hours=3))
Connect = Callable[..., SlackChannel]


def tell_until_told(channel: SlackChannel, shown: Alert) -> Sent:
    """Try as the queue does: again after each error that trying again can help."""
    for attempt in range(5):
        with suppress(ChannelError):
            return channel.tell(
                shown, Earlier(attempts=attempt, attempted_at=NOW if attempt else None), now=NOW
            )
    raise AssertionError("never told")


def test_a_fire_is_one_message_with_its_news_in_the_thread(
    channel: SlackChannel, slack: SlackStandin
) -> None:
    root = None
    for step in story():
        sent = channel.tell(step, Earlier(root=root), now=step.at)
        root = root or sent.external_id
    [message] = slack.messages()
    assert message["ts"] == root
    assert message["edits"] == 7
    assert message["blocks"][0]["text"]["text"].startswith("OUT · Nimbus")
    replies = slack.messages(thread=root)
    assert [bool(reply.get("reply_broadcast")) for reply in replies] == [True, False, True, False]
    assert [reply["metadata"]["event_payload"]["transition_id"] for reply in replies] == [19, 21, 22, 23]


def test_what_was_sent_is_handed_back_word_for_word(channel: SlackChannel, slack: SlackStandin) -> None:
    sent = channel.tell(alert(), Earlier(), now=NOW)
    assert [call["method"] for call in sent.calls] == ["chat.postMessage"]
    assert sent.calls[0]["payload"] == slack.calls("chat.postMessage")[0]
    assert slack.token not in str(sent)


def test_a_story_that_burns_again_goes_on_in_its_thread(channel: SlackChannel, slack: SlackStandin) -> None:
    root = channel.tell(alert(), Earlier(), now=NOW).external_id
    channel.tell(alert(delivery_id=90, incident_id=6, story_id=5), Earlier(root=root), now=NOW)
    assert len(slack.messages()) == 1
    [reply] = slack.messages(thread=root)
    assert reply["reply_broadcast"] is True
    assert "burns again" in reply["text"]


def test_nobody_hears_of_the_end_of_a_fire_that_was_not_told(
    channel: SlackChannel, slack: SlackStandin
) -> None:
    assert channel.tell(OUT, Earlier(), now=NOW) == Sent(None)
    assert slack.requests == []


def test_a_429_says_how_long_to_wait_and_ends_in_one_message(
    channel: SlackChannel, slack: SlackStandin
) -> None:
    slack.fail(limited(1))
    with pytest.raises(ChannelError) as caught:
        channel.tell(alert(), Earlier(), now=NOW)
    assert caught.value.retry_after == timedelta(seconds=1)
    assert not caught.value.ambiguous
    tell_until_told(channel, alert())
    assert len(slack.messages()) == 1


@pytest.mark.parametrize(
    "failure",
    [
        TAKEN_THEN_CUT,
        TAKEN_THEN_SILENT,
        http(502, taken=True),
        says("internal_error", taken=True),
        http(200, taken=True),
    ],
    ids=["cut", "silent", "html 502", "internal_error", "html 200"],
)
@pytest.mark.parametrize("shown", [alert(), GREW, OUT], ids=["root", "broadcast", "reply"])
def test_a_message_that_was_taken_without_an_answer_is_found_and_not_sent_twice(
    connect: Connect, slack: SlackStandin, shown: Alert, failure: Failure
) -> None:
    earlier = Earlier()
    if shown.reason is not Reason.ignited:
        earlier = Earlier(root=connect().tell(alert(), Earlier(), now=NOW).external_id)
    slack._last.clear()
    slack.fail(failure)
    with pytest.raises(ChannelError) as caught:
        connect(patience=1 if failure.silent else HANG).tell(shown, earlier, now=NOW)
    assert caught.value.ambiguous
    assert not caught.value.permanent
    slack.settle()  # a busy machine may take it up only after the sender has hung up
    sent = connect().tell(shown, replace(AGAIN, root=earlier.root), now=NOW)  # as after a restart
    assert sent.recognised
    found = [
        m
        for m in slack.channels["C0ALERTS"]
        if m["metadata"]["event_payload"]["delivery_id"] == shown.delivery_id
    ]
    assert [m["ts"] for m in found] == [sent.external_id]


@pytest.mark.parametrize("failure", [CUT, http(502), http(503), says("fatal_error"), http(200)])
def test_a_message_that_was_lost_is_sent_again_after_two_looks(
    channel: SlackChannel, slack: SlackStandin, clock: StillClock, failure: Failure
) -> None:
    slack.fail(failure)
    with pytest.raises(ChannelError) as caught:
        channel.tell(alert(), Earlier(), now=NOW)
    assert caught.value.ambiguous
    before = clock.at
    sent = channel.tell(alert(), AGAIN, now=NOW)
    assert not sent.recognised
    assert len(slack.messages()) == 1
    looks = slack.calls("conversations.history")
    assert len(looks) == 2
    assert clock.at - before >= timedelta(seconds=2)
    assert float(looks[0]["oldest"]) == NOW.timestamp() - 5


def test_the_look_goes_through_all_pages(
    channel: SlackChannel, connect: Connect, slack: SlackStandin
) -> None:
    slack.fail(TAKEN_THEN_CUT)
    with pytest.raises(ChannelError):
        channel.tell(alert(), Earlier(), now=NOW)
    chatter = [
        {"type": "message", "ts": f"{int(NOW.timestamp()) + 9}.{n:06d}", "text": "so?"} for n in range(250)
    ]
    slack.channels["C0ALERTS"].extend(chatter)
    assert connect().tell(alert(), AGAIN, now=NOW).recognised


def test_a_look_that_fails_sends_nothing(channel: SlackChannel, slack: SlackStandin) -> None:
    slack.fail(http(503), method="conversations.history")
    with pytest.raises(ChannelError) as caught:
        channel.tell(alert(), AGAIN, now=NOW)
    assert caught.value.ambiguous
    assert slack.messages() == []


def test_no_look_where_it_is_known_that_nothing_arrived(channel: SlackChannel, slack: SlackStandin) -> None:
    channel.tell(alert(), replace(AGAIN, ambiguous=False), now=NOW)
    assert slack.calls("conversations.history") == []


@pytest.mark.parametrize(("shown", "comes"), [(GREW, 1), (OUT, 0)], ids=["an escalation", "the end"])
def test_without_the_history_scope_an_alert_rather_comes_twice_and_its_end_rather_not_at_all(
    connect: Connect, slack: SlackStandin, shown: Alert, comes: int
) -> None:
    root = connect().tell(alert(), Earlier(), now=NOW).external_id
    slack._last.clear()
    slack.scopes = ("chat:write",)
    channel = connect()
    channel.tell(shown, replace(AGAIN, root=root), now=NOW)
    assert len(slack.messages(thread=root)) == comes
    assert slack.messages()[0]["edits"] == 1  # the root message tells it in any case
    channel.tell(alert(delivery_id=99), AGAIN, now=NOW)
    assert len(slack.messages()) == 2


def test_a_slack_that_is_down_loses_nothing(channel: SlackChannel, slack: SlackStandin) -> None:
    slack.kill()
    with pytest.raises(ChannelError) as caught:
        channel.tell(alert(), Earlier(), now=NOW)
    assert (caught.value.permanent, caught.value.ambiguous) == (False, False)
    slack.revive()
    tell_until_told(channel, alert())
    assert len(slack.messages()) == 1


def test_a_wrong_channel_is_said_at_once_with_what_to_do(connect: Connect, slack: SlackStandin) -> None:
    with pytest.raises(ChannelError, match=r"channel_not_found for C0OTHER: .*invite") as caught:
        connect(channel="C0OTHER").tell(alert(), Earlier(), now=NOW)
    assert caught.value.permanent
    assert not isinstance(caught.value, Refused)
    assert len(slack.requests) == 1


def test_a_revoked_token_stops_and_a_new_one_goes_on(connect: Connect, slack: SlackStandin) -> None:
    old = slack.token
    slack.fail(says("token_revoked"))
    with pytest.raises(ChannelError, match="token_revoked") as caught:
        connect(old).tell(alert(), Earlier(), now=NOW)
    assert caught.value.permanent
    slack.token = "xoxb-standin-2"
    assert connect("xoxb-standin-2").tell(alert(), AGAIN, now=NOW).external_id
    assert len(slack.messages()) == 1


def test_refused_blocks_go_once_more_as_text_only(channel: SlackChannel, slack: SlackStandin) -> None:
    slack.fail(says("invalid_blocks", errors=["[ERROR] no [json-pointer:/blocks/1/text]"]))
    sent = channel.tell(alert(), Earlier(), now=NOW)
    [message] = slack.messages()
    assert "blocks" not in message
    assert "253 mentions" in message["text"]
    assert [set(call["payload"]) & {"blocks", "metadata"} for call in sent.calls] == [set()]


def test_a_refused_chart_is_left_out_and_the_rest_stays(channel: SlackChannel, slack: SlackStandin) -> None:
    slack.fail(
        says("invalid_blocks", response_metadata={"messages": ["[ERROR] no [json-pointer:/blocks/4/chart]"]})
    )
    channel.tell(alert(), Earlier(), now=NOW)
    [message] = slack.messages()
    kinds = [block["type"] for block in message["blocks"]]
    assert "data_visualization" not in kinds
    assert "rich_text" in kinds
    assert message["metadata"]["event_payload"]["delivery_id"] == 31


@pytest.mark.parametrize("error", ["invalid_blocks", "msg_too_long", "a_code_of_tomorrow"])
def test_what_is_refused_even_as_text_is_dead_but_the_channel_is_not(
    channel: SlackChannel, slack: SlackStandin, error: str
) -> None:
    slack.fail(says(error), times=9)
    with pytest.raises(Refused, match=error):
        channel.tell(alert(), Earlier(), now=NOW)
    assert len(slack.requests) == 2


def test_a_refused_repaint_clears_the_old_blocks(channel: SlackChannel, slack: SlackStandin) -> None:
    root = channel.tell(alert(), Earlier(), now=NOW).external_id
    slack.fail(says("invalid_blocks"), method="chat.update")
    channel.tell(alert(reason=Reason.acknowledged, delivery_id=32), Earlier(root=root), now=NOW)
    assert slack.messages()[0]["blocks"] == []


def test_news_of_a_story_whose_message_was_deleted_come_as_a_message(
    channel: SlackChannel, slack: SlackStandin
) -> None:
    channel.tell(GREW, Earlier(root="1700000000.000001"), now=NOW)
    [message] = slack.messages()
    assert message["blocks"][0]["text"]["text"].startswith("FIRE · Nimbus")
    channel.tell(alert(reason=Reason.acknowledged), Earlier(root="1700000000.000001"), now=NOW)
    assert len(slack.messages()) == 1


@pytest.mark.parametrize("error", ["token_revoked", "channel_not_found"])
def test_what_may_have_arrived_is_not_given_up_while_the_channel_is_to_be_mended(
    channel: SlackChannel, slack: SlackStandin, error: str
) -> None:
    root = channel.tell(alert(), Earlier(), now=NOW).external_id
    slack.fail(says(error), method="conversations.replies")
    with pytest.raises(ChannelError) as caught:
        channel.tell(OUT, replace(AGAIN, root=root), now=NOW)
    assert caught.value.permanent
    assert slack.messages(thread=root) == []
    assert channel.tell(OUT, replace(AGAIN, root=root), now=NOW).external_id
    assert len(slack.messages(thread=root)) == 1
