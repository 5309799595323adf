"""Draws docs/phone.png and docs/phone.fr.png: the demonstration's alert and its thread at a phone's width.

.venv/bin/python -m docs.phone

What Slack's own apps do with a block is not written down to the pixel: this is the narrow case, with fields
one below the other.
"""

import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from html import escape, unescape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal
from zoneinfo import ZoneInfo

from babel.dates import format_date

from app import logs
from app.cli.demo import replay_week
from app.settings import Settings
from docs.png import lighten

MONDAY = datetime(2026, 11, 9, tzinfo=UTC)
READER = ZoneInfo("Europe/Paris")  # the clock of the phone
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
STYLE = Path(__file__).with_name("phone.css")
Block = dict[str, Any]
Language = Literal["en", "fr"]

_TITLES = {
    "en": ("# alerts", "Thread"),
    "fr": ("# alertes", "Fil de discussion"),
}
_MRKDWN = re.compile(
    r"<!date\^(?P<at>\d+)\^(?P<form>[^|>]*)\|[^>]*>|<(?P<url>https?://[^|>]+)\|(?P<label>[^>]*)>"
    r"|\*(?P<bold>[^*\n]+)\*"
)
_STROKES = ("#c4271b", "#4a4a52", "#9a9aa4")  # of the lines of a chart, in their order
_LINE = '<polyline points="{}" fill="none" stroke="{}" stroke-width="{}"{}/>'
_MEASURE = """<script>
const [page, body] = [document.documentElement, document.body];
page.dataset.size = Math.max(body.offsetWidth, page.scrollWidth) + "," + body.offsetHeight;
</script>"""


def page(messages: list[Block], language: Language) -> str:
    """The first message in screens beside each other, and the others as its thread, as HTML."""
    first, *replies = messages
    at = next((_when(int(float(reply["thread_ts"])), "{time}", language) for reply in replies), "")
    parts = [[_message(first, language, at)], [_message(reply, language, "") for reply in replies]]
    drawn = "".join(
        f'<div class="screen"><h1>{escape(title)}</h1>{"".join(said)}</div>'
        for title, said in zip(_TITLES[language], parts, strict=True)
        if said
    )
    head = f'<meta charset="utf-8"><style>{STYLE.read_text(encoding="utf-8")}</style>'
    body = f'<body><div class="phone">{drawn}</div>{_MEASURE}'
    return f'<!doctype html><html lang="{language}">{head}{body}'


def _message(message: Block, language: Language, at: str) -> str:
    head = f'<b class="name">Tocsin</b><span class="app">APP</span><span class="time">{escape(at)}</span>'
    blocks = message.get("blocks") or []
    said = "".join(draw(block, language) for block in blocks) or f"<p>{mrkdwn(message['text'], language)}</p>"
    return f'<div class="message"><i class="face"></i>{head}{said}</div>'


def draw(block: Block, language: Language) -> str:
    """One block as HTML; everything that posts say is escaped."""
    match block["type"]:
        case "header":
            return f"<h2>{escape(block['text']['text'])}</h2>"
        case "section":
            fields = "".join(_field(field, language) for field in block.get("fields", []))
            return (f"<p>{_text(block['text'], language)}</p>" if "text" in block else "") + fields
        case "context":
            return "".join(f'<p class="small">{_text(part, language)}</p>' for part in block["elements"])
        case "rich_text":
            return "".join(_rich(element, language) for element in block["elements"])
        case "data_visualization":
            return _figure(block)
        case "actions":
            return f'<div class="acts">{"".join(map(_act, block["elements"]))}</div>'
        case kind:
            return f'<p class="small">[{escape(str(kind))}]</p>'


def mrkdwn(text: str, language: Language) -> str:
    """Slack's mrkdwn, as far as Tocsin writes it, as HTML; everything else literally."""
    drawn, at = "", 0
    for token in _MRKDWN.finditer(text):
        drawn += _literal(text[at : token.start()])
        at = token.end()
        if token["at"]:
            drawn += escape(_when(int(token["at"]), token["form"], language))
        elif token["url"]:
            drawn += f"<a>{_literal(token['label'])}</a>"
        else:
            drawn += f"<b>{mrkdwn(token['bold'], language)}</b>"
    return drawn + _literal(text[at:])


def _literal(text: str) -> str:
    return escape(unescape(text)).replace("\n", "<br>")


def _when(timestamp: int, form: str, language: Language) -> str:
    """Slack's own words for an instant, on the reader's clock."""
    at = datetime.fromtimestamp(timestamp, READER)
    day = format_date(at, "d MMM y", locale=language)
    return form.replace("{time}", f"{at:%H:%M}").replace("{date_short_pretty}", day)


def _text(part: Block, language: Language) -> str:
    return mrkdwn(part["text"], language) if part["type"] == "mrkdwn" else escape(part["text"])


def _field(part: Block, language: Language) -> str:
    return f'<div class="field">{_text(part, language)}</div>'


def _rich(element: Block, language: Language) -> str:
    said = "".join(_part(part, language) for part in element["elements"])
    return f'<div class="{"quote" if element["type"] == "rich_text_quote" else "by"}">{said}</div>'


def _part(part: Block, language: Language) -> str:
    if part["type"] == "date":
        return escape(_when(part["timestamp"], part["format"], language))
    said = escape(part.get("text") or part.get("url", ""))
    if part["type"] == "link":
        return f"<a>{said}</a>"
    style = part.get("style", {})
    said = f"<b>{said}</b>" if style.get("bold") else said
    return f"<i>{said}</i>" if style.get("italic") else said


def _act(element: Block) -> str:
    text = escape((element.get("text") or element["placeholder"])["text"])
    kind = "select" if element["type"] == "static_select" else element.get("style", "")
    return f'<span class="{escape(kind)}">{text}</span>'


def _figure(block: Block) -> str:
    chart = block["chart"]
    axis, series = chart["axis_config"], chart["series"]
    top = max([1.0, *(point["value"] for line in series for point in line["data"])])
    wide, high, left = 290, 130, 24
    step = (wide - left) / max(1, len(axis["categories"]) - 1)
    drawn = [
        f'<path d="M{left} {y}H{wide}" stroke="#ddd"/><text x="0" y="{y + 4}">{said}</text>'
        for y, said in ((8, f"{top:g}"), (8 + high, "0"))
    ]
    # What burns is drawn last, above the others.
    for line, stroke, dash in list(zip(series, _STROKES, ("", "", "4 3"), strict=False))[::-1]:
        points = " ".join(
            f"{left + n * step:.1f},{8 + high * (1 - point['value'] / top):.1f}"
            for n, point in enumerate(line["data"])
        )
        width = 3 if line is series[0] else 1.5
        drawn.append(_LINE.format(points, stroke, width, f' stroke-dasharray="{dash}"' if dash else ""))
    first, last = escape(axis["categories"][0]), escape(axis["categories"][-1])
    drawn.append(f'<text x="{left}" y="{high + 24}">{first}</text>')
    drawn.append(
        f'<text x="{wide}" y="{high + 24}" text-anchor="end">{last} {escape(axis["x_label"])}</text>'
    )
    key = "".join(
        f'<span><i style="color:{stroke};border-top-style:{"dashed" if line is series[-1] else "solid"}"></i>'
        f"{escape(line['name'])}</span>"
        for line, stroke in zip(series, _STROKES, strict=False)
    )
    svg = f'<svg viewBox="0 0 {wide + 2} {high + 28}">{"".join(drawn)}</svg>'
    caption = f"<figcaption>{escape(block['title'])}</figcaption>"
    return f'<figure>{caption}{svg}<div class="key">{key}</div></figure>'


def browser() -> str:
    """The command of a browser that draws without a screen."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        raise SystemExit(
            f"No browser to draw with: install Chromium, so that one of {', '.join(BROWSERS)} is a command."
        )
    return found


def _run(*arguments: str) -> str:
    command = [browser(), "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout  # noqa: S603


def photograph(html: str, path: Path) -> None:
    """The page as a PNG, as large as it is."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "page.html"
        file.write_text(html, encoding="utf-8")
        size = re.search(r'data-size="(\d+,\d+)"', _run("--window-size=300,300", "--dump-dom", file.as_uri()))
        if size is None:
            raise SystemExit("The browser did not lay the page out.")
        _run(
            f"--screenshot={path}", "--force-device-scale-factor=2", f"--window-size={size[1]}", file.as_uri()
        )
    lighten(path)


def told(language: Language) -> list[Block]:
    """The messages of the demonstration as Slack would have got them; none is a repaint."""
    with TemporaryDirectory() as folder:
        rehearsal = replay_week(Settings(data_dir=Path(folder), database_url=""), MONDAY, language)
    return [call["payload"] for call in rehearsal.web.calls if call["method"] == "chat.postMessage"]


if __name__ == "__main__":
    browser()
    logs.configure("warning", "auto")
    photograph(page(told("en"), "en"), Path(__file__).with_name("phone.png"))
    photograph(page(told("fr"), "fr"), Path(__file__).with_name("phone.fr.png"))
    sys.stdout.write("docs/phone.png and docs/phone.fr.png are drawn.\n")
