"""The terminal shows what Slack would show, and obeys nothing that a post says."""

import io
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console, RenderableType

from app.channels.base import Alert, Earlier
from app.channels.document import Heading, Link, Paragraph, Run, compose
from app.channels.terminal import TerminalChannel, render
from app.channels.wording.documents import reply, root
from tests.channels.factory import NOW, alert, sample, story
from tests.channels.slack.test_blocks import HOSTILE, longest

SNAPSHOT = Path(__file__).with_name("story.fr.txt")


def printed(shown: Alert, *, width: int = 100, color: bool = False, acts: bool = False) -> str:
    """The first message of the alert, and its news below."""
    drawn = [render(root(shown, acts=acts)), render(reply(shown), threaded=True)]
    return on_screen(*drawn, width=width, color=color)


def on_screen(*drawn: RenderableType, width: int = 100, color: bool = False) -> str:
    file = io.StringIO()
    console = Console(
        file=file, width=width, force_terminal=color, color_system="truecolor" if color else None
    )
    for one in drawn:
        console.print(one)
    return file.getvalue()


def test_a_story_in_french_reads_as_it_was_read() -> None:
    file = io.StringIO()
    channel = TerminalChannel(Console(file=file, width=100))
    first: str | None = None
    steps = story("fr", objective="Savoir avant la presse si le service tombe")
    for step in steps:
        made = channel.tell(step, Earlier(root=first), now=step.at).external_id
        first = first or made
    shown = file.getvalue() + on_screen(render(root(steps[-1], acts=True)))
    lines = [line.rstrip() for line in shown.splitlines()]
    assert lines == SNAPSHOT.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_is_neither_markup_nor_a_command(hostile: str) -> None:
    first = alert(watch=hostile[:120], facts={"samples": (sample(text=hostile, author=hostile[:50]),)})
    shown = printed(first)
    assert not set(shown) & set("\x1b\x07\x08\x00\u202e\u2066")
    assert "\x1b]" not in printed(first, color=True)  # no title, no link, no clipboard


def test_square_brackets_are_shown_as_they_are() -> None:
    shown = printed(alert(facts={"samples": (sample(text="[red]not red[/red] :fire:"),)}), color=True)
    assert "[red]not red[/red] :fire:" in shown


def test_a_text_that_was_not_cleaned_is_cleaned_here() -> None:
    shown = on_screen(
        render(
            compose(
                "x",
                Heading("\x1b[31mFIRE [bold]"),
                Paragraph((Run("\x1b]0;a\x07 *b* <c>", bold=True), Link("https://x.example", "y\x1b"))),
            )
        )
    )
    assert "\x1b" not in shown
    assert "[31mFIRE [bold]" in shown
    assert "*b* <c>" in shown


@pytest.mark.parametrize("width", [40, 80, 200])
def test_every_width_and_the_longest_alert_are_drawn(width: int) -> None:
    shown = printed(longest(), width=width, acts=True)
    assert max(map(cell_len, shown.splitlines())) <= width


def test_the_news_of_a_story_stand_under_it() -> None:
    channel = TerminalChannel(Console(file=io.StringIO()))
    sent = channel.tell(alert(), Earlier(), now=NOW)
    assert sent.external_id == "terminal-31"
    assert "253 mentions in the last hour" in sent.calls[0]["payload"]["text"]
    assert channel.tell(story()[1], Earlier(root="terminal-31"), now=NOW).external_id is None
    news = channel.tell(story()[2], Earlier(root="terminal-31"), now=NOW)
    assert news.calls[0]["payload"]["thread"] == "terminal-31"
