"""Draws docs/alert.svg, the picture of the README: the demonstration's alert as the terminal shows it.

.venv/bin/python docs/picture.py
"""

import re
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from app.channels.terminal import render
from app.cli.demo import replay_week
from app.settings import Settings

MONDAY = datetime(2026, 11, 9, tzinfo=UTC)


def main() -> None:
    """Replay the week and keep the first message and its thread."""
    console = Console(record=True, width=96, file=Path("/dev/null").open("w", encoding="utf-8"))  # noqa: SIM115
    with TemporaryDirectory() as folder:
        calls = replay_week(Settings(data_dir=Path(folder), database_url=""), MONDAY, "en")
    for call in calls:
        if call["method"] == "chat.postMessage":
            console.print(render(call["payload"]))
    svg = console.export_svg(title="tocsin demo")
    # No font is fetched from anywhere: what the reader's machine has will do.
    svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    Path(__file__).with_name("alert.svg").write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
