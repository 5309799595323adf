"""A source tried before it is set up, and the list of what there is."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from typer.testing import CliRunner

from app.cli import app
from app.errors import AppError
from app.sources import KINDS

FEED = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>t</title><item><guid>1</guid>
<title>Velinor recalls</title><pubDate>Sun, 22 Nov 2026 08:00:00 GMT</pubDate></item></channel></rss>"""


@pytest.fixture
def feed(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(FEED)))
            self.end_headers()
            self.wfile.write(FEED)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's words
            """Say nothing."""

    monkeypatch.setenv("TOCSIN_ALLOW_PRIVATE_HOSTS", '["127.0.0.1"]')
    monkeypatch.setenv("COLUMNS", "200")
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/feed"
        server.shutdown()


def run(*words: str) -> str:
    done = CliRunner().invoke(app, ["sources", *words])
    if done.exception is not None:
        raise done.exception
    return done.output


def test_a_try_shows_posts_and_cost(feed: str) -> None:
    text = run("try", "rss", f"url={feed}")
    assert "Velinor recalls" in text
    assert "ok: 1 posts" in text
    assert "It cost nothing. Price: free." in text


@pytest.mark.parametrize(
    ("words", "why"),
    [
        pytest.param(("rss",), "url: is missing. Give NAME=VALUE; there are: url.", id="setting"),
        pytest.param(("mastodon", "instance=a.example"), "mastodon: set either hashtag or search", id="pair"),
        pytest.param(("rss", "url=x"), "url: the address must begin with https://", id="value"),
        pytest.param(("youtube", "query=x"), "youtube needs a secret", id="secret"),
        pytest.param(("push",), "posts are brought to it", id="push"),
        pytest.param(("fax",), "no kind of source 'fax'", id="kind"),
    ],
)
def test_what_cannot_be_tried_says_why(words: tuple[str, ...], why: str) -> None:
    with pytest.raises(AppError, match=why):
        run("try", *words)


def test_all_kinds_are_listed_with_what_they_need(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "250")
    text = run("kinds")
    assert all(kind.name in text for kind in KINDS)
    assert "Starts switched off" in text
