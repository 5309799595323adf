"""One document for all channels: each draws it in its own format, and none reads what it says."""

import io
from collections.abc import Callable
from datetime import timedelta
from html import escape

import pytest
from rich.console import Console

from app.channels.base import Alert
from app.channels.document import Document, Instant, Link, Number, Run, embolden, join, plain
from app.channels.email.html import page
from app.channels.email.text import text_of
from app.channels.slack.blocks import draw
from app.channels.slack.mrkdwn import escape as slack_escape
from app.channels.slack.mrkdwn import mrkdwn
from app.channels.terminal import render
from app.channels.wording.documents import reply, root
from app.channels.wording.words import Words
from app.models import Reason
from tests.channels.factory import NOW, alert, sample, story
from tests.channels.slack.test_blocks import live

SIGNS = "*b* <https://evil.example|c> <!date^0^{time}|d> &lt;e&gt; {n} `f`"


def everywhere(signs: str) -> Alert:
    """An alert in which strangers and colleagues wrote the signs wherever they could."""
    return alert(
        watch=signs, objective=signs, by=signs, note=signs, reason=Reason.judged, verdict="fire",
        acknowledged_by=signs, acknowledged_at=NOW, instead_of=signs,
        facts={
            "samples": (sample(author=signs, text=signs, title="", source=signs),),
            "sources": ({"name": signs, "mentions": 9}, {"name": signs, "mentions": 1}),
            "loudest": {"name": signs, "mentions": 3}, "planned": (signs,), "deaf": (signs,), "topics": (),
            "new_words": (signs,),
        },
    )  # fmt: skip


def on_screen(document: Document) -> str:
    file = io.StringIO()
    Console(file=file, width=4000, force_terminal=True, color_system="truecolor").print(
        render(document, threaded=True)
    )
    return file.getvalue()


def test_what_people_wrote_is_shown_sign_by_sign() -> None:
    document = root(everywhere(SIGNS))
    html, text, screen = page(document, "en"), text_of(document), on_screen(document)
    shown = text.count(SIGNS)
    assert shown >= 9
    assert html.count(escape(SIGNS)) == screen.count(SIGNS) == shown
    assert "<strong>b</strong>" not in html
    assert "\x1b[1mb\x1b[0m" not in screen
    assert 'href="https://evil' not in html
    for sentence in live(draw(document)):
        assert "<https://evil" not in sentence
        assert "<!date^0" not in sentence


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("make", [root, reply])
def test_nothing_of_slack_is_in_a_mail_or_on_the_terminal(
    make: Callable[[Alert], Document], language: str
) -> None:
    for document in map(make, story(language)):
        for drawn in (text_of(document), page(document, language), on_screen(document)):
            assert "<!" not in drawn.replace("<!DOCTYPE html>", "")
            assert "*" not in drawn
            assert "&amp;" not in drawn


def test_a_sentence_takes_values_as_they_are() -> None:
    words = Words("en", "UTC")
    at = words.date(NOW, seen_from=NOW)
    assert words.write("*Closed* by {who} ({at}).", who="*{at}*", at=at) == (
        Run("Closed", bold=True), Run(" by *{at}* ("), at, Run(")."),
    )  # fmt: skip
    assert words.write("*{source} is heard again*, after {span}.", source="*x*", span="2 h") == (
        Run("*x* is heard again", bold=True), Run(", after 2 h."),
    )  # fmt: skip


def test_exactly_three_characters_are_escaped_once_and_no_mention_lives() -> None:
    assert slack_escape("&lt; <!channel> <@U1> @here #general") == (
        "&amp;lt; &lt;!channel&gt; &lt;@\u2060U1&gt; @\u2060here #\u2060general"
    )


def test_slack_gets_what_only_slack_understands() -> None:
    near = Instant(NOW, "10:30", "CET", near=True)
    far = Instant(NOW - timedelta(days=3), "19 Nov 10:30", "CET", near=False)
    text = join(" ", [embolden("R&D <b>"), near, far, Link("https://x.example/?a&b", "R&D"), Number(7), "#7"])
    text += (Run(" *x*", foreign=True),)
    assert mrkdwn(text) == (
        f"*R&amp;D &lt;b&gt;* <!date^{int(NOW.timestamp())}^{{time}}|10:30 CET> "
        f"<!date^{int(far.at.timestamp())}^{{date_short_pretty}} {{time}}|19 Nov 10:30 CET> "
        "<https://x.example/?a&amp;b|R&amp;D> #7 #\u20607 ∗x∗"
    )
    assert plain(text) == "R&D <b> 10:30 CET 19 Nov 10:30 CET R&D https://x.example/?a&b #7 #7 *x*"
