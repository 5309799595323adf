"""The web application: the API, the console and, if asked, the scheduler, around one runtime."""

from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, ExitStack, asynccontextmanager, closing
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from app import scheduler
from app.api import install_api
from app.api.health import DatabaseProbe
from app.console import console_state, install_console
from app.desk.interactions import Desk
from app.desk.socket import hold_socket
from app.runtime import Runtime


def create_app(opening: AbstractContextManager[Runtime], *, cycle_seconds: int = 0) -> FastAPI:
    """The service; the runtime is opened when it starts and closed when it ends.

    `cycle_seconds`: pause between two passes of the chain; 0 runs none: tests and replicas only serve.
    """

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[dict[str, Any]]:
        with ExitStack() as stack:
            runtime = stack.enter_context(opening)
            desk = stack.enter_context(closing(Desk(runtime)))
            if cycle_seconds > 0:
                stack.enter_context(scheduler.start(runtime, cycle_seconds))
                stack.enter_context(hold_socket(runtime, desk))
            probe = stack.enter_context(closing(DatabaseProbe(runtime)))
            yield {
                "runtime": runtime, "desk": desk, "probe": probe, "cycle_seconds": cycle_seconds,
                **stack.enter_context(console_state()),
            }  # fmt: skip

    app = FastAPI(
        title="Tocsin",
        version=version("tocsin"),
        lifespan=lifespan,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=_name,
        redirect_slashes=False,
    )
    install_api(app)
    install_console(app)
    return app


def _name(route: APIRoute) -> str:
    return route.name
