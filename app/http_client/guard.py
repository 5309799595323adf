"""Connections that cannot be led into our own network, and that end when their call must end."""

import ipaddress
import math
import socket
import ssl
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from typing import Any

import httpcore
import httpx

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# Clouds' own services behind addresses that look public, 192.0.0.192 and 168.63.129.16 for two.
_CLOUDS = (ipaddress.ip_network("192.0.0.0/24"), ipaddress.ip_network("168.63.129.16/32"))
_ends_at: ContextVar[float] = ContextVar("ends_at", default=math.inf)  # of the call that is under way


class Refused(httpx.RequestError):
    """The address is inside a private network, and nobody has allowed it."""


@contextmanager
def at_most(duration: timedelta) -> Iterator[None]:
    """Inside, no wait for a guarded connection goes past the duration."""
    token = _ends_at.set(time.monotonic() + duration.total_seconds())
    try:
        yield
    finally:
        _ends_at.reset(token)


def is_public(address: str) -> bool:
    """Whether the address is one of the open internet, also when it is wrapped in another kind of address.

    >>> is_public("93.184.215.14"), is_public("::ffff:10.0.0.1"), is_public("100.64.0.1")
    (True, False, False)
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
        if ip.is_site_local:
            return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or any(ip in net for net in _CLOUDS))


class GuardedTransport(httpx.HTTPTransport):
    """httpx's own transport, on connections that were checked; `allowed` hosts may be private."""

    def __init__(self, allowed: Iterable[str]) -> None:
        context = httpx.create_ssl_context()
        super().__init__(verify=context)
        self._pool = httpcore.ConnectionPool(
            ssl_context=context,
            max_connections=100,
            max_keepalive_connections=20,
            keepalive_expiry=5,
            network_backend=_Network(allowed),
        )


class _Network(httpcore.NetworkBackend):
    """Connects to the very address that was checked: a name that changes its mind gains nothing."""

    def __init__(self, allowed: Iterable[str]) -> None:
        self._allowed = frozenset(_plain(host) for host in allowed)
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to the first address of the host that answers; Refused if one of them is private."""
        addresses = _admitted(host, port, self._allowed)
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in addresses:
            left = _left(timeout, httpcore.ConnectTimeout)
            try:
                stream = self._sockets.connect_tcp(address, port, left, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _Stream(stream)
        raise failure


def guarded_socket(host: str, port: int, *, allowed: Iterable[str], timeout: timedelta) -> socket.socket:
    """A connection to a host, checked in the same way, for what brings a protocol of its own."""
    failure: OSError = ConnectionError(f"{host} has no address")
    try:
        addresses = _admitted(host, port, frozenset(_plain(one) for one in allowed))
    except httpcore.ConnectError as error:
        raise ConnectionError(str(error)) from error
    for address in addresses:
        try:
            return socket.create_connection((address, port), timeout.total_seconds())
        except OSError as error:
            failure = error
    raise failure


def _admitted(host: str, port: int, allowed: frozenset[str]) -> list[str]:
    addresses = _resolve(host, port)
    if _plain(host) not in allowed and not all(map(is_public, addresses)):
        raise Refused(
            f"{host} is inside a private network. "
            "If that is meant, add the host to TOCSIN_ALLOW_PRIVATE_HOSTS."
        )
    return addresses


def _plain(host: str) -> str:
    return host.strip().strip("[]").rstrip(".").lower()


def _resolve(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError(
            f"the name {host} is not known; check the address, and this machine's network"
        ) from error
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class _Stream(httpcore.NetworkStream):
    """A connection on which no wait goes past the end of the call, however slowly the bytes drip."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """What has come; a timeout at the end of the call."""
        return self._stream.read(max_bytes, _left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all of it; a timeout at the end of the call."""
        self._stream.write(buffer, _left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        """Let go of the connection."""
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """The same connection under TLS; the certificate must be that of the host's name."""
        left = _left(timeout, httpcore.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - httpcore's own type
        """What the connection underneath knows of itself."""
        return self._stream.get_extra_info(info)


def _left(timeout: float | None, error: type[httpcore.TimeoutException]) -> float | None:
    left = _ends_at.get() - time.monotonic()
    if left <= 0:
        raise error("the time for this call is over")
    return timeout if math.isinf(left) else min(left, math.inf if timeout is None else timeout)
