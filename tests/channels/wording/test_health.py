"""A source that goes deaf, and is heard again: said in both languages, in each channel in its own way."""

import io
import json
from datetime import timedelta

import httpx
import pytest
from rich.console import Console

from app.channels.base import Earlier
from app.channels.document import plain
from app.channels.notices import ClockJump, News, Outage
from app.channels.slack.mrkdwn import mrkdwn
from app.channels.slack.transport import SlackChannel
from app.channels.terminal import TerminalChannel
from app.channels.webhook import Envelope, WebhookChannel
from app.channels.wording.health import told
from tests.channels.factory import NOW
from tests.standins.slack import SlackStandin

WHY = "https://press.example/feed refuses us (403). Check the secret of the source."


def news(**given: object) -> News:
    made = {
        "notice_id": 7, "delivery_id": 9, "source_id": 3, "source": "La Presse", "kind": "rss",
        "health": "down", "at": NOW, "since": NOW - timedelta(minutes=40), "why": WHY, "language": "en",
        "time_zone": "Europe/Paris",
    }  # fmt: skip
    return News.model_validate(made | given)


def jump(seconds: int, **given: object) -> ClockJump:
    made = {
        "notice_id": 7, "delivery_id": 9, "seconds": seconds, "at": NOW, "since": NOW, "language": "en",
        "time_zone": "Europe/Paris",
    }  # fmt: skip
    return ClockJump.model_validate(made | given)


@pytest.mark.parametrize(
    ("health", "language", "words"),
    [
        pytest.param("down", "en", "La Presse cannot be heard since", id="down"),
        pytest.param("degraded", "en", "La Presse is heard only in part since", id="degraded"),
        pytest.param("ok", "en", "La Presse is heard again, after 40 min.", id="mended"),
        pytest.param("down", "fr", "On n’entend plus La Presse depuis", id="down, French"),
        pytest.param(
            "degraded", "fr", "On n’entend plus La Presse qu’en partie depuis", id="degraded, French"
        ),
        pytest.param("ok", "fr", "On entend de nouveau La Presse, après 40 min.", id="mended, French"),
    ],
)
def test_it_is_said_in_one_or_two_sentences(health: str, language: str, words: str) -> None:
    text = plain(told(news(health=health, language=language))).replace("\xa0", " ").replace("\u202f", " ")
    assert text.startswith(words)
    assert (WHY in text) == (health != "ok" and language == "en")
    assert ("nous refuse l’accès (403)" in text) == (health != "ok" and language == "fr")
    odd = plain(told(news(health=health, language=language, why="odd enough")))
    assert ("en anglais" in odd) == (health != "ok" and language == "fr")


@pytest.mark.parametrize(
    ("seconds", "language", "words"),
    [
        pytest.param(-86_100, "en", "Tocsin's clock was set back by 23 h 55 min.", id="back"),
        pytest.param(28_800, "en", "Tocsin did not listen for 8 h, until 10:30 CET:", id="asleep"),
        pytest.param(-3_600, "fr", "L’horloge de Tocsin a été retardée de 1 h.", id="back, French"),
        pytest.param(
            28_800, "fr", "Tocsin n’a rien écouté pendant 8 h, jusqu’à 10:30 CET :", id="asleep, French"
        ),
    ],
)
def test_a_jump_of_the_clock_is_said_with_what_follows(seconds: int, language: str, words: str) -> None:
    text = plain(told(jump(seconds, language=language))).replace("\xa0", " ").replace("\u202f", " ")
    assert text.startswith(words)


def outage(**given: object) -> Outage:
    made = {
        "notice_id": 7, "delivery_id": 9, "channel_id": 2, "channel": "comms", "kind": "slack",
        "works": False, "at": NOW, "since": NOW - timedelta(minutes=40), "why": "the token was revoked",
        "language": "en", "time_zone": "Europe/Paris",
    }  # fmt: skip
    return Outage.model_validate(made | given)


@pytest.mark.parametrize(
    ("given", "first", "last"),
    [
        pytest.param({}, "“comms” cannot be told since", "No channel stands in for it: what", id="alone"),
        pytest.param({"stands_in": True}, "“comms” cannot be told since", "told here meanwhile.", id="heir"),
        pytest.param({"works": True}, "“comms” can be told again, after 40 min.", "What waited", id="mended"),
        pytest.param({"language": "fr"}, "« comms » ne répond plus depuis", "Aucun canal ne", id="French"),
        pytest.param(
            {"works": True, "language": "fr"}, "« comms » répond de nouveau, après 40 min.", "attendait",
            id="mended, French",
        ),
    ],
)  # fmt: skip
def test_a_channel_that_fails_is_told_of_with_what_follows(
    given: dict[str, object], first: str, last: str
) -> None:
    text = plain(told(outage(**given))).replace("\xa0", " ").replace("\u202f", " ")
    assert text.startswith(first)
    assert last in text
    assert ("the token was revoked." in text) == ("works" not in given)


def test_a_webhook_gets_a_jump_as_data() -> None:
    got: list[httpx.Request] = []

    def receive(request: httpx.Request) -> httpx.Response:
        got.append(request)
        return httpx.Response(200)

    hook = WebhookChannel("https://x.example/hook", "s", httpx.Client(transport=httpx.MockTransport(receive)))
    hook.say(jump(-3_600), Earlier(), now=NOW)
    envelope = Envelope.model_validate(json.loads(got[0].content))
    assert (envelope.type, envelope.source, envelope.clock) == ("clock", None, jump(-3_600))


def test_a_name_that_plays_tricks_is_harmless() -> None:
    text = mrkdwn(told(news(source="<!channel> *x* \u202e", why="<https://evil.example|click>")))
    assert "<!channel>" not in text
    assert "<https://evil" not in text


def test_slack_gets_a_message_of_its_own(channel: SlackChannel, slack: SlackStandin) -> None:
    channel.say(news(), Earlier(), now=NOW)
    (message,) = slack.messages("C0ALERTS")
    assert "*La Presse cannot be heard*" in message["text"]
    assert "thread_ts" not in message


def test_a_webhook_gets_the_news_as_data_with_the_same_key_each_time() -> None:
    got: list[httpx.Request] = []

    def receive(request: httpx.Request) -> httpx.Response:
        got.append(request)
        return httpx.Response(200)

    hook = WebhookChannel("https://x.example/hook", "s", httpx.Client(transport=httpx.MockTransport(receive)))
    hook.say(news(), Earlier(), now=NOW)
    hook.say(news(), Earlier(), now=NOW)
    envelope = Envelope.model_validate(json.loads(got[0].content))
    assert (envelope.type, envelope.alert, envelope.source) == ("source", None, news())
    assert len({request.headers["Idempotency-Key"] for request in got}) == 1


def test_a_terminal_prints_a_line() -> None:
    screen = io.StringIO()
    TerminalChannel(Console(file=screen, width=300)).say(news(), Earlier(), now=NOW)
    assert screen.getvalue().startswith("La Presse cannot be heard since")
