"""The judges are worth something only if they can condemn."""

from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from app.channels.slack.views import snooze_view
from app.channels.wording.words import Words
from tests.channels.factory import NOW
from tests.standins.judges import CondemnedError, judge
from tests.standins.slack import SlackStandin
from tests.standins.test_slack import BUTTON, CHART, MRKDWN, ONLY_OURS, PLAIN, QUOTE, RIGHT, WRONG, text

Json = dict[str, Any]
OPTION = {"text": PLAIN, "value": "1"}
SELECT = {"type": "static_select", "action_id": "s", "placeholder": PLAIN, "options": [OPTION]}
CONFIRM = dict.fromkeys(("title", "text", "confirm", "deny"), PLAIN)


def message(*blocks: Json, **more: Any) -> Json:  # noqa: ANN401 - JSON
    return {"channel": "C0ALERTS", "text": "x", "blocks": list(blocks), **more}


def test_what_is_right_passes() -> None:
    metadata = {"event_type": "e", "event_payload": {"id": 1}}
    judge(message(*RIGHT, metadata=metadata, thread_ts="1.1", unfurl_links=False))
    judge(
        message({"type": "actions", "elements": [SELECT, {**BUTTON, "confirm": CONFIRM, "style": "danger"}]})
    )
    judge({"text": "x", "response_type": "ephemeral"})
    for language in ("en", "fr"):
        judge(snooze_view(5, "C0ALERTS", Words(language, "Europe/Paris"), now=NOW))


@pytest.mark.parametrize("blocks", WRONG, ids=lambda blocks: str(blocks)[:60])
def test_what_our_own_limits_refuse_is_condemned(blocks: list[Json]) -> None:
    with pytest.raises(CondemnedError):
        judge(message(*blocks))


@pytest.mark.parametrize("blocks", ONLY_OURS, ids=lambda blocks: str(blocks)[:60])
def test_some_of_it_no_judge_sees(blocks: list[Json]) -> None:
    judge(message(*blocks))


@pytest.mark.parametrize(
    ("block", "who"),
    [
        pytest.param({"type": "section", "fields": [text(2001)]}, "slackblocks", id="a field too long"),
        pytest.param({"type": "header", "text": MRKDWN}, "slackblocks", id="mrkdwn in a header"),
        pytest.param({**CHART, "title": ""}, "slackblocks", id="a chart without a title"),
        pytest.param({"type": "context", "elements": []}, "slack_sdk", id="an empty context"),
        pytest.param(
            {"type": "rich_text", "elements": [{**QUOTE, "elements": [{"type": "text", "text": ""}]}]},
            "slack_sdk",
            id="an empty text in a quote",
        ),
        pytest.param(
            {"type": "rich_text", "elements": [{**QUOTE, "border": 1}]},
            "slack_sdk",
            id="a quote with a border",
        ),
    ],
)
def test_each_judge_condemns_what_the_other_lets_pass(block: Json, who: str) -> None:
    with pytest.raises(CondemnedError, match=f"^{who}") as caught:
        judge(message(block))
    assert "; slack" not in str(caught.value)


@pytest.mark.parametrize(
    "element",
    [
        pytest.param({**BUTTON, "text": MRKDWN}, id="mrkdwn on a button"),
        pytest.param({**BUTTON, "value": "x" * 2001}, id="a value too long"),
        pytest.param({**BUTTON, "style": "green"}, id="a style that is none"),
        pytest.param({**BUTTON, "colour": "green"}, id="a key that is none"),
        pytest.param(
            {**BUTTON, "confirm": {**CONFIRM, "deny": text(31, "plain_text")}}, id="a deny too long"
        ),
        pytest.param({**SELECT, "options": []}, id="no options"),
        pytest.param({**SELECT, "options": [OPTION] * 101}, id="too many options"),
        pytest.param({**SELECT, "options": [{**OPTION, "value": "x" * 151}]}, id="the value of an option"),
        pytest.param({**SELECT, "placeholder": text(151, "plain_text")}, id="a placeholder too long"),
        pytest.param({"type": "datetimepicker", "action_id": "x" * 256}, id="an id too long"),
        pytest.param({"type": "jukebox", "action_id": "j"}, id="an element that is none"),
    ],
)
def test_a_wrong_element_is_condemned(element: Json) -> None:
    with pytest.raises(CondemnedError):
        judge(message({"type": "actions", "elements": [element]}))


@pytest.mark.parametrize(
    "change",
    [
        {"title": text(25, "plain_text")},
        {"submit": None},
        {"private_metadata": "x" * 3001},
        {"callback_id": "x" * 256},
        {"blocks": []},
        {"blocks": [CHART]},
        {"colour": "red"},
    ],
    ids=str,
)
def test_a_wrong_view_is_condemned(change: Json) -> None:
    view = snooze_view(5, "C0ALERTS", Words("en", "UTC"), now=NOW)
    changed = {key: value for key, value in {**view, **change}.items() if value is not None}
    with pytest.raises(CondemnedError):
        judge(changed)


@pytest.mark.parametrize(
    "more", [{"metadata": {"event_type": "e"}}, {"blocks": RIGHT * 8}], ids=["metadata", "blocks"]
)
def test_a_wrong_message_is_condemned(more: Json) -> None:
    with pytest.raises(CondemnedError):
        judge({**message(*RIGHT), **more})


def post(block: Json) -> None:
    with SlackStandin() as slack:
        client = WebClient(slack.token, base_url=slack.url, retry_handlers=[])
        with pytest.raises(SlackApiError, match="invalid_blocks"):
            client.chat_postMessage(channel="C0ALERTS", text="x", blocks=[block])
        assert slack.messages() == []


def test_a_test_in_which_our_own_limits_let_pass_what_is_condemned_fails() -> None:
    axis = {"categories": ["1", "2"], "x_label": "x" * 51}  # our own limits know no bound for it
    with pytest.raises(CondemnedError, match="x_label"):
        post({**CHART, "chart": {**CHART["chart"], "axis_config": axis}})
    post({"type": "marquee"})  # what they refuse was told to the sender
