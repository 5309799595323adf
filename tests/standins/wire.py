"""A wire between the service and its database, which can be cut and mended."""

import socket
from contextlib import suppress
from threading import Lock, Thread
from types import TracebackType
from typing import Self

from sqlalchemy import make_url


class Wire:
    """Passes bytes between a port on loopback and a PostgreSQL server; a context manager."""

    def __init__(self, url: str) -> None:
        address = make_url(url)
        named = address.query.get("host") or address.host or "127.0.0.1"
        self._host, self._far_port = str(named), address.port or 5432
        self._lock = Lock()
        self._ends: set[socket.socket] = set()
        self._listener = self._listen(0)
        port = self._listener.getsockname()[1]
        # Nothing of the address but the place changes.
        query = {key: value for key, value in address.query.items() if key not in {"host", "port"}}
        mine = address.set(host="127.0.0.1", port=port, query=query)
        self.url = mine.render_as_string(hide_password=False)
        self._port = port

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cut()

    def cut(self) -> None:
        """Nobody gets through any more, nor does who had."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            ends, self._ends = self._ends, set()
        for end in ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def mend(self) -> None:
        """Calls get through again."""
        self._listener = self._listen(self._port)

    def _listen(self, port: int) -> socket.socket:
        listener = socket.create_server(("127.0.0.1", port))
        Thread(target=self._accept, args=(listener,), daemon=True).start()
        return listener

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            far = self._call()
            with self._lock:
                self._ends |= {near, far}
            for source, target in ((near, far), (far, near)):
                Thread(target=_pass_on, args=(source, target), daemon=True).start()

    def _call(self) -> socket.socket:
        if not self._host.startswith("/"):
            return socket.create_connection((self._host, self._far_port))
        far = socket.socket(socket.AF_UNIX)
        far.connect(f"{self._host}/.s.PGSQL.{self._far_port}")
        return far


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while heard := source.recv(65_536):
            target.sendall(heard)
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
