"""The terminal: alerts as a person would see them in Slack, where nothing else is set up."""

import io
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from app.channels.acts import Act
from app.channels.base import Alert, Dependencies, Earlier, Sent
from app.channels.document import (
    Actions,
    Button,
    Chart,
    Document,
    Figures,
    Heading,
    Inline,
    Link,
    Paragraph,
    Part,
    Quote,
    Quotes,
    Small,
)
from app.channels.notices import Announcement, Bulletin
from app.channels.plot import plot
from app.channels.text import bare
from app.channels.wording import bulletins, documents

_WIDTH = 92
_INDENT = (0, 0, 0, 4)
_QUOTED = 12  # lines of a post


class TerminalSettings(BaseModel):
    """There is nothing to tell a terminal."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class TerminalChannel:
    """Prints alerts."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def tell(self, alert: Alert, earlier: Earlier, *, now: datetime) -> Sent:  # noqa: ARG002 - nothing waits here
        """Print the message, the news under it, or one line where Slack would repaint."""
        act = alert.act(has_root=earlier.root is not None)
        if act is Act.nothing or (act is Act.update and not earlier.leads):
            return Sent(None)
        if act is Act.update:
            status = _line(documents.status(alert)).append(f"  #{alert.incident_id}", "dim")
            self._console.print(Padding(status, _INDENT))
            return Sent(None)
        threaded = act is not Act.root
        document = documents.reply(alert) if threaded else documents.root(alert)
        drawn = render(document, threaded=threaded)
        self._console.print(drawn)
        return Sent(f"terminal-{alert.delivery_id}", [_printed(drawn, earlier.root if threaded else None)])

    def say(self, news: Announcement, earlier: Earlier, *, now: datetime) -> Sent:  # noqa: ARG002 - as above
        """Print it."""
        told = bulletins.notice(news)
        drawn = render(told) if isinstance(news, Bulletin) else _line(told.summary)
        self._console.print(drawn)
        return Sent(f"terminal-{news.delivery_id}", [_printed(drawn)])

    def check(self, *, now: datetime) -> str:  # noqa: ARG002 - every channel is asked so
        """It always works."""
        return "alerts are printed here"


def render(document: Document, *, threaded: bool = False) -> RenderableType:
    """A message drawn for the terminal: in a frame, or indented below the one whose thread it is in."""
    if threaded:
        rail = Table.grid(padding=(0, 1))
        for n, part in enumerate(document.parts):
            rail.add_row(Text("↳" if n == 0 else " ", "cyan"), _draw(part))
        return Padding(rail, _INDENT)
    heading, *rest = document.parts
    title = Text(f" {bare(heading.text)} ", "bold") if isinstance(heading, Heading) else None
    spaced: list[RenderableType] = []
    for part in rest if title else document.parts:
        spaced += [_draw(part), Text()]
    return Panel(Group(*spaced[:-1]), title=title, title_align="left", width=_WIDTH, padding=(1, 2))


def _printed(drawn: RenderableType, thread: str | None = None) -> dict[str, Any]:
    """What is kept of it."""
    sheet = Console(file=io.StringIO(), width=_WIDTH, color_system=None, record=True)
    sheet.print(drawn)
    return {"method": "print", "payload": {"text": sheet.export_text(), "thread": thread}}


def _draw(part: Part) -> RenderableType:
    match part:
        case Heading():
            return Text(bare(part.text), "bold")
        case Paragraph():
            return _line(part.text)
        case Small():
            return Text("\n", "dim").join(map(_line, part.lines))
        case Figures():
            return _figures(part)
        case Chart():
            return plot(part)
        case Quotes():
            return Group(*(drawn for post in part.posts for drawn in _quote(post)))
        case Actions():
            return _buttons(part)


def _line(text: Inline) -> Text:
    drawn = Text()
    for span in text:
        if isinstance(span, Link):
            drawn.append(f"{bare(span.text)} ", "underline").append(bare(span.url), "dim")
        else:
            drawn.append(bare(span.text), "bold" if span.bold else "")
    return drawn


def _figures(figures: Figures) -> Text:
    return Text("\n").join(
        Text.assemble((bare(row.label), "bold"), row.gap, bare(row.value)) for row in figures.rows
    )


def _buttons(actions: Actions) -> Text:
    return Text("  ").join(
        Text(f" {bare(one.label)} ", "reverse bold" if _primary(one) else "reverse dim")
        for one in actions.elements
    )


def _primary(one: object) -> bool:
    return isinstance(one, Button) and one.primary


def _quote(post: Quote) -> tuple[Text, RenderableType]:
    source = Text.assemble((bare(post.author), "bold"), f" · {bare(post.source)} · {bare(post.at.text)} · ")
    if post.link:
        source.append(bare(post.link.text), "underline").append(" · ")
    source.append(bare(post.why), "italic")
    bar = Table.grid(padding=(0, 1))
    for row in Text(bare(post.text)).split("\n", allow_blank=True)[:_QUOTED]:
        bar.add_row(Text("▌", "cyan"), row)
    return source, Padding(bar, (0, 0, 0, 1))


def build(_settings: TerminalSettings, dependencies: Dependencies, _secret: str | None) -> TerminalChannel:
    """A channel on the service's console."""
    return TerminalChannel(dependencies.console)
