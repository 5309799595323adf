"""What holds for every kind of channel."""

import inspect
import io
import traceback
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import httpx
import pytest
from pydantic import SecretStr, ValidationError
from rich.console import Console

from app.channels import KINDS
from app.channels.base import Channel, Dependencies, Earlier, Kind, Sent, TakesReports
from app.channels.notices import News
from app.channels.pace import Pace
from app.errors import ChannelError
from tests.channels.factory import NOW, alert, story
from tests.standins.patience import HANG

SECRET = "xoxb-12345-never-to-be-seen"
STATUSES = [*range(200, 209), *range(300, 309), *range(400, 432), 451, *range(500, 512), 599]
MAIL = {"to": ["a@b.example"], "sender": "t@b.example", "server": "127.0.0.1", "port": 9, "user": "t"}
# FAR_END is where the server of the test listens.
SETTINGS: dict[str, dict[str, Any]] = {
    "slack": {"channel": "C0ALERTS"}, "email": MAIL, "webhook": {"url": f"FAR_END/{SECRET}"}, "terminal": {},
    "apprise": {},
}  # fmt: skip
SECRETS = {"apprise": f"json://FAR_END/{SECRET}"}  # where a secret has a form
HTTP = [kind for kind in KINDS if kind.name != "email"]  # test_email walks the answers of its own protocol
AT_HAND = {"terminal"}  # kinds that call nobody


NEWS = News(
    notice_id=1, delivery_id=1, source_id=1, source="La Presse", kind="rss", health="down", at=NOW, since=NOW,
    language="en", time_zone="UTC",
)  # fmt: skip


@pytest.fixture
def far_end() -> Iterator[ThreadingHTTPServer]:
    """A server that answers each POST with the status that is in its path or in `status`."""

    class Handler(BaseHTTPRequestHandler):
        status = 200

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"] or 0))
            self.send_response(type(self).status)
            page = f"<html>{SECRET}</html>".encode()
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's words
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def settings_of(kind: Kind, base: str) -> dict[str, Any]:
    given = SETTINGS[kind.name].items()
    return {name: v.replace("FAR_END", base) if isinstance(v, str) else v for name, v in given}


def build(kind: Kind, base: str) -> Channel:
    dependencies = Dependencies(
        http=httpx.Client(timeout=HANG),
        console=Console(file=io.StringIO()),
        pace=Pace(sleep=lambda _seconds: None),
        slack_token=SecretStr(SECRET),
        slack_api_url=f"{base}/api/",
        private_hosts=("127.0.0.1",),
    )
    settings = kind.settings(**settings_of(kind, base))
    secret = SECRETS.get(kind.name, SECRET).replace("FAR_END", base.partition("://")[2])
    return kind.build(settings, dependencies, secret if kind.secret != "none" else None)


@pytest.mark.parametrize("kind", HTTP, ids=lambda kind: kind.name)
def test_no_status_makes_a_channel_say_its_secret(
    kind: Kind, far_end: ThreadingHTTPServer, caplog: pytest.LogCaptureFixture
) -> None:
    channel = build(kind, f"http://127.0.0.1:{far_end.server_address[1]}")
    assert SECRET not in repr(channel)
    for status in STATUSES:
        far_end.RequestHandlerClass.status = status  # type: ignore[attr-defined]
        error: ChannelError | None
        tells: tuple[Callable[[], Sent], ...] = (
            lambda: channel.tell(alert(), Earlier(), now=NOW),
            lambda: channel.say(NEWS, Earlier(), now=NOW),
        )
        for tell in tells:
            error, text = None, ""
            try:
                text = str(tell())
            except ChannelError as caught:
                error = caught
                text = "".join(traceback.format_exception(caught))
            assert SECRET not in text
            if error is not None:
                again = 200 <= status < 300 or status in {408, 425, 429} or status >= 500
                assert error.permanent != again, status
    assert SECRET not in caplog.text


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_far_end_that_is_not_there_is_worth_another_try(kind: Kind) -> None:
    channel = build(kind, "http://127.0.0.1:9")
    if kind.name in AT_HAND:
        assert channel.tell(alert(), Earlier(), now=NOW).external_id
        return
    with pytest.raises(ChannelError) as caught:
        channel.tell(alert(), Earlier(), now=NOW)
    assert (caught.value.permanent, caught.value.ambiguous) == (False, False)
    assert SECRET not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_settings_that_nobody_knows_are_refused(kind: Kind) -> None:
    with pytest.raises(ValidationError):
        kind.settings(**settings_of(kind, "https://x.example"), misspelt=1)
    assert kind.summary.endswith(".")


@pytest.mark.parametrize("name", ["#general", "general", "", "U0123", "C1; DROP"])
def test_a_slack_channel_is_given_by_its_id(name: str) -> None:
    with pytest.raises(ValidationError):
        KINDS[0].settings(channel=name)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_channel_that_lacks_its_secret_says_so(kind: Kind) -> None:
    settings = kind.settings(**settings_of(kind, "https://x.example"))
    dependencies = Dependencies(http=httpx.Client(), console=Console(file=io.StringIO()))
    if kind.secret == "none":
        channel = kind.build(settings, dependencies, None)
        assert kind.name not in AT_HAND or channel.check(now=NOW)
        return
    with pytest.raises(ChannelError) as caught:
        kind.build(settings, dependencies, None)
    assert caught.value.permanent


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_it_fills_the_protocol(kind: Kind) -> None:
    channel = build(kind, "http://127.0.0.1:9")
    for name in ("tell", "say", "check"):
        wanted = inspect.signature(getattr(Channel, name))
        assert list(inspect.signature(getattr(type(channel), name)).parameters) == list(wanted.parameters)
    assert story()
    assert isinstance(channel, TakesReports) is kind.takes_reports
