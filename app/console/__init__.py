"""The console: pages for people without a shell, on the same rules as the API.

Each page is drawn by the server and works without a script; what a script adds is that it stays up to date.
"""

from typing import Any

from fastapi import FastAPI

from app.console import curves, fire, live, now, sign_in, statics


def install_console(app: FastAPI) -> None:
    """Give the app its pages."""
    for module in (sign_in, now, fire, curves, live, statics):
        app.include_router(module.router)


def console_state() -> dict[str, Any]:
    """What the pages of one process share."""
    return {"pulse": live.Pulse(), "drawn": curves.Drawn(), "tries": sign_in.Tries()}
