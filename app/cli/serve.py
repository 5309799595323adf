"""`tocsin serve`, `tocsin cycle`, `tocsin migrate`: the service itself."""

import signal
import socket
import sys
from contextlib import nullcontext
from types import FrameType
from typing import NoReturn

import uvicorn
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from app import db, logs
from app.admin import keys
from app.errors import AppError
from app.main import create_app
from app.runtime import Runtime, open_runtime
from app.scheduler import cycle as one_pass
from app.scheduler import publish
from app.settings import Settings


def serve() -> None:
    """Start the service: the chain on its beat, and the REST API.

    Settings come from the environment (TOCSIN_…) or a file .env; `tocsin check` shows them and what is wrong.
    """
    settings = Settings()
    logs.configure(settings.log_level, settings.log_format)
    console = Console(stderr=True)
    with open_runtime(settings) as runtime:
        show_first_key(runtime, console)
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
        timeout_graceful_shutdown=20,
    )
    server = uvicorn.Server(config)
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


def show_first_key(runtime: Runtime, console: Console) -> None:
    """Make and show the first admin key; it is never shown again."""
    with runtime.sessions.begin() as session:
        key = keys.first_key(session, now=runtime.now())
    if key is not None:
        text = Text.assemble(
            "Admin key, shown this once: ", (key, "bold"), "\nMore with `tocsin keys create`."
        )
        console.print(Panel(text, title="First start", border_style="yellow", expand=False))
