"""The console: pages for people without a shell, on the same rules as the API.

Each page is drawn by the server and works without a script; what a script adds is that it stays up to date.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from fastapi import FastAPI

from app.console import (
    audit,
    calendar,
    curves,
    duty,
    fire,
    keys,
    listening,
    live,
    mentions,
    now,
    people,
    report,
    report_acts,
    reports,
    rota,
    sensitivity,
    shared,
    sign_in,
    statics,
    teams,
    told,
    watch,
)
from app.console.previews import Previews


def install_console(app: FastAPI) -> None:
    """Give the app its pages."""
    for module in (
        sign_in,
        now,
        fire,
        curves,
        mentions,
        watch,
        sensitivity,
        calendar,
        listening,
        people,
        duty,
        rota,
        told,
        reports,
        report,
        report_acts,
        shared,
        keys,
        teams,
        audit,
        live,
        statics,
    ):
        app.include_router(module.router)


@contextmanager
def console_state() -> Iterator[dict[str, Any]]:
    """What the pages of one process share."""
    with closing(Previews()) as previews:
        yield {
            "pulse": live.Pulse(), "drawn": curves.Drawn(), "tries": sign_in.Tries(), "previews": previews,
            "room": shared.Room(),
        }  # fmt: skip
