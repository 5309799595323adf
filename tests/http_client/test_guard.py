"""Nobody is led into our own network, however the address is written."""

import httpx
import pytest

from app.http_client import is_public
from tests.http_client.loopback import Site, get, names, refusal


def test_secrets_do_not_follow_a_redirect_to_another_host(
    site: Site, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    names(monkeypatch, {"feeds.test": ["127.0.0.1"]})
    site.says("/a", 302, Location=f"http://feeds.test:{site.server_port}/b")
    site.says("/b")
    get(
        client,
        site.url + "/a",
        headers={"Authorization": "Bearer x", "X-Api-Key": "y", "If-None-Match": '"1"'},
    )
    first, second = (headers for _, headers in site.asked)
    assert (first["authorization"], first["x-api-key"]) == ("Bearer x", "y")
    assert not {"authorization", "x-api-key"} & set(second)
    assert second["if-none-match"] == '"1"'


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.5", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "168.63.129.16", "192.0.0.192", "::", "::1",
        "0.0.0.0",  # noqa: S104 - nobody listens here
        "fe80::1%eth0", "fc00::1", "fec0::1", "ff02::1", "::ffff:10.0.0.1", "::10.0.0.1",
        "2002:7f00:1::", "64:ff9b::7f00:1", "::ffff:192.0.0.192", "fd00:ec2::254",
    ],
)  # fmt: skip
def test_an_address_that_is_not_of_the_open_internet_is_seen_as_such(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:4700::6810:84e5", "64:ff9b::5db8:d70e"])
def test_an_address_of_the_open_internet_is_let_through(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "host", ["localhost", "[::1]", "0", "2130706433", "0x7f.1", "127.1", "169.254.169.254", "10.0.0.5"]
)
def test_a_private_host_is_refused_however_it_is_written(site: Site, client: httpx.Client, host: str) -> None:
    error = refusal(client, f"http://{host}:{site.server_port}/feed")
    assert error.permanent
    assert site.asked == []


@pytest.mark.parametrize("addresses", [["10.0.0.5"], ["93.184.215.14", "127.0.0.1"], ["::ffff:127.0.0.1"]])
def test_a_name_is_refused_if_any_of_its_addresses_is_private(
    site: Site, client: httpx.Client, monkeypatch: pytest.MonkeyPatch, addresses: list[str]
) -> None:
    names(monkeypatch, {"intranet.test": addresses})
    error = refusal(client, f"http://intranet.test:{site.server_port}/feed")
    assert str(error).startswith("intranet.test is inside a private network.")
    assert "TOCSIN_ALLOW_PRIVATE_HOSTS" in str(error)
    assert site.asked == []


def test_an_allowed_name_is_resolved_once_and_reached_at_that_address(
    site: Site, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = names(monkeypatch, {"feeds.test": ["127.0.0.1"]})
    site.says("/feed", 200, b"ok")
    assert get(client, f"http://feeds.test:{site.server_port}/feed").content == b"ok"
    assert asked.count("feeds.test") == 1
    assert site.asked[0][1]["host"] == f"feeds.test:{site.server_port}"


def test_the_next_address_of_a_name_is_tried_when_the_first_does_not_answer(
    site: Site, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    names(monkeypatch, {"feeds.test": ["127.0.0.2", "127.0.0.1"]})
    site.says("/feed", 200, b"ok")
    assert get(client, f"http://feeds.test:{site.server_port}/feed").content == b"ok"


@pytest.mark.parametrize("place", ["10.0.0.1", "[::1]", "169.254.169.254/latest/meta-data", "localhost"])
def test_a_redirect_into_a_private_network_is_refused(site: Site, client: httpx.Client, place: str) -> None:
    error = refusal(client, site.says("/feed", 302, Location=f"http://{place}/"))
    assert "private network" in str(error)
    assert error.permanent


@pytest.mark.parametrize("place", ["file:///etc/passwd", "gopher://x/", "ftp://example.org/feed"])
def test_a_redirect_to_another_kind_of_address_is_refused(
    site: Site, client: httpx.Client, place: str
) -> None:
    assert "not an http or https address" in str(refusal(client, site.says("/feed", 302, Location=place)))
