"""A line that stays open: a websocket or server-sent events, guarded like every other way out."""

import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Protocol
from urllib.parse import urlsplit

import httpx
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.sync.client import ClientConnection, connect

from app.errors import SourceError
from app.http_client.addresses import shown
from app.http_client.guard import Refused, guarded_socket

_MAX_FRAME = 2_000_000
_OPENING = timedelta(seconds=10)


class Connection(Protocol):
    """Frames as they come; the iteration ends with a SourceError, for a stream has no end of its own."""

    def __iter__(self) -> Iterator[str]:
        """Each message of a websocket, or the lines of each server-sent event."""
        ...

    def close(self) -> None:
        """Hang up, from any thread: the iteration ends."""
        ...


class _Socket:
    """A websocket."""

    def __init__(self, connection: ClientConnection, where: str, silence: timedelta) -> None:
        self._connection, self._where, self._silence = connection, where, silence

    def __iter__(self) -> Iterator[str]:
        seconds = self._silence.total_seconds()
        try:
            while True:
                frame = self._connection.recv(timeout=seconds)
                yield frame if isinstance(frame, str) else frame.decode("utf-8", "replace")
        except TimeoutError as error:
            raise SourceError(f"{self._where} said nothing for {seconds:.0f} seconds.") from error
        except ConnectionClosed as error:
            raise SourceError(f"{self._where} hung up: {error}.") from error
        except (WebSocketException, OSError) as error:
            raise SourceError(f"{self._where} broke off: {type(error).__name__}.") from error

    def close(self) -> None:
        self._connection.close()


class _Events:
    """Server-sent events over HTTP."""

    def __init__(self, response: httpx.Response, where: str, close: Callable[[], None]) -> None:
        self._response, self._where, self._close = response, where, close

    def __iter__(self) -> Iterator[str]:
        lines: list[str] = []
        try:
            for line in self._response.iter_lines():
                if line and not line.startswith(":"):  # a comment keeps the line alive
                    lines.append(line)
                elif not line and lines:
                    yield "\n".join(lines)
                    lines = []
                else:
                    yield ""  # that it is alive
        except httpx.TimeoutException as error:
            raise SourceError(f"{self._where} said nothing for too long.") from error
        except (httpx.HTTPError, httpx.StreamError, OSError) as error:
            raise SourceError(f"{self._where} broke off: {type(error).__name__}.") from error
        raise SourceError(f"{self._where} hung up.")

    def close(self) -> None:
        self._close()


def dial(
    client: httpx.Client,
    url: str,
    *,
    headers: Mapping[str, str],
    silence: timedelta,
    allowed: Iterable[str],
) -> Connection:
    """An open line; a SourceError says why there is none. `allowed` hosts may be inside the own network."""
    if urlsplit(url).scheme in ("ws", "wss"):
        return _dial_socket(url, headers, silence, allowed, str(client.headers.get("User-Agent", "")))
    return _dial_events(client, url, headers, silence)


def _dial_socket(
    url: str, headers: Mapping[str, str], silence: timedelta, allowed: Iterable[str], agent: str
) -> Connection:
    where, parts = shown(url), urlsplit(url)
    secure = parts.scheme == "wss"
    try:
        host, port = parts.hostname or "", parts.port or (443 if secure else 80)
        sock = guarded_socket(host, port, allowed=allowed, timeout=_OPENING)
        connection = connect(
            url,
            sock=sock,
            ssl=ssl.create_default_context() if secure else None,
            additional_headers=dict(headers),
            user_agent_header=agent or None,
            open_timeout=_OPENING.total_seconds(),
            close_timeout=2,
            max_size=_MAX_FRAME,
            max_queue=1_000,
            legacy=True,  # one connection; calling again is not its business
            proxy=None,  # it would connect on our behalf, past the guard
        )
    except Refused as error:
        raise SourceError(str(error), permanent=True) from error
    except InvalidStatus as error:
        status = error.response.status_code
        text = " ".join((error.response.body or b"").decode("utf-8", "replace").split())[:200]
        message = f" It says: “{text}”." if text else ""
        raise SourceError(
            f"{where} takes no call: it answers {status}.{message}", permanent=status in (401, 403, 404, 410)
        ) from error
    except (WebSocketException, OSError, ValueError) as error:
        why = str(error) or type(error).__name__
        raise SourceError(f"{where} cannot be reached: {why[:200]}.") from error
    return _Socket(connection, where, silence)


def _dial_events(
    client: httpx.Client, url: str, headers: Mapping[str, str], silence: timedelta
) -> Connection:
    where = shown(url)
    timeout = httpx.Timeout(silence.total_seconds(), connect=5)
    request = client.build_request(
        "GET", url, headers={"Accept": "text/event-stream", **headers}, timeout=timeout
    )
    try:
        response = client.send(request, stream=True, follow_redirects=False)
    except Refused as error:
        raise SourceError(str(error), permanent=True) from error
    except httpx.LocalProtocolError:
        raise SourceError(f"{where} cannot be asked: set the secret again.", permanent=True) from None
    except httpx.HTTPError as error:
        raise SourceError(f"{where} cannot be reached: {str(error) or type(error).__name__}.") from error
    if not response.is_success:
        response.close()
        status = response.status_code
        raise SourceError(
            f"{where} takes no call: it answers {status}. Check the secret of the source and the address.",
            permanent=status in (401, 403, 404, 410, 422),
        )
    return _Events(response, where, response.close)
