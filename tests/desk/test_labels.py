"""Somebody says below an alert that a post is not about the watch."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.models import AuditEntry, Incident, Mention, Post, Relation, Source
from app.runtime import Runtime
from tests.desk.conftest import NOW, Door, press
from tests.standins.slack import SlackStandin

pytestmark = pytest.mark.usefixtures("fire", "posts")


@pytest.fixture
def posts(runtime: Runtime, fire: int) -> None:
    """The posts that the alert shows, stored as mentions of its watch."""
    with runtime.sessions.begin() as session:
        stamps = {"health_since": NOW, "created_at": NOW, "updated_at": NOW}
        session.add(Source(id=1, name="pub", kind="push", settings={}, **stamps))
        session.flush()
        watch_id = session.get_one(Incident, fire).watch_id
        for option in range(1, 9):
            at = NOW - timedelta(minutes=option)
            session.add(Post(id=option, source_id=1, external_id=str(option), published_at=at,
                             first_seen_at=at, bucket_at=at, text=f"Nimbus {option}"))  # fmt: skip
            session.flush()
            session.add(Mention(watch_id=watch_id, post_id=option, source_id=1, at=at))


def choice(slack: SlackStandin) -> dict[str, Any]:
    """The choice below the posts."""
    (root,) = slack.messages()
    *_, block = [block for block in root["blocks"] if block["type"] == "actions"]
    (element,) = block["elements"]
    return dict(element)


def labels(runtime: Runtime) -> list[tuple[int, bool, str]]:
    with runtime.sessions() as session:
        return [(row.post_id, row.about, row.by) for row in session.scalars(select(Relation))]


def test_the_posts_that_are_shown_can_be_said_not_to_be_about_us(
    door: Door, runtime: Runtime, slack: SlackStandin
) -> None:
    shown = choice(slack)
    assert shown["action_id"] == "tocsin_not_about"
    assert shown["placeholder"]["text"] == "Hors sujet…"
    assert shown["confirm"]["confirm"]["text"] == "Hors sujet"
    option = shown["options"][0]
    assert 0 < len(option["text"]["text"]) <= 75
    assert door.pressed("U0LEA", "not_about", option["value"]).status_code == 200
    post_id = int(option["value"].partition(":")[2])
    assert labels(runtime) == [(post_id, False, "Léa")]
    (told,) = slack.answers
    assert told["text"].startswith("C’est noté : il ne parle pas de Nimbus.".replace(" :", "\xa0:"))
    assert "1 hors sujet, 0 dans le sujet" in told["text"]
    with runtime.sessions() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "label")).one()
    assert (entry.actor, entry.after) == ("Léa", {"post_id": post_id, "about": False})


def test_a_press_that_comes_twice_is_obeyed_once_and_a_second_person_is_told_who(
    door: Door, runtime: Runtime, slack: SlackStandin
) -> None:
    same = {"payload": json.dumps(press(slack, "U0LEA", "not_about", "1:1"))}
    for _ in range(2):
        assert door.form(same).status_code == 200
    assert len(slack.answers) == 1
    door.pressed("U0MAX", "not_about", "1:1")
    assert "Léa" in slack.answers[-1]["text"]
    assert labels(runtime) == [(1, False, "Léa")]
    with runtime.sessions() as session:
        assert len(session.scalars(select(AuditEntry).where(AuditEntry.action == "label")).all()) == 1


@pytest.mark.parametrize("user", ["U0ZOE", "U0WHO"], ids=["a viewer", "a stranger"])
def test_who_may_only_look_labels_nothing(
    door: Door, runtime: Runtime, slack: SlackStandin, user: str
) -> None:
    assert door.pressed(user, "not_about", "1:1").status_code == 200
    assert labels(runtime) == []
    assert user in slack.answers[0]["text"]


def test_no_post_of_elsewhere_is_labelled_and_it_is_said_why(
    door: Door, runtime: Runtime, slack: SlackStandin
) -> None:
    door.pressed("U0LEA", "not_about", "1:999")
    assert slack.answers[-1]["text"] == "Ce message n’est plus là."
    door.pressed("U0LEA", "not_about", "1:1", channel="C0OTHER")
    assert "C0" not in slack.answers[-1]["text"]
    for nonsense in ("1:", "1:x", "1:-1", "1:" + "9" * 30):
        assert door.pressed("U0LEA", "not_about", nonsense).status_code < 500, nonsense
    assert labels(runtime) == []
