"""Draws docs/alert.svg and docs/alert.fr.svg: the demonstration's alert as the terminal shows it.

.venv/bin/python docs/picture.py
"""

import re
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from rich.console import Console

from app import logs
from app.channels.terminal import render
from app.cli.demo import replay_week
from app.settings import Settings

MONDAY = datetime(2026, 11, 9, tzinfo=UTC)


def draw(language: Literal["en", "fr"], path: Path) -> None:
    """Replay the week and keep the first message and its thread."""
    with TemporaryDirectory() as folder, Path("/dev/null").open("w", encoding="utf-8") as nowhere:
        console = Console(record=True, width=96, file=nowhere)
        rehearsal = replay_week(Settings(data_dir=Path(folder), database_url=""), MONDAY, language)
        for document, threaded in rehearsal.posted:
            console.print(render(document, threaded=threaded))
        svg = console.export_svg(title="tocsin demo")
    # No font is fetched from anywhere: what the reader's machine has will do.
    path.write_text(re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL), encoding="utf-8")


if __name__ == "__main__":
    logs.configure("warning", "auto")
    draw("en", Path(__file__).with_name("alert.svg"))
    draw("fr", Path(__file__).with_name("alert.fr.svg"))
