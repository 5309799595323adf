"""The terminal shows what Slack would show, and obeys nothing that a post says."""

import io
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from app.channels.base import Earlier
from app.channels.slack.blocks import reply, root
from app.channels.slack.rehearsal import Rehearsal
from app.channels.terminal import TerminalChannel, render
from tests.channels.factory import NOW, alert, sample, story
from tests.channels.slack.test_blocks import HOSTILE, longest

SNAPSHOT = Path(__file__).with_name("story.fr.txt")


def printed(*payloads: dict[str, Any], width: int = 100, color: bool = False) -> str:
    file = io.StringIO()
    console = Console(
        file=file, width=width, force_terminal=color, color_system="truecolor" if color else None
    )
    for payload in payloads:
        console.print(render(payload))
    return file.getvalue()


def test_a_story_in_french_reads_as_it_was_read() -> None:
    file = io.StringIO()
    channel = TerminalChannel(Console(file=file, width=100))
    rehearsal = Rehearsal()
    first: str | None = None
    root_ts: str | None = None
    repainted: dict[str, Any] = {}
    for step in story("fr", objective="Savoir avant la presse si le service tombe"):
        made = channel.tell(step, Earlier(root=first), now=step.at).external_id
        first = first or made
        sent = rehearsal.tell(step, Earlier(root=root_ts), now=step.at)
        root_ts = root_ts or sent.external_id
        repainted = sent.calls[0]["payload"]
    shown = file.getvalue() + printed(repainted)
    lines = [line.rstrip() for line in shown.splitlines()]
    assert lines == SNAPSHOT.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_is_neither_markup_nor_a_command(hostile: str) -> None:
    told = alert(watch=hostile[:120], facts={"samples": (sample(text=hostile, author=hostile[:50]),)})
    shown = printed(root(told), reply(told))
    assert not set(shown) & set("\x1b\x07\x08\x00\u202e\u2066")
    assert "\x1b]" not in printed(root(told), color=True)  # no title, no link, no clipboard


def test_square_brackets_are_shown_as_they_are() -> None:
    shown = printed(root(alert(facts={"samples": (sample(text="[red]not red[/red] :fire:"),)})), color=True)
    assert "[red]not red[/red] :fire:" in shown


def test_a_payload_that_was_not_cleaned_is_cleaned_here() -> None:
    payload: dict[str, Any] = {"text": "x", "blocks": [
        {"type": "header", "text": {"type": "plain_text", "text": "\x1b[31mFIRE [bold]"}},
        {"type": "section", "text": {"type": "mrkdwn", "text": "\x1b]0;a\x07 *b* &lt;c&gt; <https://x.example|y\x1b>"}},
        {"type": "future", "text": "[red]"},
    ]}  # fmt: skip
    shown = printed(payload)
    assert "\x1b" not in shown
    assert "[31mFIRE [bold]" in shown
    assert "<c>" in shown


@pytest.mark.parametrize("width", [40, 80, 200])
def test_every_width_and_the_longest_alert_are_drawn(width: int) -> None:
    shown = printed(root(longest()), reply(longest()), {"text": "only &lt;text&gt;"}, width=width)
    assert max(map(cell_len, shown.splitlines())) <= width
    assert "only <text>" in shown


def test_the_news_of_a_story_stand_under_it() -> None:
    channel = TerminalChannel(Console(file=io.StringIO()))
    sent = channel.tell(alert(), Earlier(), now=NOW)
    assert sent.external_id == "terminal-31"
    assert sent.calls[0]["payload"] == root(alert())
    assert channel.tell(story()[1], Earlier(root="terminal-31"), now=NOW).external_id is None
    news = channel.tell(story()[2], Earlier(root="terminal-31"), now=NOW)
    assert news.calls[0]["payload"]["thread_ts"] == "terminal-31"
