"""All parts of the running service, built once from the settings: the only place where they meet."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Engine

from app import clock, db
from app.settings import Settings
from app.vault import Vault, open_vault


@dataclass(frozen=True, slots=True)
class Runtime:
    """What the shells hold on to."""

    settings: Settings
    engine: Engine
    sessions: db.Sessions
    vault: Vault
    now: Callable[[], datetime] = field(default=clock.utc_now)


@contextmanager
def open_runtime(settings: Settings) -> Iterator[Runtime]:
    """A runtime on the settings' database, its tables up to date; closed at the end."""
    db.migrate(settings.database())
    engine = db.connect(settings.database())
    try:
        yield Runtime(settings, engine, db.sessions_of(engine), open_vault(settings))
    finally:
        engine.dispose()
