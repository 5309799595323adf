"""Rules that keep quiet, posts that come late or all at once, routes that lead nowhere."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models import Policy, Post, Source, Watch
from app.pipeline.incidents.kinds import SwingProof, _others
from app.pipeline.incidents.swings import SourceSwing
from app.sources.base import Item
from app.sources.push.source import HEADER, sign
from tests.faults.matrix.fault import FRESH, Fault, Mend, Proof, nothing, replaced
from tests.faults.matrix.house import BEAT, House
from tests.faults.matrix.proofs import FIRE, FIRST, called_once, noticed, told
from tests.faults.matrix.seed import ROOMS, SECRET
from tests.faults.matrix.world import DOOR, fire_of
from tests.pipeline.brand import START

_BRANDS = ("Ormelia", "Tavigny", "Belcour", "Nordane", "Quintelle", "Savora")
TEN_MINUTES = timedelta(minutes=10)
_COMPANY = {"Siège": "siège", "Usine": "usine", "Lot 4417": "4417"}


def _four_watches(house: House) -> None:
    """A company watches its brand, and what a fire of it speaks of; it has done so for a week."""
    with house.sessions.begin() as session:
        _watch_for(session, "forum", FIRST, _COMPANY)
    house.passes(1)
    house.world.burn(FIRST)


def _watch_for(session: Session, source: str, brand: str, words: Mapping[str, str]) -> None:
    """More watches, by name, each for the brand that was heard in the source and for a word of its own."""
    like = session.query(Watch).filter(Watch.name == brand).one()
    policy = session.get_one(Policy, like.policy_id)
    known = session.scalars(select(func.max(Post.id))).one()
    heard = session.query(Source).filter(Source.name == source).one()
    for name, word in words.items():
        watch = Watch(
            name=name, query={"any_of": [brand, word]}, rematch_until=known, languages=[], policy=policy,
            time_zone="Europe/Paris", scored_until=like.scored_until, judged_since=like.judged_since,
            created_at=START, updated_at=START,
        )  # fmt: skip
        watch.sources = [heard]
        session.add(watch)


def _six_brands(house: House) -> None:
    """Six brands that one sender brings burn ten minutes apart, each in words of its own."""
    with house.sessions.begin() as session:
        _watch_for(session, "door", DOOR, {name: name for name in _BRANDS})
    house.passes(1)
    burning = [
        item
        for seed, name in enumerate(_BRANDS, start=31)
        for item in fire_of(name, house.at + (seed - 31) * TEN_MINUTES, seed=seed)
    ]
    for _ in range(FRESH + 2 * len(_BRANDS)):
        since = house.at
        house.wait(BEAT)
        push(house, [item for item in burning if item.published_at and item.published_at > since])
        house.make_pass()


def _copies(house: House) -> None:
    """One text, by hundreds of accounts, again and again."""
    house.world.burn(FIRST)
    burning = house.world.more[FIRST]
    text = f"{FIRST} est une honte, ma fille est malade, faites tourner"
    house.world.more[FIRST] = [replace(post, text=f"{text} {n % 3}") for n, post in enumerate(burning)]


def _deliver_an_hour(house: House) -> None:
    """A sender that was cut off brings what it kept for an hour, when the fire is over."""
    house.world.burn(DOOR, hours=1)
    house.passes(24)
    push(house, house.world.more[DOOR])


def push(house: House, posts: list[Item]) -> None:
    """Posts as a sender brings them, as far as they are written by now."""
    rows = [
        {"id": p.external_id, "published_at": p.published_at.isoformat(), "text": p.text, "author": p.author}
        for p in posts
        if p.published_at and p.published_at <= house.at
    ]
    for start in range(0, len(rows), 500):
        body = json.dumps({"posts": rows[start : start + 500]}).encode()
        headers = {HEADER: sign(body, SECRET, now=house.at)}
        answer = house.http.post("/api/v1/sources/3/posts", content=body, headers=headers)
        answer.raise_for_status()


def _switch_off(house: House) -> None:
    house.sql("UPDATE channel SET enabled = false WHERE name = 'alerts'")


def _swing_anyway(_session: Any, scored: Any, watch: Watch, last: int, threshold: float, **_how: Any) -> Any:  # noqa: ANN401 - as it stands
    """As if it were proof enough that all watches are up."""
    _, up = _others(scored, watch, last, threshold)
    return SwingProof(SourceSwing("forum", 9.0), up + 1) if up else None


_ASKS = Mend(
    "a verdict that keeps quiet needs proof that the source swings",
    replaced(
        ("app.pipeline.incidents.kinds.prove_swing", _swing_anyway), ("app.reading.kind._speaks", nothing)
    ),
)
_ONE_STORY = Mend(
    "watches that burn in one fire are one story", replaced(("app.pipeline.incidents.stories.join", nothing))
)
_UNTOLD_TOLD = Mend(
    "what is kept quiet is itself told, once",
    replaced(("app.pipeline.incidents.untold.note_untold", nothing)),
)
_LATE = Mend(
    "what was judged before its posts came is looked at again",
    replaced(("app.pipeline.incidents.late.late_fires", lambda *_what, **_how: {})),
)
_ROUTED = Mend(
    "a watch whose own channels are all switched off is told in the others",
    replaced(
        ("app.pipeline.delivery.outbox.routed", lambda own, everyone: [c for c in everyone if c.id in own])
    ),
)

_EACH = Proof(
    "each of the six fires is told",
    lambda house: all(any(name in text for text in house.alerts()) for name in _BRANDS),
)

FAULTS = (
    Fault(
        "six brands that one sender brings burn ten minutes apart", _six_brands, _EACH, _ASKS, passes=0,
        within="two passes of when each is told alone",
    ),
    Fault("four watches of one company burn together", _four_watches, FIRE, _ASKS, passes=FRESH),
    Fault(
        "four watches of one company burn together, and one message is enough", _four_watches,
        called_once(ROOMS[0]), _ONE_STORY, passes=FRESH,
    ),
    Fault("a push of copies is kept quiet", _copies, noticed("kept quiet"), _UNTOLD_TOLD, passes=FRESH),
    Fault("a sender brings what it kept for an hour", _deliver_an_hour, told(DOOR), _LATE),
    Fault("the only channel of a watch is switched off", _switch_off, FIRE, _ROUTED, "burning"),
)  # fmt: skip
