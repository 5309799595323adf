"""The stand-in is worth something only if it refuses what Slack refuses."""

import copy
from datetime import UTC, datetime
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from tests.standins.clock import StillClock
from tests.standins.slack import SlackStandin
from tests.standins.slack_limits import refusals

PLAIN = {"type": "plain_text", "text": "x", "emoji": False}
MRKDWN = {"type": "mrkdwn", "text": "x", "verbatim": True}
CHART: dict[str, Any] = {
    "type": "data_visualization",
    "title": "t",
    "chart": {
        "type": "line",
        "series": [{"name": "a", "data": [{"label": "1", "value": 1}, {"label": "2", "value": 2.5}]}],
        "axis_config": {"categories": ["1", "2"]},
    },
}
QUOTE = {"type": "rich_text_quote", "elements": [{"type": "text", "text": "x"}]}
BUTTON = {"type": "button", "action_id": "a", "text": PLAIN}
RIGHT: list[dict[str, Any]] = [
    {"type": "header", "text": PLAIN},
    {"type": "section", "text": MRKDWN, "fields": [PLAIN] * 10},
    {"type": "context", "elements": [MRKDWN] * 10},
    {"type": "rich_text", "elements": [QUOTE]},
    {"type": "divider"},
    {"type": "actions", "elements": [BUTTON]},
    CHART,
]


def chart(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    changed = copy.deepcopy(CHART)
    changed["chart"].update(changes)
    return changed


def text(length: int, kind: str = "mrkdwn") -> dict[str, str]:
    return {"type": kind, "text": "x" * length}


WRONG: list[list[dict[str, Any]]] = [
    [{"type": "header", "text": MRKDWN}],
    [{"type": "header", "text": text(151, "plain_text")}],
    [{"type": "header", "text": text(0, "plain_text")}],
    [{"type": "header", "text": PLAIN, "colour": "red"}],
    [{"type": "section"}],
    [{"type": "section", "text": text(3001)}],
    [{"type": "section", "fields": [PLAIN] * 11}],
    [{"type": "section", "fields": [text(2001)]}],
    [{"type": "section", "text": {**MRKDWN, "emoji": True}}],
    [{"type": "context", "elements": []}],
    [{"type": "context", "elements": [MRKDWN] * 11}],
    [{"type": "context", "elements": [BUTTON]}],
    [{"type": "rich_text", "elements": []}],
    [{"type": "rich_text", "elements": [{**QUOTE, "elements": [{"type": "text", "text": ""}]}]}],
    [{"type": "actions", "elements": [{**BUTTON, "text": text(76, "plain_text")}]}],
    [{"type": "marquee"}],
    [{"type": "divider"}] * 51,
    [CHART] * 3,
    [{**CHART, "title": "x" * 51}],
    [chart(type="donut")],
    [chart(series=[])],
    [chart(axis_config={"categories": ["1", "1"]})],
    [chart(series=[{"name": "x" * 21, "data": CHART["chart"]["series"][0]["data"]}])],
    [chart(series=[{"name": "a", "data": [{"label": "1", "value": None}, {"label": "2", "value": 1}]}])],
    [chart(colors=["red"])],
]
# Neither judge sees these: that they are refused rests on our own limits alone.
ONLY_OURS: list[list[dict[str, Any]]] = [
    [{"type": "rich_text", "elements": [{"type": "rich_text_quote", "elements": []}]}],
    [{"type": "rich_text", "elements": [{**QUOTE, "elements": [{"type": "link", "url": "javascript:x"}]}]}],
    [{"type": "actions", "elements": [BUTTON, BUTTON]}],
    [{"type": "divider", "block_id": "a"}] * 2,
    [chart(axis_config={"categories": ["2", "1"]})],
]


def test_what_is_right_is_taken() -> None:
    assert refusals(RIGHT) == []


@pytest.mark.parametrize("blocks", [*WRONG, *ONLY_OURS], ids=lambda blocks: str(blocks)[:60])
def test_what_is_wrong_is_refused_with_its_place(blocks: list[dict[str, Any]]) -> None:
    assert all("[json-pointer:/blocks" in line for line in refusals(blocks))
    assert refusals(blocks)


def test_a_second_message_in_the_same_second_is_refused_and_a_second_later_taken() -> None:
    clock = StillClock(datetime(2026, 11, 22, tzinfo=UTC))
    with SlackStandin(now=clock.now) as slack:
        client = WebClient(slack.token, base_url=slack.url, retry_handlers=[])
        client.chat_postMessage(channel="C0ALERTS", text="one")
        with pytest.raises(SlackApiError) as caught:
            client.chat_postMessage(channel="C0ALERTS", text="two")
        assert caught.value.response.status_code == 429
        assert caught.value.response.headers["Retry-After"] == "1"
        clock.sleep(1)
        client.chat_postMessage(channel="C0ALERTS", text="two")
        assert [message["text"] for message in slack.messages()] == ["one", "two"]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"channel": "C0NONE", "text": "x"}, "channel_not_found"),
        ({"channel": "C0ALERTS", "text": " "}, "no_text"),
        ({"channel": "C0ALERTS", "text": "x", "thread_ts": "1.1"}, "thread_not_found"),
        ({"channel": "C0ALERTS", "text": "x", "link_names": True}, "invalid_arguments"),
        ({"channel": "C0ALERTS", "text": "x" * 40_001}, "msg_too_long"),
        ({"channel": "C0ALERTS", "text": "x", "metadata": {"event_type": "e"}}, "invalid_metadata_format"),
        (
            {"channel": "C0ALERTS", "text": "x", "blocks": [{"type": "section", "text": text(2900)}] * 5},
            "msg_blocks_too_long",
        ),
    ],
)
def test_a_message_that_slack_refuses_is_refused_with_its_word(arguments: dict[str, Any], error: str) -> None:
    with SlackStandin() as slack:
        client = WebClient(slack.token, base_url=slack.url, retry_handlers=[])
        with pytest.raises(SlackApiError) as caught:
            client.api_call("chat.postMessage", json=arguments)
        assert caught.value.response["error"] == error
        with pytest.raises(SlackApiError, match="invalid_auth"):
            WebClient("xoxb-other", base_url=slack.url, retry_handlers=[]).auth_test()
