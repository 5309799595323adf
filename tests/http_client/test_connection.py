"""Lines that stay open: guarded, told when they break, and silent lines hung up."""

import time
from datetime import timedelta
from http.server import BaseHTTPRequestHandler

import httpx
import pytest

from app.errors import SourceError
from app.http_client import Connection, dial
from tests.http_client.loopback import Site
from tests.standins.patience import HANG
from tests.standins.stream import Microphone, frames


def call(
    client: httpx.Client, url: str, silence: float = HANG, allowed: tuple[str, ...] = ("127.0.0.1",)
) -> Connection:
    return dial(
        client, url, headers={"Authorization": "x"}, silence=timedelta(seconds=silence), allowed=allowed
    )


def test_a_websocket_gives_its_messages_until_it_breaks(client: httpx.Client) -> None:
    with Microphone() as microphone:
        microphone.say(*frames(0, 2, start=100))
        line = iter(call(client, microphone.url + "?cursor=0"))
        assert [next(line)[:12], next(line)[:12]] == ['{"s": 100, "', '{"s": 101, "']
        microphone.hang_up()
        with pytest.raises(SourceError, match="hung up"):
            next(line)


def test_a_line_that_says_nothing_is_left(client: httpx.Client) -> None:
    with Microphone() as microphone, pytest.raises(SourceError, match="said nothing"):
        next(iter(call(client, microphone.url, silence=0.1)))


@pytest.mark.parametrize("scheme", ["ws", "http"])
def test_a_private_host_that_nobody_allowed_is_not_called(client: httpx.Client, scheme: str) -> None:
    with pytest.raises(SourceError, match="TOCSIN_ALLOW_PRIVATE_HOSTS") as caught:
        call(client, f"{scheme}://127.0.0.2:9/?token=hunter2", allowed=())
    assert caught.value.permanent
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("scheme", ["ws", "http"])
def test_a_refusal_is_told_with_its_status(site: Site, client: httpx.Client, scheme: str) -> None:
    def refuse(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno")

    site.replies["/stream"] = refuse
    url = f"{site.url}/stream".replace("http://", f"{scheme}://")
    with pytest.raises(SourceError, match="takes no call: it answers 401") as caught:
        call(client, url)
    assert caught.value.permanent


def test_a_closed_door_is_told(client: httpx.Client) -> None:
    with pytest.raises(SourceError, match="cannot be reached") as caught:
        call(client, "ws://127.0.0.1:1/")
    assert not caught.value.permanent


def test_server_sent_events_come_one_by_one_and_comments_keep_the_line_alive(
    site: Site, client: httpx.Client
) -> None:
    def talk(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n:)\n\n")
        for part in (
            b"event: update\n",
            b'data: {"id": "1"}\n\n',
            b":thump\n\n",
            b"event: delete\ndata: 1\n\n",
        ):
            handler.wfile.write(part)
            handler.wfile.flush()
            time.sleep(0.02)

    site.replies["/stream"] = talk
    line = filter(None, call(client, site.url + "/stream"))
    assert next(line) == 'event: update\ndata: {"id": "1"}'
    assert next(line) == "event: delete\ndata: 1"
    with pytest.raises(SourceError, match="hung up"):
        next(line)
