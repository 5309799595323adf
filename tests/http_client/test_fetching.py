"""What one GET gives, and how each failure is told."""

import gzip
import socket
import time
import zlib
from datetime import timedelta
from http.server import BaseHTTPRequestHandler

import httpx
import pytest

from app.http_client import open_client, shown
from app.settings import Settings
from tests.http_client.loopback import Site, get, refusal
from tests.standins.patience import HANG


def test_an_answer_comes_with_its_bytes_headers_and_address(site: Site, client: httpx.Client) -> None:
    answer = get(client, site.says("/feed", 200, b"hello", ETag='W/"1"'))
    assert (answer.status, answer.content, answer.headers["etag"]) == (200, b"hello", 'W/"1"')
    assert (answer.url, answer.moved_to) == (site.url + "/feed", None)


def test_it_says_who_it_is_and_how_to_reach_its_people(site: Site, client: httpx.Client) -> None:
    get(client, site.says("/feed"))
    headers = site.asked[0][1]
    assert headers["user-agent"].startswith("Tocsin/")
    assert headers["user-agent"].endswith("(+ops@brand.example)")
    assert headers["accept-encoding"] == "gzip"


def test_cookies_are_not_kept_from_one_source_to_the_next(site: Site, client: httpx.Client) -> None:
    get(client, site.says("/feed", Set_Cookie="id=1; Path=/"))
    get(client, site.url + "/feed")
    assert "cookie" not in site.asked[1][1]


def test_redirects_for_good_give_the_address_to_keep(site: Site, client: httpx.Client) -> None:
    site.says("/a", 301, Location="/b")
    site.says("/b", 308, Location="/c")
    site.says("/c", 302, Location="/d")
    site.says("/d", 200, b"here")
    answer = get(client, site.url + "/a")
    assert (answer.content, answer.url, answer.moved_to) == (b"here", site.url + "/d", site.url + "/c")


def test_a_redirect_for_now_moves_nothing(site: Site, client: httpx.Client) -> None:
    site.says("/a", 307, Location="/b")
    site.says("/b", 301, Location="/c")
    site.says("/c", 200, b"here")
    assert get(client, site.url + "/a").moved_to is None


def test_a_circle_of_redirects_ends(site: Site, client: httpx.Client) -> None:
    site.says("/a", 302, Location="/b")
    error = refusal(client, site.says("/b", 302, Location="/a"))
    assert "more than 5 times" in str(error)
    assert len(site.asked) == 6


def test_a_redirect_from_https_to_http_is_refused() -> None:
    moved = httpx.MockTransport(
        lambda _: httpx.Response(301, headers={"Location": "http://brand.example/feed"})
    )
    with open_client(Settings(), transport=moved) as client:
        error = refusal(client, "https://brand.example/feed")
    assert "set the address to http://brand.example/feed" in str(error)
    assert error.permanent


def test_an_address_with_a_password_is_refused_and_never_repeated(client: httpx.Client) -> None:
    error = refusal(client, "http://me:hunter2@127.0.0.1/feed")
    assert "hunter2" not in str(error)


def test_errors_do_not_show_the_query_of_an_address(site: Site, client: httpx.Client) -> None:
    site.says("/feed?key=hunter2", 404)
    error = refusal(client, site.url + "/feed?key=hunter2")
    assert str(error) == f"{site.url}/feed does not exist (404). Check the address."
    assert shown("http://a:b") == "the address"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 406, 410, 422, 451])
def test_what_only_a_person_can_mend_is_permanent(site: Site, client: httpx.Client, status: int) -> None:
    assert refusal(client, site.says("/feed", status)).permanent
    assert len(site.asked) == 1


@pytest.mark.parametrize("status", [408, 425, 429, 500, 501, 502, 503, 504])
def test_what_may_pass_by_itself_is_not_permanent(site: Site, client: httpx.Client, status: int) -> None:
    assert not refusal(client, site.says("/feed", status)).permanent


def test_a_server_that_stumbles_once_is_asked_again_at_once(site: Site, client: httpx.Client) -> None:
    def stumble(handler: BaseHTTPRequestHandler) -> None:
        site.says("/feed", 200, b"better")
        handler.send_error(503)

    site.replies["/feed"] = stumble
    assert get(client, site.url + "/feed").content == b"better"


@pytest.mark.parametrize(
    ("header", "pause"),
    [
        pytest.param("120", timedelta(seconds=120), id="seconds"),
        pytest.param("Sun, 22 Nov 2026 09:05:00 GMT", timedelta(minutes=5), id="date"),
        pytest.param("Sun, 22 Nov 2026 08:00:00 GMT", timedelta(), id="past"),
        pytest.param("99999999999", timedelta(days=1), id="years"),
        pytest.param("Fri, 01 Jan 2099 00:00:00 GMT", timedelta(days=1), id="2099"),
        pytest.param("soon", None, id="nonsense"),
        pytest.param("-5", None, id="negative"),
    ],
)
def test_the_pause_that_a_server_asks_for_is_kept(
    site: Site, client: httpx.Client, header: str, pause: timedelta | None
) -> None:
    assert refusal(client, site.says("/feed", 429, Retry_After=header)).retry_after == pause


def test_a_503_that_names_a_pause_is_not_asked_again_before(site: Site, client: httpx.Client) -> None:
    assert refusal(client, site.says("/feed", 503, Retry_After="30")).retry_after == timedelta(seconds=30)
    assert len(site.asked) == 1


def test_304_is_an_answer_only_to_who_asked_for_it(site: Site, client: httpx.Client) -> None:
    url = site.says("/feed", 304)
    assert get(client, url, headers={"If-None-Match": '"1"'}).status == 304
    assert "answers 304" in str(refusal(client, url))


def test_packed_bodies_are_unpacked(site: Site, client: httpx.Client) -> None:
    body = b"words " * 50_000
    assert get(client, site.says("/a", 200, gzip.compress(body), Content_Encoding="gzip")).content == body
    assert get(client, site.says("/b", 200, zlib.compress(body), Content_Encoding="deflate")).content == body


@pytest.mark.parametrize(
    ("body", "encoding", "why"),
    [
        pytest.param(b"x" * 10_000_001, "", "more than 10,000,000 bytes", id="large"),
        pytest.param(gzip.compress(bytes(50_000_000)), "gzip", "more than 10,000,000 bytes", id="bomb"),
        pytest.param(gzip.compress(b"words" * 999)[:-20], "gzip", "cut short", id="cut"),
        pytest.param(b"not gzip at all", "gzip", "broken", id="broken"),
        pytest.param(gzip.compress(gzip.compress(b"x")), "gzip, gzip", "not asked for", id="twice"),
        pytest.param(b"x", "br", "not asked for", id="brotli"),
    ],
)
def test_a_body_that_is_too_much_or_broken_is_refused(
    site: Site, client: httpx.Client, body: bytes, encoding: str, why: str
) -> None:
    headers = {"Content_Encoding": encoding} if encoding else {}
    assert why in str(refusal(client, site.says("/feed", 200, body, **headers)))


@pytest.mark.parametrize("part", ["head", "body"])
def test_a_server_that_drips_is_left_at_the_deadline(site: Site, client: httpx.Client, part: str) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        if part == "body":
            handler.wfile.write(b"Content-Length: 100\r\n\r\n")
        for _ in range(10 * HANG):  # or until who asked hangs up
            handler.wfile.write(b"x")
            time.sleep(0.1)

    site.replies["/feed"] = drip
    error = refusal(client, site.url + "/feed", deadline=timedelta(seconds=0.5))
    assert "did not answer in time" in str(error)
    assert not error.permanent


def test_a_server_that_hangs_up_is_told_so(site: Site, client: httpx.Client) -> None:
    site.replies["/feed"] = lambda handler: handler.connection.close()
    assert "cannot be reached" in str(refusal(client, site.url + "/feed"))


def test_a_closed_port_and_an_unknown_name_are_told_apart(client: httpx.Client) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert "cannot be reached" in str(refusal(client, f"http://127.0.0.1:{port}/"))
    error = refusal(client, "http://no-such-host.invalid/feed")
    assert "the name no-such-host.invalid is not known" in str(error)
    assert not error.permanent
