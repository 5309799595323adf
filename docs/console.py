"""Draws docs/console.png and docs/console.fr.png: the console while the demonstration's fire burns.

.venv/bin/python -m docs.console
"""

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from time import sleep
from typing import Literal

import uvicorn
from playwright.sync_api import sync_playwright

from app import logs
from app.admin import people, sign_in
from app.admin.team_specs import PersonSpec
from app.cli import demo_week
from app.cli.demo import replay_week
from app.console.sign_in import address_of
from app.main import create_app
from app.runtime import Runtime, open_runtime
from app.settings import Settings
from docs.phone import MONDAY, browser
from docs.png import lighten

NOW = MONDAY + demo_week.FIRE + timedelta(hours=2, minutes=30)
WIDE, HIGH = 1100, 1180
_QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking")


@contextmanager
def serving(settings: Settings, runtime: Runtime) -> Iterator[None]:
    """The service on a port that is free, without a beat."""
    listening = socket.create_server((settings.host, settings.port))
    server = uvicorn.Server(uvicorn.Config(create_app(nullcontext(runtime)), log_config=None))
    thread = Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    while not server.started:
        sleep(0.05)
    yield
    server.should_exit = True
    thread.join()


def draw(language: Literal["en", "fr"], path: Path) -> None:
    """The page of the fire, as it is while it burns."""
    with TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
        free.close()
        settings = Settings(data_dir=Path(folder), database_url="", port=port, language=language)
        replay_week(settings, MONDAY, language, until=NOW)
        with open_runtime(settings, now=lambda: NOW.astimezone(UTC)) as runtime:
            with runtime.sessions.begin() as session:
                spec = PersonSpec(name="Léa", role="admin", language=language)
                lea = people.create(session, spec, by="docs", now=NOW)
                token = sign_in.make_link(session, lea.id, holds=timedelta(days=1), now=NOW)
            with serving(settings, runtime):
                _shoot(address_of(runtime, token, "/fires/1"), path)
    lighten(path)


def _shoot(link: str, path: Path) -> None:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser(), args=_QUIET)
        page = chromium.new_page(viewport={"width": WIDE, "height": HIGH})
        page.goto(link)
        page.locator("main button").click()
        page.wait_for_url("**/fires/1")
        page.screenshot(path=path)
        chromium.close()


def main() -> None:
    """Draw both pictures."""
    logs.configure("error", "auto")
    folder = Path(__file__).parent
    draw("en", folder / "console.png")
    draw("fr", folder / "console.fr.png")


if __name__ == "__main__":
    sys.exit(main())
