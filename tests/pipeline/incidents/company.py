"""A company of four watches whose fires share their posts."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import select

from app.db import Sessions
from app.models import (
    Channel,
    Incident,
    Policy,
    Watch,
)
from app.sources.base import Item
from tests.pipeline.brand import START, fire, ordinary
from tests.pipeline.conftest import FIRE_AT, Opened
from tests.pipeline.street import Street
from tests.standins.slack import SlackStandin

MINUTE = timedelta(minutes=1)
ROOM = "C0ALERTS"
COMPANY = {"Lot 4417": "4417", "Siège": "siège", "Usine": "usine"}


def everyday() -> list[Item]:
    """Ordinary posts that name the product, the head office and the plant of the brand."""
    rng = Random(4)
    posts = ordinary(9, per_hour=4, seed=11, prefix="e")
    return [naming(item, rng, 0.7) for item in posts]


def company_fire(**more: float) -> list[Item]:
    """A fire of which each post names the brand, and most its product, its head office and its plant."""
    rng = Random(5)
    return [naming(item, rng, 0.8) for item in fire(FIRE_AT, **more)]  # type: ignore[arg-type]


def naming(item: Item, rng: Random, part: float) -> Item:
    also = [f" ({word})" for word in COMPANY.values() if rng.random() < part]
    return replace(item, text=item.text + "".join(also))


def watch_for(sessions: Sessions, names: dict[str, str], channels: Sequence[str] = ()) -> None:
    """More watches beside that of the brand, each for one word."""
    with sessions.begin() as session:
        policy = session.scalars(select(Policy)).one()
        told = list(session.scalars(select(Channel).where(Channel.name.in_(channels))))
        for name, word in names.items():
            session.add(
                Watch(
                    name=name, query={"any_of": [word]}, languages=[], policy=policy, channels=told,
                    time_zone="Europe/Paris", created_at=START, updated_at=START,
                )
            )  # fmt: skip


def out_soon(sessions: Sessions) -> None:
    """What is contained is out an hour later, and not six: the hours between them show nothing."""
    with sessions.begin() as session:
        session.scalars(select(Policy)).one().out_minutes = 60


def renamed(item: Item, name: str) -> Item:
    return replace(item, text=item.text.replace("#velinor", "").replace("Vélinor", name))


def told(slack: SlackStandin, thread: str | None = None, channel: str = ROOM) -> list[str]:
    return [message["text"] for message in slack.messages(channel, thread=thread)]


def aloud(slack: SlackStandin) -> list[str]:
    """What the whole room saw."""
    return [m["text"] for m in slack.channels[ROOM] if m.get("thread_ts") is None or m.get("reply_broadcast")]


def burn(street: Opened, until: datetime, *more: list[Item]) -> Street:
    life = street(everyday(), company_fire(), *more)
    life.live(until)
    return life


def by_watch(life: Street) -> dict[str, Incident]:
    """The incidents by the names of their watches, one each."""
    with life.sessions() as session:
        rows = session.execute(select(Watch.name, Incident).join(Incident, Incident.watch_id == Watch.id))
        return {row[0]: row[1] for row in rows}


def reasons_of(life: Street, incident: Incident) -> list[str]:
    return [t.reason.value for t in life.transitions() if t.incident_id == incident.id]
