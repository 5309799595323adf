"""How a fire of several watches begins: in a time that nobody heard, or with one watch that is in hand."""

import pytest

from app.admin import incidents
from app.db import Sessions
from app.pipeline import run_cycle
from tests.pipeline.conftest import FIRE_AT, HOUR, Opened
from tests.pipeline.incidents.company import COMPANY, MINUTE, ROOM, company_fire, everyday, watch_for
from tests.standins.slack import SlackStandin


@pytest.mark.parametrize(("hours", "thread"), [(1, 0), (9, 3)], ids=["over", "burning"])
def test_after_a_gap_a_fire_of_several_watches_is_told_once_as_it_stands(
    street: Opened, sessions: Sessions, slack: SlackStandin, hours: int, thread: int
) -> None:
    watch_for(sessions, COMPANY)
    life = street(everyday(), company_fire(hours=hours))
    life.live(life.clock.at + 10 * MINUTE)
    life.clock.at += 8 * HOUR
    life.bring(life.clock.at)
    run_cycle(sessions, life.chain, now=life.clock.at)
    assert len({one.story_id or one.id for one in life.incidents()}) == 1
    roots = [m for m in slack.messages() if "n’a rien écouté" not in m["text"]]
    assert len(roots) == 1
    assert len(slack.messages(thread=roots[0]["ts"])) == thread
    assert not any(m.get("reply_broadcast") for m in slack.channels[ROOM])


def test_whoever_has_a_fire_in_hand_has_what_joins_it(street: Opened, sessions: Sessions) -> None:
    watch_for(sessions, COMPANY)
    life = street(everyday(), company_fire())
    while not life.incidents() or life.incidents()[0].burning_at is None:
        life.live(life.clock.at + 5 * MINUTE)
    with sessions.begin() as session:
        incidents.acknowledge(session, life.incidents()[0].id, by="Camille", now=life.clock.at)
    life.live(FIRE_AT + 70 * MINUTE)
    assert {one.acknowledged_by for one in life.incidents()} == {"Camille"}
    assert len(life.incidents()) == 4
