"""A street that is told in Slack and by mail, and channels that stand in for each other."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from app.channels.base import Dependencies
from app.channels.email.transport import EmailSettings, build
from app.db import Sessions
from app.models import Channel
from tests.pipeline.brand import START
from tests.pipeline.conftest import HOUR, Opened
from tests.pipeline.street import REST, STEP, Street
from tests.standins.mail import MailStandin

Add = Callable[..., None]


@pytest.fixture
def mail() -> Iterator[MailStandin]:
    with MailStandin() as standin:
        yield standin


@pytest.fixture
def add(sessions: Sessions, velinor: int) -> Add:
    """Adds a channel, and says how the Slack channel that is there is to change."""
    assert velinor

    def added(name: str, kind: str = "email", slack: dict[str, Any] | None = None, **fields: Any) -> None:  # noqa: ANN401
        with sessions.begin() as session:
            session.add(
                Channel(name=name, kind=kind, settings={}, created_at=START, updated_at=START, **fields)
            )
            known = session.scalars(select(Channel).where(Channel.name == "slack")).one()
            for field, value in (slack or {}).items():
                setattr(known, field, value)

    return added


@pytest.fixture
def told(street: Opened, mail: MailStandin) -> Callable[..., Street]:
    """A street whose channels of the kind e-mail lead to the mail server, the others to Slack."""

    def opened(*fires: Any) -> Street:  # noqa: ANN401
        life = street(*fires)
        settings = EmailSettings(
            to=["lea@brand.example", "max@brand.example"], sender="t@brand.example", server="127.0.0.1",
            port=mail.port, security="none",
        )  # fmt: skip
        by_mail = build(settings, Dependencies(http=httpx.Client(), private_hosts=("127.0.0.1",)), None)
        in_slack = life.chain.delivery.open
        context = replace(life.chain.delivery, open=lambda c: by_mail if c.kind == "email" else in_slack(c))
        life.chain = replace(life.chain, delivery=context)
        return life

    return opened


def until(life: Street, reason: str) -> None:
    end = life.clock.at + 14 * HOUR
    go_on, step = (life.rest, REST) if reason == "went_out" else (life.live, STEP)
    while reason not in life.reasons() and life.clock.at < end:
        go_on(life.clock.at + step)
    assert reason in life.reasons()


def subjects(mail: MailStandin) -> list[str]:
    return [str(one["Subject"]) for one in mail.mails]
