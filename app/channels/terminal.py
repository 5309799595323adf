"""The terminal: alerts as a person would see them in Slack, where nothing else is set up."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from app.channels.acts import Act, choose_message_action
from app.channels.base import Alert, Earlier, Means, Sent
from app.channels.notices import Bulletin, News
from app.channels.plot import plot
from app.channels.slack.blocks import Message, reply, root
from app.channels.slack.bulletins import message
from app.channels.slack.mrkdwn import literal, read
from app.channels.slack.parts import Block
from app.channels.wording.hearing import told
from app.channels.wording.sentences import standing, words_of

_WIDTH = 92
_INDENT = (0, 0, 0, 4)


class TerminalSettings(BaseModel):
    """There is nothing to tell a terminal."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class TerminalChannel:
    """Prints alerts."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def tell(self, alert: Alert, earlier: Earlier, *, now: datetime) -> Sent:  # noqa: ARG002 - nothing waits here
        """Print the message, the news under it, or one line where Slack would repaint."""
        act = choose_message_action(alert.reason, has_root=earlier.root is not None, suppressed=alert.hushed)
        if act is Act.nothing:
            return Sent(None)
        if act is Act.update:
            said = " ".join(standing(alert, words_of(alert)))
            self._console.print(Padding(read(said).append(f"  #{alert.incident_id}", "dim"), _INDENT))
            return Sent(None)
        message = root(alert) if act is Act.root else {**reply(alert), "thread_ts": earlier.root}
        self._console.print(render(message))
        return Sent(f"terminal-{alert.delivery_id}", [{"method": "print", "payload": message}])

    def say(self, news: News | Bulletin, earlier: Earlier, *, now: datetime) -> Sent:  # noqa: ARG002 - as above
        """Print it."""
        said = message(news)
        self._console.print(read(told(news)) if isinstance(news, News) else render(said))
        return Sent(f"terminal-{news.delivery_id}", [{"method": "print", "payload": said}])

    def check(self, *, now: datetime) -> str:  # noqa: ARG002 - every channel is asked so
        """It always works."""
        return "alerts are printed here"


def render(payload: Message) -> RenderableType:
    """A Slack message, as its JSON payload, drawn for the terminal; a reply in a thread is indented."""
    blocks = payload.get("blocks") or []
    drawn = [_draw(block) for block in blocks] or [read(str(payload.get("text", "")))]
    if payload.get("thread_ts"):
        rail = Table.grid(padding=(0, 1))
        for part in drawn:
            rail.add_row(Text("↳" if part is drawn[0] else " ", "cyan"), part)
        return Padding(rail, _INDENT)
    title = None
    if blocks and blocks[0]["type"] == "header":
        title = Text(f" {literal(blocks[0]['text']['text'])} ", "bold")
        drawn = drawn[1:]
    spaced: list[RenderableType] = []
    for part in drawn:
        spaced += [part, Text()]
    return Panel(Group(*spaced[:-1]), title=title, title_align="left", width=_WIDTH, padding=(1, 2))


def _draw(block: Block) -> RenderableType:
    match block["type"]:
        case "header":
            return Text(literal(block["text"]["text"]), "bold")
        case "section" if "fields" in block:
            return _fields(block["fields"])
        case "section":
            return _text(block["text"])
        case "context":
            lines = [_text(element) for element in block["elements"]]
            return Text("\n", "dim").join(lines)
        case "rich_text":
            return Group(*(_rich(element) for element in block["elements"]))
        case "data_visualization":
            return plot(block)
        case "actions":
            return _buttons(block["elements"])
        case kind:
            return Text(f"[{literal(str(kind))}]", "dim")


def _text(part: Block) -> Text:
    return read(part["text"]) if part["type"] == "mrkdwn" else Text(literal(part["text"]))


def _buttons(elements: list[dict[str, Any]]) -> Text:
    said = [literal((element.get("text") or element["placeholder"])["text"]) for element in elements]
    styled = [
        Text(f" {text} ", "reverse bold" if element.get("style") == "primary" else "reverse dim")
        for text, element in zip(said, elements, strict=True)
    ]
    return Text("  ").join(styled)


def _fields(fields: list[Block]) -> Table:
    table = Table.grid(expand=True, padding=(0, 3, 0, 0))
    table.add_column(ratio=1)
    table.add_column(ratio=1)
    cells = [_field(field) for field in fields]
    for left in range(0, len(cells), 2):
        table.add_row(*cells[left : left + 2])
    return table


def _field(field: Block) -> Text:
    text = _text(field)
    label, _, value = text.plain.partition("\n")
    return Text.assemble((label, "bold"), "\n", value)


def _rich(element: dict[str, Any]) -> RenderableType:
    text = Text()
    for part in element["elements"]:
        styles = " ".join(name for name, on in (part.get("style") or {}).items() if on)
        match part["type"]:
            case "date":
                text.append(literal(part["fallback"]), styles)
            case "link":
                text.append(literal(part.get("text") or part["url"]), "underline")
            case _:
                text.append(literal(part.get("text", "")), styles)
    if element["type"] != "rich_text_quote":
        return text
    bar = Table.grid(padding=(0, 1))
    for number, row in enumerate(text.split("\n", allow_blank=True)):
        bar.add_row(Text("▌", "cyan"), row) if number < 12 else None
    return Padding(bar, (0, 0, 0, 1))


def build(_settings: TerminalSettings, means: Means, _secret: str | None) -> TerminalChannel:
    """A channel on the service's console."""
    return TerminalChannel(means.console)
