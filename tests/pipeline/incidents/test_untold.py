"""A verdict that keeps quiet needs proof, gives way to what speaks for a fire, and is told (on SQLite)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from app.db import Sessions
from app.models import Delivery, Notice, Policy, VerdictWord, Watch
from app.pipeline import run_cycle
from app.pipeline.incidents import respond
from app.sources.base import Item
from tests.pipeline.brand import START, fire, ordinary
from tests.pipeline.conftest import FIRE_AT, HOUR, Opened
from tests.standins.slack import SlackStandin

MINUTE = timedelta(minutes=1)
BRANDS = ("Armor", "Brise", "Corail", "Dune", "Écume")


@pytest.fixture
def database(sqlite: str) -> str:
    return sqlite


def watch_also(sessions: Sessions, queries: dict[str, list[str]]) -> None:
    with sessions.begin() as session:
        policy = session.scalars(select(Policy)).one()
        session.add_all(
            Watch(
                name=name, query={"any_of": words}, languages=[], policy=policy, time_zone="Europe/Paris",
                created_at=START, updated_at=START,
            )
            for name, words in queries.items()
        )  # fmt: skip


def about(items: Sequence[Item], name: str) -> list[Item]:
    """The same posts about another brand, each said by somebody else and in an order of its own."""
    return [
        replace(
            item,
            external_id=f"{name}{item.external_id}",
            text=item.text.replace("Vélinor", name).replace("velinor", name),
            author=f"{item.author}{name[:1]}",
        )
        for item in items
    ]


def more(at: datetime, hours: float = 2) -> list[Item]:
    """Three more times the posts of ordinary days, of one brand."""
    return [
        item
        for k in range(3)
        for item in ordinary(9, seed=70 + k, prefix=f"twice{k}-")
        if item.published_at and at <= item.published_at < at + hours * HOUR
    ]


def kinds(life: object) -> dict[str, tuple[str, bool]]:
    return {i.watch.name: (i.kind.value, i.suppressed_by_kind) for i in life.incidents()}  # type: ignore[attr-defined]


def notices(slack: SlackStandin) -> list[str]:
    return [str(m["blocks"]) for m in slack.messages() if "sans alerte" in str(m["blocks"])]


def test_four_watches_of_one_company_ring_together(
    street: Opened, sessions: Sessions, slack: SlackStandin
) -> None:
    company = {"produit": ["yaourts", "Rappel"], "usine": ["Vélinor", "crèche"], "tête": ["velinor"]}
    watch_also(sessions, company)
    life = street(fire(FIRE_AT, per_hour=300))
    life.live(FIRE_AT + 90 * MINUTE)
    assert kinds(life) == dict.fromkeys(["Vélinor", *company], ("fire", False))
    assert notices(slack) == []


def test_six_brands_that_burn_through_one_source_ring_all(
    street: Opened, sessions: Sessions, slack: SlackStandin
) -> None:
    watch_also(sessions, {name: [name] for name in BRANDS})
    unasked = about([*ordinary(9, seed=11)], "Quidam")
    others = [
        about([*ordinary(9, seed=20 + k), *fire(FIRE_AT + 10 * k * MINUTE, seed=30 + k)], name)
        for k, name in enumerate(BRANDS, start=1)
    ]
    life = street(fire(FIRE_AT), unasked, *others)
    life.live(FIRE_AT + 3 * HOUR)
    assert kinds(life) == dict.fromkeys(["Vélinor", *BRANDS], ("fire", False))
    assert notices(slack) == []


def swinging(street: Opened, sessions: Sessions, *burning: list[Item]) -> object:
    """A source that brings four times as much of everything for two hours."""
    watch_also(sessions, {name: [name] for name in BRANDS})
    posts = [
        about([*ordinary(9, seed=20 + k), *more(FIRE_AT)], name)
        for k, name in enumerate([*BRANDS, "Quidam", "Personne"], start=1)
    ]
    return street(more(FIRE_AT), *posts, *burning)


def test_a_source_that_swings_is_an_artefact_and_is_told_once_though_the_notice_is_edited(
    street: Opened, sessions: Sessions, slack: SlackStandin
) -> None:
    life = swinging(street, sessions)
    life.live(FIRE_AT + 5 * HOUR)  # type: ignore[attr-defined]
    found = kinds(life)
    assert len(found) >= 4
    assert set(found.values()) == {("artefact", True)}
    (said,) = slack.messages()
    assert "veilles montent ensemble" in str(said["blocks"])
    assert "Mis sur le compte de forum" in str(said["blocks"])
    assert "y compris de ce qu’aucune veille ne demande" in str(said["blocks"])
    assert said["text"].startswith("Au-dessus du seuil, sans alerte")
    with sessions() as session:
        (notice,) = session.scalars(select(Notice).where(Notice.health == "untold"))
        assert len(session.scalars(select(Delivery).where(Delivery.notice_id == notice.id)).all()) == 1
        assert len(notice.facts) >= 4


def test_a_fire_in_a_source_that_swings_rings(
    street: Opened, sessions: Sessions, slack: SlackStandin
) -> None:
    life = swinging(street, sessions, fire(FIRE_AT, per_hour=200))
    life.live(FIRE_AT + 3 * HOUR)  # type: ignore[attr-defined]
    found = kinds(life)
    assert found.pop("Vélinor") == ("fire", False)
    assert found
    assert set(found.values()) == {("artefact", True)}
    assert len(slack.messages()) == 2, "the fire, and once that the source swings"


def test_an_artefact_gives_way_to_a_fire_that_begins_in_it(
    street: Opened, sessions: Sessions, slack: SlackStandin
) -> None:
    life = swinging(street, sessions, fire(FIRE_AT + 90 * MINUTE, per_hour=400))
    life.live(FIRE_AT + 80 * MINUTE)  # type: ignore[attr-defined]
    assert kinds(life)["Vélinor"] == ("artefact", True)
    life.live(FIRE_AT + 3 * HOUR)  # type: ignore[attr-defined]
    assert kinds(life)["Vélinor"] == ("fire", False)
    assert "revealed" in life.reasons()  # type: ignore[attr-defined]
    assert any(m["text"].startswith("FEU") and "Vélinor" in m["text"] for m in slack.messages())


def test_who_knows_better_says_so_and_everyone_is_told(
    street: Opened, sessions: Sessions, slack: SlackStandin
) -> None:
    life = swinging(street, sessions)
    life.live(FIRE_AT + 90 * MINUTE)  # type: ignore[attr-defined]
    incident = next(i for i in life.incidents() if i.suppressed_by_kind)  # type: ignore[attr-defined]
    now = life.clock.at  # type: ignore[attr-defined]
    with sessions.begin() as session:
        respond.judge(session, incident.id, verdict=VerdictWord.fire, by="Camille", now=now)
    run_cycle(sessions, life.chain, now=now + MINUTE)  # type: ignore[attr-defined]
    assert len(slack.messages()) == 2
    assert "DÉPART DE FEU" in str(slack.messages()[1]["blocks"])
