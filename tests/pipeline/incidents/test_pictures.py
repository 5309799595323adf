"""The pictures of a fire: fetched from a server on loopback, known again, folded and told."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.channels.facts import Facts
from app.db import Sessions
from app.models import Post
from app.pipeline.incidents.pictures import look, prints_of
from tests.pipeline.brand import fire
from tests.pipeline.conftest import FIRE_AT, HOUR, Opened
from tests.pipeline.street import Street
from tests.reading.test_pictures import file, scene
from tests.sources.street import ReceivedRequest, Reply
from tests.sources.street import street as world
from tests.standins.slack import SlackStandin

STEP = timedelta(minutes=5)
SMALL, LARGE, OTHER = file(scene(1).resize((320, 240))), file(scene(1), quality=40), file(scene(2))


@pytest.fixture
def database(sqlite: str) -> str:
    return sqlite


def burning(opened: Opened, shows: Callable[[int], list[str]]) -> Street:
    """A fire that rings; post k shows these pictures."""
    posts = [replace(item, extra={"pictures": shows(k)}) for k, item in enumerate(fire(FIRE_AT))]
    life = opened(posts)
    while "ignited" not in life.reasons():
        life.live(life.clock.at + STEP)
    return life


def seen(sessions: Sessions) -> dict[str, int]:
    """How many posts have each number of fingerprints, and how many were not looked at."""
    with sessions() as session:
        extras = [extra for extra in session.scalars(select(Post.extra)) if extra and extra.get("pictures")]
    looked = [extra for extra in extras if "picture_prints" in extra]
    known = sum(bool(prints_of(extra)) for extra in looked)
    return {"known": known, "not to be had": len(looked) - known, "waiting": len(extras) - len(looked)}


def test_a_picture_that_goes_round_is_folded_and_told(
    street: Opened, sessions: Sessions, slack: SlackStandin
) -> None:
    names = ("small.jpg", "large.jpg", "other.jpg")
    life = burning(street, lambda k: [f"https://pics.example/{names[k // 2 % 3]}"] if k % 2 else [])
    files = {"/small.jpg": SMALL, "/large.jpg": LARGE, "/other.jpg": OTHER}
    with world(lambda asked: Reply(files[asked.path])) as (server, client):
        while look(sessions, client, now=life.clock.at):
            pass
        assert sorted({one.path for one in server.asked}) == ["/large.jpg", "/other.jpg", "/small.jpg"]
    assert seen(sessions)["waiting"] <= 3  # from before the onset
    life.live(life.clock.at + 3 * HOUR)
    newest = next(t.facts for t in reversed(life.transitions()) if t.facts.get("picture"))
    facts = Facts.model_validate(newest)
    assert facts.picture is not None
    assert facts.picture.posts > 5
    assert facts.picture.sources == 1
    assert max(sample.alike for sample in facts.samples) >= facts.picture.posts // 2
    assert facts.amplified > 0
    written = json.dumps(slack.channels, ensure_ascii=False, default=str)
    assert "la même dans" in written


def test_what_cannot_be_had_is_asked_for_once_and_within_bounds(street: Opened, sessions: Sessions) -> None:
    life = burning(
        street, lambda k: [f"https://pics.example/{k}.jpg", "https://pics.example/a", "not a link"]
    )
    asked: list[str] = []

    def answer(request: ReceivedRequest) -> Reply:
        asked.append(request.path)
        kind = len(asked) % 5
        if kind == 0:
            return Reply(b"", 404)
        return Reply((b"<html>login</html>", LARGE, b"x" * 6_000_000, b"\x89PNG\r\n\x1a\n")[kind - 1])

    with world(answer) as (_, client):
        assert look(sessions, client, now=life.clock.at) == 20
        assert len(asked) <= 25  # a failed connection may be tried once more
        while look(sessions, client, now=life.clock.at):
            pass
        assert {path: asked.count(path) for path in asked if path != "/a" and asked.count(path) > 1} == {}
        before = len(asked)
        assert look(sessions, client, now=life.clock.at) == 0
        assert len(asked) == before
    looked = seen(sessions)
    assert looked["waiting"] <= 3  # from before the onset
    assert looked["known"] > 0


def test_pictures_of_what_does_not_burn_are_left_alone(street: Opened, sessions: Sessions) -> None:
    life = street(
        [replace(item, extra={"pictures": ["https://pics.example/1"]}) for item in fire(FIRE_AT)[:3]]
    )
    life.live(FIRE_AT + HOUR)
    with world(lambda _asked: Reply(LARGE)) as (server, client):
        assert look(sessions, client, now=life.clock.at) == 0
        assert server.asked == []
