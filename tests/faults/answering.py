"""What the processes under test ask the test for, over HTTP on loopback."""

import threading
from abc import ABC, abstractmethod
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self


class Answering(ABC):
    """Says what `answer` makes of a path; a context manager."""

    def __init__(self) -> None:
        asked = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # who asks on a line that stays open would wait for it

            def do_GET(self) -> None:
                body = asked.answer(self.path)
                try:
                    self.send_response(200)
                    self.send_header("Content-Type", "application/feed+json")
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                except OSError:
                    pass  # the one who asked was killed

            def handle_one_request(self) -> None:
                try:
                    super().handle_one_request()
                except ConnectionError:  # the same, between two questions
                    self.close_connection = True

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    @abstractmethod
    def answer(self, path: str) -> bytes:
        """What is said to a GET of the path; each world has its own."""
