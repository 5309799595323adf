"""After a time without a pass, what happened meanwhile is told once, as it stands; all of it is recorded."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.db import Sessions
from app.models import DeliveryState, Policy
from app.pipeline import run_cycle
from tests.pipeline.brand import fire
from tests.pipeline.conftest import FIRE_AT, HOUR, Opened
from tests.pipeline.street import STEP, Street
from tests.standins.slack import SlackStandin

pytestmark = pytest.mark.faults

ASLEEP = [
    pytest.param(8 * HOUR, "contained", "Maîtrisé", id="8 hours"),
    pytest.param(72 * HOUR, "went_out", "Éteint", id="72 hours"),
]


def sleep(life: Street, span: timedelta) -> None:
    """The machine sleeps; when it wakes, its sources tell all that was posted meanwhile."""
    life.clock.at += span
    life.bring(life.clock.at)
    run_cycle(life.sessions, life.chain, now=life.clock.at)


def alerts(slack: SlackStandin) -> list[dict[str, object]]:
    """All messages but that of the gap itself."""
    return [m for m in slack.channels["C0ALERTS"] if "n’a rien écouté" not in str(m["text"])]


def reminding(sessions: Sessions) -> None:
    with sessions.begin() as session:
        session.scalars(select(Policy)).one().remind_minutes = 30


@pytest.mark.parametrize(("span", "last", "says"), ASLEEP)
def test_a_fire_that_came_and_went_is_one_message_of_the_past(
    street: Opened, slack: SlackStandin, sessions: Sessions, span: timedelta, last: str, says: str
) -> None:
    reminding(sessions)
    life = street(fire(FIRE_AT, hours=1))
    life.live(life.clock.at + 2 * STEP)
    sleep(life, span)
    assert "ignited" in life.reasons()
    assert life.reasons()[-1] == last
    (message,) = alerts(slack)
    assert says in str(message), "it says that it is over"
    assert {d.state for d in life.deliveries()} == {DeliveryState.sent, DeliveryState.skipped}
    life.live(life.clock.at + 4 * STEP)
    assert len(alerts(slack)) == 1


def test_a_fire_that_began_meanwhile_and_burns_is_one_message_of_how_it_stands(
    street: Opened, slack: SlackStandin, sessions: Sessions
) -> None:
    reminding(sessions)
    life = street(fire(FIRE_AT, hours=9))
    life.live(life.clock.at + 2 * STEP)
    sleep(life, 8 * HOUR)
    assert {"ignited", "grew"} <= set(life.reasons())
    assert "reminded" not in life.reasons(), "nobody could have taken it"
    (message,) = alerts(slack)
    assert message.get("thread_ts") in {None, message["ts"]}
    life.live(life.clock.at + HOUR)
    assert "reminded" in life.reasons(), "told an hour ago, it is in nobody's hands"


def test_what_was_told_before_goes_on_in_its_thread_with_one_message(
    street: Opened, slack: SlackStandin
) -> None:
    life = street(fire(FIRE_AT, hours=3))
    while "ignited" not in life.reasons():
        life.live(life.clock.at + STEP)
    before = len(alerts(slack))
    sleep(life, 24 * HOUR)
    assert life.reasons()[-2:] == ["contained", "went_out"]
    added = alerts(slack)[before:]
    assert len(added) == 1
    assert "thread_ts" in added[0]
    assert "reply_broadcast" not in added[0]


def test_the_gap_itself_is_told(street: Opened, slack: SlackStandin) -> None:
    life = street()
    life.live(life.clock.at + 2 * STEP)
    sleep(life, 8 * HOUR)
    life.live(life.clock.at + 2 * STEP)
    said = [m for m in slack.channels["C0ALERTS"] if "n’a rien écouté" in str(m["text"])]
    assert len(said) == 1
