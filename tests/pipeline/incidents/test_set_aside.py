"""What is set aside as not about a watch keeps no fire quiet (on SQLite alone)."""

import json
from datetime import datetime
from functools import cache
from random import Random

import pytest
from sqlalchemy import case, func, select, update

from app.channels.facts import Facts
from app.db import Sessions
from app.models import Aside, Bucket, IncidentKind, Mention, Notice, Policy, Watch
from app.pipeline.simulation.preview import preview
from app.reading.relevance import Example, Relevance, learn_relevance
from app.sources.base import Item
from tests.pipeline.brand import START, fire, ordinary, post
from tests.pipeline.conftest import FIRE_AT, HOUR, Opened
from tests.pipeline.street import Street
from tests.standins.slack import SlackStandin

_WHAT = ("Fête du village", "Vide-grenier", "Concert", "Marché de Noël", "Match de foot", "Bal", "Kermesse")
_WHERE = ("à Vélinor", "place de Vélinor", "au stade de Vélinor", "près de Vélinor", "à la mairie de Vélinor")
_WHEN = ("dimanche", "samedi soir", "avec la fanfare", "et buvette", "pour les enfants", "entrée libre")


@pytest.fixture
def database(sqlite: str) -> str:
    return sqlite


def village(begin: datetime, hours: float, per_hour: float, prefix: str) -> list[Item]:
    """Posts of a village that has the name of the brand, evenly over the hours."""
    rng, items = Random(prefix), []
    for n in range(int(hours * per_hour)):
        text = f"{rng.choice(_WHAT)} {rng.choice(_WHERE)}, {rng.choice(_WHEN)} {n}"
        items.append(post(f"{prefix}{n}", begin + (n + rng.random()) * HOUR / per_hour, text, rng))
    return items


@cache
def learnt() -> Relevance:
    about = [item.text for item in ordinary(3, seed=1)]
    noise = [item.text for item in village(START, 72, 12, "learnt")]
    examples = [Example(text=text, about=is_about) for texts, is_about in ((about, True), (noise, False))
                for text in texts[:60]]  # fmt: skip
    found = learn_relevance(examples, [*about, *noise])
    assert found is not None
    assert found.useful
    return found


@pytest.fixture
def teach(sessions: Sessions, velinor: int) -> None:
    assert velinor
    held = {"learnt": learnt().model_dump(mode="json"), "on": True}
    with sessions.begin() as session:
        session.execute(update(Watch).values(relevance=held))
        # Posts without harm are no fire: a team that wants to be called all the same is called.
        session.execute(update(Policy).values(rings=[kind.value for kind in IncidentKind]))


def usual(days: float = 7.6) -> list[Item]:
    return village(START, 24 * days, 12, "usual")


def counts(life: Street, since: datetime) -> tuple[int, int, int]:
    """(mentions, of these counted again, set aside) since then, by rows; buckets say the same."""
    with life.sessions() as session:
        rows = session.execute(
            select(func.count(), func.coalesce(func.sum(case((Mention.again, 1), else_=0)), 0)).where(
                Mention.at >= since
            )
        ).one()
        aside = session.scalar(select(func.count()).select_from(Aside).where(Aside.at >= since)) or 0
        sums = [func.coalesce(func.sum(c), 0) for c in (Bucket.mentions, Bucket.again, Bucket.aside)]
        assert tuple(session.execute(select(*sums).where(Bucket.at >= since)).one()) == (*rows, aside)
        return rows[0], int(rows[1]), aside


def roots(slack: SlackStandin) -> list[str]:
    said = [json.dumps(message["blocks"], ensure_ascii=False) for message in slack.messages()]
    return [blocks.replace("\xa0", " ").replace("\u202f", " ") for blocks in said]


def facts(life: Street) -> list[Facts]:
    return [Facts.model_validate(transition.facts) for transition in life.transitions()]


@pytest.mark.usefixtures("teach")
def test_an_alert_says_how_many_posts_were_set_aside(street: Opened, slack: SlackStandin) -> None:
    life = street(fire(FIRE_AT), usual())
    life.live(FIRE_AT + HOUR)
    (root,) = roots(slack)
    _, again, aside = counts(life, facts(life)[-1].onset_at)
    assert aside
    assert again == 0
    told = facts(life)[-1].apart
    assert told is not None
    assert (told.again, told.posts > 0) == (0, True)
    assert "mis de côté, qui" in root


def test_without_anything_set_aside_an_alert_does_not_speak_of_it(
    street: Opened, slack: SlackStandin
) -> None:
    life = street(fire(FIRE_AT), usual())
    life.live(FIRE_AT + HOUR)
    assert facts(life)[-1].apart is None
    assert "mis de côté" not in "".join(roots(slack))


@pytest.mark.usefixtures("teach")
def test_where_it_would_ring_with_what_is_set_aside_it_counts_again(
    street: Opened, slack: SlackStandin
) -> None:
    life = street(usual(), village(FIRE_AT, 2, 200, "burst"))
    life.live(FIRE_AT)
    mentions, again, aside = counts(life, START)
    assert again == 0
    assert aside > 0.8 * len(usual())
    assert life.reasons() == []
    life.live(FIRE_AT + 1.5 * HOUR)
    assert "ignited" in life.reasons()
    assert any("Comptées de nouveau" in root for root in roots(slack))
    assert counts(life, FIRE_AT + HOUR)[2] == 0, "all that comes counts"
    told = facts(life)[-1].apart
    assert told is not None
    assert told.again > 100
    with life.sessions() as session:
        assert session.scalar(select(Watch.counts_again_since)) is not None
    # A replay counts again as the live service did.
    (lived,) = life.incidents()
    shown = preview(life.sessions, 1, {}, since=FIRE_AT - HOUR, now=life.clock.at)
    assert [alarm.alerted_at for alarm in shown.today.alarms] == [lived.burning_at]
    # Once it is out, what comes is set aside again, and nothing rings anew.
    life.rest(FIRE_AT + 12 * HOUR)
    assert life.incidents()[-1].state == "out"
    with life.sessions() as session:
        assert session.scalar(select(Watch.counts_again_since)) is None
    assert len(life.incidents()) == 1
    assert mentions


@pytest.mark.usefixtures("teach")
def test_far_more_set_aside_than_usual_beside_many_mentions_is_told_once(street: Opened) -> None:
    crowd = ordinary(7.6, per_hour=60, seed=5, prefix="crowd")
    life = street(crowd, village(START, 24 * 7.6, 2, "usual"), village(FIRE_AT, 2, 18, "burst"))
    life.live(FIRE_AT + 2 * HOUR)
    assert life.reasons() == []
    with life.sessions() as session:
        (notice,) = session.scalars(select(Notice))
    assert (notice.health, notice.facts["begins"]) == ("aside", False)
    assert notice.facts["observed"] > 2 * notice.facts["usual"]
