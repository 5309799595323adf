"""`tocsin serve`, `tocsin cycle`, `tocsin migrate`: the service itself."""

import logging
import os
import signal
import socket
import sys
from contextlib import nullcontext
from threading import Timer
from types import FrameType
from typing import NoReturn

import uvicorn
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from app import db, logs
from app.admin import keys, sign_in
from app.errors import AppError
from app.logs import log
from app.main import create_app
from app.runtime import Runtime, open_runtime
from app.scheduler import cycle as one_pass
from app.scheduler import publish
from app.settings import Settings
from app.vault import write_secret

_FIRST_KEY, _FIRST_LINK = "first-admin-key", "first-sign-in-link"
_ANSWER_SECONDS = 4  # that requests under way have when it is stopped
_LEAVE_SECONDS = 8  # that all has: a container is killed after ten


def serve() -> None:
    """Start the service: the chain on its beat, and the REST API.

    Settings come from the environment (TOCSIN_…) or a file .env; `tocsin check` shows them and what is wrong.
    """
    settings = Settings()
    logs.configure(settings.log_level, settings.log_format)
    console = Console(stderr=True)
    with open_runtime(settings) as runtime:
        show_first_key(runtime, console)
        show_first_link(runtime, console)
        listen(runtime, cycle_seconds=settings.cycle_seconds)


def cycle() -> None:
    """Run one pass of the chain and stop: for a cron job, or to try a configuration."""
    settings = Settings()
    logs.configure(settings.log_level, settings.log_format)
    with open_runtime(settings) as runtime:
        publish(runtime)
        one_pass(runtime)


def migrate() -> None:
    """Bring the tables of the database to the newest revision."""
    settings = Settings()
    db.migrate(settings.database())
    here, _ = db.revision(engine := db.connect(settings.database()))
    engine.dispose()
    Console(stderr=True).print(f"The tables are at revision {here}.")


def listen(runtime: Runtime, *, cycle_seconds: int) -> None:
    """Serve the API until somebody stops it."""
    settings = runtime.settings
    app = create_app(nullcontext(runtime), cycle_seconds=cycle_seconds)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_ANSWER_SECONDS,
    )
    server = _Server(config)
    # Once it has shut down, uvicorn raises the signal that it was stopped with again: that is no error.
    for stop in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop, _leave)
    server.run()
    if not server.started:
        raise AppError(_in_use(settings))


def ensure_port_free(settings: Settings) -> None:
    """Nothing, if the service could listen; else an AppError, before hours of work are put into it."""
    try:
        family, kind, proto, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM
        )[0]
        with socket.socket(family, kind, proto) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
    except OSError as error:
        raise AppError(_in_use(settings)) from error


def _in_use(settings: Settings) -> str:
    return (
        f"the service could not listen on {settings.host}:{settings.port}: is another one running there? "
        "Choose another with TOCSIN_PORT."
    )


def _leave(_signal: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(0)


def show_first_key(runtime: Runtime, console: Console, *, always: bool = False) -> None:
    """Make the first admin key, and show it to a person: on a terminal, or in a file that only they can read.

    A key in the log of a container would be read by whoever reads logs. It is never shown again.
    """
    path = runtime.settings.data_dir / _FIRST_KEY
    shown = always or console.is_terminal
    with runtime.sessions.begin() as session:
        key = keys.first_key(session, now=runtime.now())
        if key is not None and not shown:
            write_secret(path, key)  # before the key is kept: nobody is left with one that cannot be read
    if key is None:
        return
    text = (
        Text.assemble("Admin key, shown this once: ", (key, "bold"))
        if shown
        else Text(f"The first admin key is in the file {path}: read it, and delete the file.")
    )
    text.append("\nMore with `tocsin keys create`.")
    console.print(Panel(text, title="First start", border_style="yellow", expand=False))


def show_first_link(runtime: Runtime, console: Console, *, always: bool = False) -> None:
    """While nobody has an account: show the link that makes the first one, as the first key is shown.

    A new one at each start; those before open nothing any more.
    """
    path = runtime.settings.data_dir / _FIRST_LINK
    shown = always or console.is_terminal
    with runtime.sessions.begin() as session:
        token = sign_in.first_link(session, now=runtime.now())
        if token is not None and not shown:
            path.unlink(missing_ok=True)
            write_secret(path, sign_in.address(runtime.settings, token))
    if token is None:
        path.unlink(missing_ok=True)
        return
    text = (
        Text.assemble(
            "Open in your browser, to be the first admin: ",
            (sign_in.address(runtime.settings, token), "bold"),
        )
        if shown
        else Text(f"The link that signs the first admin in is in the file {path}.")
    )
    console.print(Panel(text, title="The console", border_style="green", expand=False))


class _Server(uvicorn.Server):
    """Leaves within the ten seconds that Docker and others wait, whatever hangs.

    As after a crash, nothing that was stored or told is lost, and what was under way is done again.
    """

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        timer = Timer(_LEAVE_SECONDS, _leave_at_once)
        timer.daemon = True
        timer.start()


def _leave_at_once() -> None:
    log().warning("left in the middle", what="something was under way; it is done again after the next start")
    logging.shutdown()
    os._exit(0)
