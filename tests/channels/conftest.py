"""A Slack on loopback, and a channel to it, both on a clock that moves when somebody waits."""

from collections.abc import Callable, Iterator

import pytest

from app.channels.pace import Pace
from app.channels.slack.transport import SlackChannel
from app.channels.slack.web import open_web
from tests.channels.factory import NOW
from tests.standins.clock import StillClock
from tests.standins.patience import HANG
from tests.standins.slack import SlackStandin


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def clock() -> StillClock:
    return StillClock(NOW)


@pytest.fixture
def slack(clock: StillClock) -> Iterator[SlackStandin]:
    with SlackStandin(now=clock.now) as standin:
        yield standin


@pytest.fixture
def connect(slack: SlackStandin, clock: StillClock) -> Callable[..., SlackChannel]:
    """A channel of slack_sdk's own client on the stand-in; each has its own pace, as after a restart."""

    def opened(token: str = slack.token, channel: str = "C0ALERTS", patience: int = HANG) -> SlackChannel:
        pace = Pace(sleep=clock.sleep, monotonic=clock.monotonic)
        return SlackChannel(open_web(token, slack.url, timeout=patience), channel, pace)

    return opened


@pytest.fixture
def channel(connect: Callable[..., SlackChannel]) -> SlackChannel:
    return connect()
