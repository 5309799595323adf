"""The whole chain: a burst of posts in, one message out; again, still one; calm, and the end is told."""

from app.models import DeliveryState, State
from app.pipeline import Chain, run_cycle
from tests.pipeline.brand import fire
from tests.pipeline.conftest import FIRE_AT, HOUR, Opened
from tests.standins.slack import SlackStandin


def test_a_fire_becomes_one_message_that_is_kept_up_to_date_until_it_is_out(
    street: Opened, slack: SlackStandin, chain: Chain
) -> None:
    life = street(fire(FIRE_AT))
    life.live(FIRE_AT + 2 * HOUR)
    (root,) = slack.messages()
    assert "Vélinor" in root["text"]
    run_cycle(life.sessions, chain, now=life.clock.at)
    assert len(slack.messages()) == 1, "a second pass at the same instant has nothing to say"
    life.live(FIRE_AT + 15 * HOUR)
    (incident,) = life.incidents()
    assert incident.state is State.out
    assert life.reasons()[-2:] == ["contained", "went_out"]
    assert FIRE_AT - HOUR <= incident.onset_at <= FIRE_AT + HOUR
    (root,) = slack.messages()
    thread = slack.messages(thread=root["ts"])
    assert len(thread) >= 2
    assert {d.state for d in life.deliveries()} == {DeliveryState.sent}
