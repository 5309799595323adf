"""An app that is built once and serves the runtime of each test in turn: building it takes long."""

from types import TracebackType

from fastapi import FastAPI

from app.main import create_app
from app.runtime import Runtime


class LentApp:
    """The app, which keeps nothing by itself: a test that adds to it builds its own."""

    def __init__(self) -> None:
        self._runtime: Runtime | None = None
        self._app = create_app(self)

    def around(self, runtime: Runtime) -> FastAPI:
        """The app with this runtime, until it is given another."""
        self._runtime = runtime
        return self._app

    def __enter__(self) -> Runtime:
        assert self._runtime is not None
        return self._runtime

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Whoever opened the runtime closes it."""
