"""A watch that has not learnt: silent, borrowing the usual of watches like it, or ringing at a number."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app import db
from app.admin import watches
from app.admin.specs import WatchSpec
from app.db import Sessions
from app.models import WHOLE, Incident, Source, Transition, Watch
from app.pipeline import Chain, run_cycle
from app.sources.base import Item
from tests.pipeline.brand import START, fire, ordinary
from tests.pipeline.conftest import FIRE_AT, HOUR
from tests.pipeline.street import Street
from tests.standins.clock import StillClock
from tests.standins.slack import SlackStandin

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def sessions(sqlite: str) -> Iterator[Sessions]:
    """On SQLite alone: what is judged does not depend on the database."""
    engine = db.connect(sqlite, durable=False)
    yield db.sessions_of(engine)
    engine.dispose()


def of_brand(name: str, items: Sequence[Item]) -> list[Item]:
    """The posts, about another brand."""
    return [
        replace(
            item, external_id=f"{name}-{item.external_id}", url=f"https://example.org/{name}/{item.external_id}",
            text=item.text.replace("Vélinor", name).replace("#velinor", f"#{name.lower()}"),
        )
        for item in items
    ]  # fmt: skip


def heard_from(sessions: Sessions, source_id: int, at: datetime) -> None:
    """The source is new: nobody knows what was said before."""
    with sessions.begin() as session:
        session.get_one(Source, source_id).heard_until = at


def watch(sessions: Sessions, name: str, at: datetime, *, emergency: bool = False, source: str = "") -> None:
    given = {"name": name, "query": f"any of: {name}", "time_zone": "Europe/Paris", "emergency": emergency}
    spec = WatchSpec.model_validate(given | {"sources": [source] if source else []})
    with sessions.begin() as session:
        watches.create(session, spec, by="test", now=at)


def burning(sessions: Sessions, name: str) -> list[Incident]:
    with sessions() as session:
        rows = select(Incident).join(Watch).where(Watch.name == name, Incident.burning_at.is_not(None))
        return list(session.scalars(rows))


@pytest.mark.parametrize("emergency", [True, False])
def test_a_watch_made_in_a_crisis_rings_within_the_hour_if_it_is_an_emergency(
    sessions: Sessions, chain: Chain, clock: StillClock, slack: SlackStandin, velinor: int, *, emergency: bool
) -> None:
    posts = [*ordinary(8), *of_brand("Orléa", [*ordinary(8, seed=9), *fire(FIRE_AT)])]
    made = FIRE_AT + 45 * MINUTE
    heard_from(sessions, velinor, made)
    life = Street(sessions, chain, clock, velinor, posts, made)
    watch(sessions, "Orléa", made, emergency=emergency)
    life.live(made + HOUR)
    found = burning(sessions, "Orléa")
    assert len(found) == emergency
    with sessions() as session:
        (learning,) = session.scalars(select(Watch.learning).where(Watch.name == "Orléa"))
        assert learning["basis"] == ("emergency" if emergency else "none")
    if emergency:
        assert found[0].opened_at - made <= 15 * MINUTE
        with sessions() as session:
            told = session.scalars(select(Transition).where(Transition.incident_id == found[0].id)).first()
            assert told is not None
            assert told.facts["learning"]["per_hour"] == 10
            assert told.facts["quiet_below"] == 10
        texts = str(slack.messages())
        assert "l’habituel n’est pas encore connu" in texts
        assert "Encore en apprentissage" in texts


def test_an_emergency_watch_of_a_quiet_brand_rings_nothing_and_ends_by_itself(
    sessions: Sessions, chain: Chain, clock: StillClock, velinor: int
) -> None:
    begin = START + 8 * DAY
    posts = of_brand("Orléa", ordinary(8, start=begin, per_hour=2.0))
    heard_from(sessions, velinor, begin)
    life = Street(sessions, chain, clock, velinor, posts, begin)
    watch(sessions, "Orléa", begin, emergency=True)
    for hour in range(12, 7 * 24 + 1, 12):  # each bucket is judged all the same
        clock.at = begin + hour * HOUR
        life.bring(clock.at)
        run_cycle(sessions, chain, now=clock.at)
    assert burning(sessions, "Orléa") == []
    with sessions() as session:
        orlea = session.scalars(select(Watch).where(Watch.name == "Orléa")).one()
        assert (orlea.learning, orlea.emergency) == (None, {"mentions_per_hour": 10})
        assert orlea.judged_since is not None
        assert timedelta(days=2.9) < orlea.judged_since - begin < timedelta(days=3.2)


def test_a_new_watch_borrows_what_is_usual_for_three_like_it(
    sessions: Sessions, chain: Chain, clock: StillClock, slack: SlackStandin, velinor: int
) -> None:
    begin, at = START + 4 * DAY, START + 5 * DAY + 10 * HOUR
    posts = [*ordinary(6, per_hour=6.0)]
    for seed, name in enumerate(("Mirva", "Tollan")):
        posts += of_brand(name, ordinary(6, seed=20 + seed, per_hour=5.0 + seed))
    mine = of_brand("Orléa", [*ordinary(2, start=begin, seed=30, per_hour=6.0), *fire(at)])
    mine += of_brand("Grandis", ordinary(2, start=begin, seed=31, per_hour=100.0))
    with sessions.begin() as session:
        session.get_one(Watch, 1, options=WHOLE).sources = [session.get_one(Source, velinor)]
        new = Source(
            name="other forum", kind="push", settings={}, health_since=begin, heard_until=begin,
            created_at=begin, updated_at=begin,
        )  # fmt: skip
        session.add(new)
        session.flush()
        other = new.id
    for name, source in {
        "Mirva": "forum",
        "Tollan": "forum",
        "Orléa": "other forum",
        "Grandis": "other forum",
    }.items():
        watch(sessions, name, begin, source=source)
    life = Street(sessions, chain, clock, velinor, posts, at - HOUR)
    beside = Street(sessions, chain, clock, other, mine, at - HOUR)
    while clock.at < at + 2 * HOUR:
        clock.at += 5 * MINUTE
        life.bring(clock.at)
        beside.bring(clock.at)
        run_cycle(sessions, chain, now=clock.at)
    (found,) = burning(sessions, "Orléa")
    assert at <= found.opened_at <= at + 1.5 * HOUR
    assert burning(sessions, "Grandis") == [], "it is much larger than the others: nothing is lent"
    with sessions() as session:
        told = session.scalars(select(Transition).where(Transition.incident_id == found.id)).first()
        assert told is not None
        learning = told.facts["learning"]
        assert (learning["basis"], learning["like"]) == ("borrowed", 3)
        known: dict[str, Any] = dict(iter(session.execute(select(Watch.name, Watch.learning))))
        assert known["Grandis"]["basis"] == "none"
        assert known["Mirva"] is None
    assert "celui de 3 veilles semblables" in str(slack.messages())
