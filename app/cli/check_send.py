"""`tocsin check --send`: a test message to a channel, or to each."""

from collections.abc import Iterator

from sqlalchemy import select

from app.admin.trials import send_test
from app.cli.finding import Finding
from app.cli.keys import actor
from app.errors import AppError
from app.logs import mask
from app.models import Channel
from app.runtime import Runtime

ALL = "all"  # channels that are switched on


def of_tests(runtime: Runtime, send: str) -> Iterator[Finding]:
    """What came of the test message to the channel of that name, or to all."""
    with runtime.sessions() as session:
        every = session.scalars(select(Channel).order_by(Channel.name)).all()
    found = [one for one in every if one.name == send] or [
        one for one in every if send == ALL and one.enabled
    ]
    if not found:
        known = ", ".join(one.name for one in every) or "none"
        yield Finding("test", False, f"there is no channel “{send}”; there are {known}")
    for channel in found:
        name = f"test of {channel.name} ({channel.kind})"
        try:
            context = runtime.chain.delivery
            text = send_test(runtime.sessions, context, channel.id, by=actor(), now=runtime.now())
            yield Finding(name, True, text)
        except AppError as error:
            yield Finding(name, False, mask(str(error)))
