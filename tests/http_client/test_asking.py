"""One question to a server: what is sent, what comes back, and what it may not carry elsewhere."""

import socket
from datetime import timedelta
from http.server import BaseHTTPRequestHandler

import httpx
import pytest

from app.errors import SourceError
from app.http_client import HttpResponse, ask, good, open_client
from app.settings import Settings
from tests.http_client.loopback import NOW, Site


def refused(client: httpx.Client, url: str) -> SourceError:
    with pytest.raises(SourceError) as caught:
        good(ask(client, url, now=NOW), now=NOW)
    return caught.value


def test_parameters_join_those_of_the_address(site: Site, client: httpx.Client) -> None:
    site.says("/search?v=1&q=l%27eau&tag=a&tag=b&limit=40", 200, b"[]")
    response = ask(
        client, site.url + "/search?v=1", now=NOW, params={"q": "l'eau", "tag": ["a", "b"], "limit": 40}
    )
    assert (response.status, response.json()) == (200, [])


@pytest.mark.parametrize("status", [200, 304, 400, 401, 404, 429, 500, 503])
def test_every_status_is_an_answer(site: Site, client: httpx.Client, status: int) -> None:
    response = ask(client, site.says("/a", status, b"" if status == 304 else b"{}", X_Left="7"), now=NOW)
    assert (response.status, response.headers["X-Left"], response.url) == (status, "7", site.url + "/a")
    assert len(site.asked) == 1


def test_a_form_and_json_are_sent_as_such(site: Site, client: httpx.Client) -> None:
    url = site.says("/token", 200, b"{}")
    ask(client, url, now=NOW, method="POST", form={"grant_type": "client_credentials", "scope": "a b"})
    ask(client, url, now=NOW, method="POST", body={"identifier": "me"})
    assert site.sent == [
        ("POST", "/token", b"grant_type=client_credentials&scope=a+b"),
        ("POST", "/token", b'{"identifier": "me"}'),
    ]
    assert [headers["content-type"] for _, headers in site.asked] == [
        "application/x-www-form-urlencoded",
        "application/json",
    ]


def test_redirects_are_followed_and_a_post_becomes_a_get(site: Site, client: httpx.Client) -> None:
    site.says("/old", 302, Location="/new")
    site.says("/new", 200, b"here")
    assert ask(client, site.url + "/old", now=NOW, method="POST", body={}).content == b"here"
    assert [path for _, path, _ in site.sent] == ["/old"]


def test_the_secret_does_not_follow_to_another_host(site: Site) -> None:
    site.says("/new", 200)
    there = f"{site.url}/new".replace("127.0.0.1", "localhost")
    with open_client(Settings(allow_private_hosts=["127.0.0.1", "localhost"])) as wide:
        ask(
            wide, site.says("/old", 302, Location=there), now=NOW, headers={"Authorization": "Bearer hunter2"}
        )
        with pytest.raises(SourceError, match="sends what we give it on to localhost"):
            ask(wide, site.says("/old", 307, Location=there), now=NOW, method="POST", form={"key": "hunter2"})
    assert site.asked[0][1]["authorization"] == "Bearer hunter2"
    assert "authorization" not in site.asked[1][1]


def test_a_get_whose_connection_breaks_is_tried_once_more_and_a_post_is_not(
    site: Site, client: httpx.Client
) -> None:
    def stumble(handler: BaseHTTPRequestHandler) -> None:
        site.says("/a", 200, b"better")
        handler.connection.close()

    site.replies["/a"] = stumble
    assert ask(client, site.url + "/a", now=NOW).content == b"better"
    site.replies["/a"] = stumble
    with pytest.raises(SourceError, match="cannot be reached"):
        ask(client, site.url + "/a", now=NOW, method="POST")


def test_no_network_is_an_error_that_passes(client: httpx.Client) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        error = refused(client, f"http://127.0.0.1:{free.getsockname()[1]}/?key=hunter2")
    assert "cannot be reached" in str(error)
    assert "hunter2" not in str(error)
    assert not error.permanent


@pytest.mark.parametrize("secret", ["hunter2\n", "mot de passe “secret”"])
def test_a_secret_that_no_header_may_hold_is_told_without_showing_it(
    site: Site, client: httpx.Client, secret: str
) -> None:
    with pytest.raises(SourceError, match="Set it again") as caught:
        ask(client, site.says("/a"), now=NOW, headers={"Authorization": f"Bearer {secret}"})
    assert "hunter2" not in str(caught.value)
    assert caught.value.permanent


@pytest.mark.parametrize(
    ("body", "why"),
    [
        pytest.param(b"", "an empty answer where JSON was expected", id="empty"),
        pytest.param(b"  \n", "an empty answer where JSON was expected", id="blank"),
        pytest.param(b"<!DOCTYPE html><title>Login</title>", "a web page where JSON", id="page"),
        pytest.param(b"<?xml version='1.0'?><html>", "a web page where JSON", id="xhtml"),
        pytest.param(b"Please limit requests", "not JSON, or is cut short: “Please limit", id="text"),
        pytest.param(b'{"posts": [{"id', "not JSON, or is cut short", id="cut"),
        pytest.param(b"\xff\xfe\xfa", "empty answer", id="bytes"),
        pytest.param(b"[" * 200_000, "nested too deeply", id="deep"),
    ],
)
def test_what_is_not_json_is_told_with_what_to_do(body: bytes, why: str) -> None:
    with pytest.raises(SourceError, match=why) as caught:
        HttpResponse(200, {}, body, "https://api.example/search?key=hunter2").json()
    assert str(caught.value).startswith("https://api.example/search gives")
    assert not caught.value.permanent


@pytest.mark.parametrize(
    ("status", "permanent", "words"),
    [
        pytest.param(400, True, "answers 400", id="400"),
        pytest.param(401, True, r"wants a login \(401\). Check the key of YouTube", id="401"),
        pytest.param(402, True, "credit", id="402"),
        pytest.param(403, True, "Check the key of YouTube with its rights", id="403"),
        pytest.param(404, True, "does not exist", id="404"),
        pytest.param(408, False, "out of order", id="408"),
        pytest.param(410, True, "gone for good", id="410"),
        pytest.param(429, False, "less often", id="429"),
        pytest.param(500, False, "out of order", id="500"),
        pytest.param(304, False, "answers 304", id="304"),
    ],
)
def test_a_refusal_says_what_to_do(status: int, permanent: bool, words: str) -> None:
    with pytest.raises(SourceError, match=words) as caught:
        good(HttpResponse(status, {}, b"", "https://api.example/"), now=NOW, secret="the key of YouTube")
    assert caught.value.permanent == permanent


@pytest.mark.parametrize(("status", "words"), [(401, "takes none"), (403, "in a browser")])
def test_who_was_shown_no_secret_is_not_told_to_check_it(status: int, words: str) -> None:
    with pytest.raises(SourceError, match=words) as caught:
        good(HttpResponse(status, {}, b"", "https://press.example/feed"), now=NOW)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("body", "theirs"),
    [
        pytest.param(
            b'{"error":"The access token is invalid"}', "The access token is invalid", id="mastodon"
        ),
        pytest.param(b'{"error":{"code":403,"message":"Quota"}}', "Quota", id="google"),
        pytest.param(b'{"error":"AuthMissing","message":"Sign in"}', "Sign in", id="bluesky"),
        pytest.param(b'{"errors":["Log in"],"error_type":"not_logged_in"}', "Log in", id="discourse"),
        pytest.param(b'{"title":"Invalid","detail":"Bad query"}', "Bad query", id="problem"),
        pytest.param(b'{"errors":[{"code":88,"message":"Slow"}]}', "Slow", id="x"),
        pytest.param(b'{"error_id":502,"error_message":"too many"}', "too many", id="stackexchange"),
        pytest.param(b'{"error":{"message":"bad key AIza12345678901234567890abc"}}', "bad key •••", id="key"),
        pytest.param(b"<html>no</html>", "", id="html"),
    ],
)
def test_what_the_server_says_of_its_error_is_told(body: bytes, theirs: str) -> None:
    with pytest.raises(SourceError) as caught:
        good(HttpResponse(400, {}, body, "https://api.example/"), now=NOW)
    assert ("It says: " in str(caught.value)) == bool(theirs)
    assert str(caught.value).endswith(f"It says: “{theirs}”." if theirs else "settings.")


@pytest.mark.parametrize(
    ("headers", "body", "seconds"),
    [
        pytest.param({"retry-after": "13"}, b"", 13, id="seconds"),
        pytest.param({"retry-after": "Sun, 22 Nov 2026 09:01:00 GMT"}, b"", 60, id="date"),
        pytest.param({"x-ratelimit-reset": "2026-11-22T09:05:00.070144Z"}, b"", 300.070144, id="mastodon"),
        pytest.param({"ratelimit-reset": str(int(NOW.timestamp()) + 40)}, b"", 40, id="bluesky"),
        pytest.param({"ratelimit-reset": "40"}, b"", 40, id="bluesky-delta"),
        pytest.param({"x-ratelimit-reset": "525"}, b"", 525, id="reddit"),
        pytest.param({"x-rate-limit-reset": str(int(NOW.timestamp()) + 900)}, b"", 900, id="x"),
        pytest.param({"x-rate-limit-reset": str(int(NOW.timestamp()) - 9)}, b"", 0, id="past"),
        pytest.param({"ratelimit": '"default";r=0;t=30'}, b"", 30, id="draft"),
        pytest.param(
            {}, b'{"errors":["x"],"extras":{"wait_seconds":13,"time_left":"13 s"}}', 13, id="discourse"
        ),
        pytest.param({"retry-after": "5", "x-ratelimit-reset": "525"}, b"", 5, id="retry-after-first"),
        pytest.param({"x-ratelimit-reset": "99999999"}, b"", 86_400, id="years"),
        pytest.param({"x-ratelimit-reset": "soon"}, b"", None, id="nonsense"),
        pytest.param({"x-ratelimit-reset": "nan"}, b'{"extras":[]}', None, id="nan"),
        pytest.param({}, b'{"error":"rate_limit_error"}', None, id="lemmy"),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_the_pause_is_read_in_every_dialect(
    status: int, headers: dict[str, str], body: bytes, seconds: float | None
) -> None:
    with pytest.raises(SourceError) as caught:
        good(HttpResponse(status, httpx.Headers(headers), body, "https://api.example/"), now=NOW)
    pause = caught.value.retry_after
    assert pause == (None if seconds is None else timedelta(seconds=seconds))
    assert not caught.value.permanent


def test_a_pause_header_without_a_limit_is_no_pause() -> None:
    reset = httpx.Headers({"x-ratelimit-reset": "525"})
    with pytest.raises(SourceError) as caught:
        good(HttpResponse(500, reset, b"", "https://api.example/"), now=NOW)
    assert caught.value.retry_after is None
