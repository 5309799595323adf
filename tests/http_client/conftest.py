"""A server to ask, and a client that may reach it."""

import threading
from collections.abc import Iterator

import httpx
import pytest

from app.http_client import open_client
from app.settings import Settings
from tests.http_client.loopback import Site


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with open_client(
        Settings(allow_private_hosts=["127.0.0.1", "Feeds.Test"], contact="ops@brand.example")
    ) as made:
        yield made
