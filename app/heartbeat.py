"""The outgoing heartbeat: after each pass an address is asked that calls somebody once it is not.

Whoever is told of a service that died cannot be told by it. healthchecks.io, Uptime Kuma and every other dead
man's switch take a GET; the address is a secret, as anybody who has it can keep the switch quiet.
"""

from datetime import timedelta
from threading import Lock, Thread

import httpx
from pydantic import SecretStr

from app import metrics
from app.http_client.guard import at_most
from app.logs import log, mask

_DEADLINE = timedelta(seconds=20)


class Heartbeat:
    """Asks one address, in a thread of its own: a pass never waits for it."""

    def __init__(self, http: httpx.Client, url: SecretStr | None) -> None:
        self._http, self._url = http, url
        self._under_way = Lock()
        self._failed = False  # the last one: it is logged when that changes

    def beat(self) -> None:
        """Say that a pass was made, if there is an address and the beat before has arrived or failed."""
        if self._url is not None and self._under_way.acquire(blocking=False):
            Thread(target=self._send, args=(self._url,), name="heartbeat", daemon=True).start()

    def _send(self, url: SecretStr) -> None:
        why = "it was not asked"
        try:
            why = self._asked(url.get_secret_value())
            if why and not self._failed:
                log().warning("heartbeat not sent", why=why)
            elif self._failed and not why:
                log().info("heartbeat sent again")
            self._failed = bool(why)
        finally:
            self._under_way.release()
            metrics.heartbeats.labels("failed" if why else "sent").inc()

    def _asked(self, url: str) -> str:
        """Why it did not arrive; empty if it did. Never the address: it is the secret."""
        try:
            with at_most(_DEADLINE), self._http.stream("GET", url, follow_redirects=False) as answer:
                status = answer.status_code
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            return mask(type(error).__name__)
        return "" if status < 300 else f"it answered {status}"
