"""Every payload against the stand-in's limits, and judges that are no part of this project."""

import json
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.channels.base import Alert
from app.channels.facts import Point
from app.channels.slack.blocks import ROOM, reply, root, weight, without_chart
from app.models import Reason, State
from tests.channels.factory import NOW, alert, points, sample, story
from tests.standins.judges import judge
from tests.standins.slack_limits import refusals

LIVE = ("<!channel>", "<!here>", "<@U123>", "<#C123>", "<!subteam^S1>", "<http://evil.example|click>")
HOSTILE = (
    "<!channel> <!here> <@U123> <#C123> <!subteam^S1> <http://evil.example|click>",
    "@here @channel #general https://evil.example",
    "&lt;!channel&gt; &amp;amp;",
    "\u202egnp.exe \u2066isolated\u2069 \u200b\u200b\u200bhidden\u200d\u200d",
    "👩‍👩‍👧‍👦" * 60,
    "a" * 10_000,
    "``` </script> <b>bold</b> {watch} {0} %s ' \" \\",
    "[red]not red[/red] [link=file:///etc/passwd]x[/link]",
    "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x00\x08",
    "مرحبا بالعالم شركة نيمبوس سيئة جدا",
    "*bold* _it_ ~no~ `code` > quote",
)


def texts(part: object) -> list[str]:
    if isinstance(part, dict):
        return [text for value in part.values() for text in texts(value)]
    if isinstance(part, list):
        return [text for value in part for text in texts(value)]
    return [part] if isinstance(part, str) else []


def live(part: object) -> list[str]:
    """The texts that Slack parses: `text` of the message, and mrkdwn."""
    if isinstance(part, dict):
        own = (
            [part["text"]]
            if part.get("type", "mrkdwn") == "mrkdwn" and isinstance(part.get("text"), str)
            else []
        )
        return own + [text for value in part.values() for text in live(value)]
    return [text for value in part for text in live(value)] if isinstance(part, list) else []


def messages(shown: Alert) -> list[dict[str, Any]]:
    return [root(shown), root(shown, acts=True), reply(shown)]


def assert_fits(message: dict[str, Any]) -> None:
    assert refusals(message["blocks"]) == []
    assert len(message["blocks"]) <= 12
    assert weight(message) <= ROOM
    assert 0 < len(message["text"]) <= 4000
    judge(message)
    json.dumps(message).encode()


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("step", range(8))
def test_every_message_of_a_story_is_one_that_slack_takes(language: str, step: int) -> None:
    for message in messages(story(language)[step]):
        assert_fits(message)


def test_whatever_is_told_there_is_a_message(subtests: pytest.Subtests) -> None:
    verdicts = [None, "fire", "false_alarm", "planned", "{unheard} of"]
    for reason, state, verdict in product(Reason, State, verdicts):
        with subtests.test(reason=reason, state=state, verdict=verdict):
            shown = alert(reason=reason, state=state, verdict=verdict, out_at=NOW, burning_at=None)
            for message in messages(shown):
                assert_fits(message)


def test_what_decides_comes_first_and_then_why() -> None:
    shown = alert(acknowledged_by="Léa", acknowledged_at=NOW)
    blocks = root(shown, acts=True)["blocks"]
    assert [block["type"] for block in blocks] == [
        "header", "section", "context", "section", "actions", "rich_text", "data_visualization", "rich_text",
        "actions", "context",
    ]  # fmt: skip
    first = " ".join(text for block in blocks[:4] for text in words_in(block))
    assert len(first.split()) < 100, "ten seconds of reading"
    assert "Léa" in first


def words_in(part: object) -> list[str]:
    """The texts of a block."""
    if isinstance(part, dict):
        return [t for key, value in part.items() if key != "type" for t in words_in(value)]
    if isinstance(part, list):
        return [t for value in part for t in words_in(value)]
    return [part] if isinstance(part, str) else []


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_stays_text_wherever_it_stands(hostile: str) -> None:
    shown = alert(
        watch=hostile[:120], objective=hostile, by=hostile, note=hostile, reason=Reason.judged,
        verdict="fire",
        acknowledged_by=hostile, acknowledged_at=NOW, link="https://tocsin.example/<!channel>|x",
        facts={
            "samples": (sample(author=hostile, text=hostile, title=hostile, source=hostile, url=hostile),),
            "loudest": {"name": hostile, "mentions": 3},
            "sources": ({"name": hostile, "mentions": 9}, {"name": hostile, "mentions": 1}),
            "new_words": (hostile,) * 20, "planned": (hostile,) * 5, "deaf": (hostile,) * 5,
        },
    )  # fmt: skip
    for message in messages(shown):
        assert_fits(message)
        for text in live(message):
            assert not any(token in text for token in LIVE)
            assert "@here" not in text
            assert "#general" not in text
        for text in texts(message):
            assert not set(text) & set("\x1b\x00\x07\x08\u202e\u2066\u200b")
    quote = [e for b in root(shown)["blocks"] if b["type"] == "rich_text" for e in b["elements"]][1]
    assert len(quote["elements"][0]["text"]) <= 400


@given(st.text(max_size=60), st.text(max_size=700), st.sampled_from(["en", "fr"]))
@settings(max_examples=60)
def test_any_text_at_all_makes_a_message_that_slack_takes(name: str, post: str, language: str) -> None:
    shown = alert(
        watch=name, objective=post, language=language, note=post, reason=Reason.closed, by=name,
        facts={"samples": (sample(text=post, author=name, source=name, url=post),), "new_words": (name,)},
    )  # fmt: skip
    for message in messages(shown):
        assert_fits(message)


def test_a_quote_is_literal_and_not_escaped() -> None:
    shown = alert(facts={"samples": (sample(text="<!channel> & <b>"),)})
    *_, block = [block for block in root(shown)["blocks"] if block["type"] == "rich_text"]
    assert block["elements"][1] == {
        "type": "rich_text_quote",
        "elements": [{"type": "text", "text": "<!channel> & <b>"}],
    }


def longest() -> Alert:
    name = "Société Générale d’Électricité et de Gaz & Fils <Europe> " * 2
    post = "Ça fait trois semaines & rien <!channel> 👩‍👩‍👧‍👦 " * 300
    return alert(
        watch=name[:120], objective=name * 5, note=post, acknowledged_by=name, acknowledged_at=NOW,
        language="fr",
        snoozed_until=NOW + timedelta(days=3), time_zone="America/Argentina/ComodRivadavia", level=12,
        facts={
            "observed": 1_234_567.0, "mentions": 12_345_678, "authors": 9_999_999, "amplified": 8_888_888,
            "samples": (sample(text=post, title=post, author=name, source=name, alike=123_456),) * 9,
            "sources": tuple({"name": name, "mentions": n} for n in range(40, 0, -1)),
            "new_words": (name,) * 40, "deaf": (name,) * 40, "planned": (name,) * 40,
            "advice_because": ("many_authors", "several_sources", "growing", "large", "negative"),
            "points": points() * 3,
        },
    )  # fmt: skip


def test_the_longest_alert_fits() -> None:
    for message in messages(longest()):
        assert_fits(message)
    assert [b["type"] for b in root(longest())["blocks"]].count("data_visualization") == 1


def test_what_does_not_fit_goes_in_order_texts_then_posts_then_chart_then_blocks() -> None:
    def kept(room: int) -> tuple[int, int, bool]:
        message = root(longest(), room=room)
        assert weight(message) <= room
        elements = [e for b in message.get("blocks", []) if b["type"] == "rich_text" for e in b["elements"]]
        quotes = [e["elements"][0]["text"] for e in elements if e["type"] == "rich_text_quote"]
        charts = [b for b in message.get("blocks", []) if b["type"] == "data_visualization"]
        return len(quotes), max(map(len, quotes), default=0) // 150, bool(charts)

    sizes = [kept(room) for room in range(ROOM, 900, -150)]
    assert list(dict.fromkeys(sizes)) == [
        (5, 2, True),
        (5, 0, True),
        (1, 0, True),
        (1, 0, False),
        (0, 0, False),
    ]


def test_a_point_that_was_not_observed_is_left_out_and_said_and_never_zero() -> None:
    message = root(alert())
    [chart] = [block for block in message["blocks"] if block["type"] == "data_visualization"]
    observed = [point["value"] for point in chart["chart"]["series"][0]["data"]]
    assert observed == [p.observed for p in points() if p.observed is not None]
    assert any("1 point of the chart could not be heard" in text for text in texts(message))
    assert "data_visualization" not in str(without_chart(message))


def test_the_hour_that_a_change_of_clock_repeats_has_two_labels() -> None:
    start = NOW.replace(month=10, day=25, hour=0, minute=0)  # 02:00 comes twice in Paris
    hours = tuple(
        Point(at=start + timedelta(minutes=15) * n, observed=n, expected=1, high=2) for n in range(12)
    )
    assert_fits(root(alert(facts={"points": hours})))


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_points_make_no_chart(count: int) -> None:
    message = root(alert(facts={"points": points()[:count], "samples": ()}))
    assert_fits(message)
    assert "data_visualization" not in str(message)


def test_where_nothing_is_usual_the_headline_says_the_number_and_not_a_ratio() -> None:
    message = root(alert(facts={"expected": 0.0, "low": 0, "high": 1}))
    assert message["blocks"][0]["text"]["text"] == (
        "FIRE STARTING · Nimbus · “aucun remboursement”, “trois semaines” · 253 mentions in an hour"
    )


def test_what_could_not_be_heard_is_said() -> None:
    assert "*Could not be heard:* Le Fil RSS and Forum." in str(
        root(alert(facts={"deaf": ("Le Fil RSS", "Forum")}))
    )


def test_the_end_says_how_long_how_high_and_how_early() -> None:
    said = reply(story()[6])["blocks"][0]["text"]["text"]
    assert said.startswith("*Out* after 7 h 35 min (")
    assert "2,210 mentions in all, by 187 authors; the peak was 612 an hour" in said
    assert "The alert came 35 min after the start and 1 h 30 min before the peak." in said
    assert said.endswith("Léa took it 6 min later.")
