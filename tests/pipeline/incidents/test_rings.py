"""Only what the watch asks for rings; the rest is recorded (on SQLite alone)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

import pytest
from sqlalchemy import select

from app.channels.facts import Facts
from app.db import Sessions
from app.models import KindTerm, PlannedEvent, Policy
from app.sources.base import Item
from tests.pipeline.brand import START, fire, post
from tests.pipeline.conftest import FIRE_AT, HOUR, Opened
from tests.standins.slack import SlackStandin

_OPENING = ("Enfin", "Ce soir", "Regardez", "On y était", "Belle surprise", "Au salon", "En avant-première")
_LAUNCH = (
    "le lancement du skyr Vélinor", "la nouvelle gamme Vélinor est disponible", "Vélinor dévoile un skyr",
    "Vélinor annonce un skyr breton", "le nouveau produit Vélinor en édition limitée",
)  # fmt: skip
_JOY = (
    "j'adore", "très réussi", "hâte de goûter", "bravo", "superbe idée", "merci pour la dégustation", "bon",
)  # fmt: skip
_WITH = (
    "avec les enfants", "au petit-déjeuner", "à la vanille", "au citron", "chez mon épicier", "ce week-end",
    "pour le goûter", "en famille", "au bureau", "après le sport",
)  # fmt: skip


@pytest.fixture
def database(sqlite: str) -> str:
    return sqlite


def stir(
    at: datetime, write: Callable[[Random, int], str], *, hours: int = 3, per_hour: int = 120
) -> list[Item]:
    rng = Random(5)
    times = sorted(rng.uniform(0, 3600 * hours) for _ in range(hours * per_hour))
    return [post(f"s{k}", at + timedelta(seconds=t), write(rng, k), rng) for k, t in enumerate(times)]


def launch(rng: Random, _: int) -> str:
    return f"{rng.choice(_OPENING)} : {rng.choice(_LAUNCH)}, {rng.choice(_JOY)} {rng.choice(_WITH)}"


def copied(rng: Random, _: int) -> str:
    return f"{rng.choice(_OPENING)} : Vélinor est une honte, ma fille est malade, faites tourner"


def kinds(life: object) -> list[tuple[str, str, bool]]:
    return [(i.state.value, i.kind, i.suppressed_by_kind) for i in life.incidents()]  # type: ignore[attr-defined]


def test_a_launch_is_recorded_as_buzz_and_nobody_is_woken(street: Opened, slack: SlackStandin) -> None:
    life = street(stir(FIRE_AT, launch))
    life.live(FIRE_AT + 2 * HOUR)
    assert kinds(life) == [("burning", "buzz", True)]
    ignited = next(t for t in life.transitions() if t.reason == "ignited")
    weights = {t.term: t.weight for t in Facts.model_validate(ignited.facts).kind_because}
    assert weights[KindTerm.launch] < 0
    assert KindTerm.unexplained not in weights, "a launch accounts for it"
    life.rest(FIRE_AT + 16 * HOUR)  # its end is not told either
    assert slack.messages() == []
    assert kinds(life) == [("out", "buzz", True)]


def test_a_watch_that_asks_for_buzz_gets_it_by_its_name(
    street: Opened, sessions: Sessions, slack: SlackStandin
) -> None:
    with sessions.begin() as session:
        session.scalars(select(Policy)).one().rings = ["fire", "buzz"]
    life = street(stir(FIRE_AT, launch))
    life.live(FIRE_AT + 2 * HOUR)
    assert kinds(life) == [("burning", "buzz", False)]
    (told,) = slack.messages()
    assert "BUZZ" in str(told["blocks"])
    assert "un lancement" in str(told["blocks"])


def test_what_was_buzz_and_turns_out_to_be_a_fire_rings_then(street: Opened, slack: SlackStandin) -> None:
    life = street(stir(FIRE_AT, launch, hours=2), fire(FIRE_AT + HOUR, per_hour=400.0, hours=3))
    life.live(FIRE_AT + 40 * timedelta(minutes=1))
    assert kinds(life) == [("burning", "buzz", True)]
    assert slack.messages() == []
    life.live(FIRE_AT + 3 * HOUR)
    assert kinds(life) == [("burning", "fire", False)]
    assert life.reasons().count("revealed") == 1
    (root,) = [m for m in slack.messages() if "thread_ts" not in m]
    assert "DÉPART DE FEU" in str(root["blocks"])


def test_a_fire_that_was_told_is_told_to_its_end_whatever_is_said_later(
    street: Opened, slack: SlackStandin
) -> None:
    life = street(fire(FIRE_AT), stir(FIRE_AT + 2 * HOUR, launch, hours=3, per_hour=900))
    life.live(FIRE_AT + 6 * HOUR)
    life.rest(FIRE_AT + 20 * HOUR)
    assert all(not quiet for _, _, quiet in kinds(life))
    assert "went_out" in life.reasons()
    assert len([m for m in slack.messages() if "thread_ts" not in m]) == 1


def test_a_hundred_copies_of_one_post_are_a_loudspeaker(street: Opened, slack: SlackStandin) -> None:
    life = street(stir(FIRE_AT, copied))
    life.live(FIRE_AT + 2 * HOUR)
    assert kinds(life) == [("burning", "amplified", True)]
    (said,) = slack.messages()
    assert "Pourquoi ce seraient des relais en masse" in str(said["blocks"])
    assert "presque tout répète d’autres messages" in str(said["blocks"])
    life.rest(FIRE_AT + 16 * HOUR)
    assert len(slack.messages()) == 1, "once"


def test_one_account_that_posts_and_posts_is_no_crowd(street: Opened, slack: SlackStandin) -> None:
    def alone(rng: Random, k: int) -> str:
        return f"{fire(FIRE_AT)[k % 200].text} {rng.randrange(10**6)}"

    posts = [
        Item(i.external_id, i.text, i.published_at, author="@troll", lang="fr") for i in stir(FIRE_AT, alone)
    ]
    life = street(posts)
    life.live(FIRE_AT + 2 * HOUR)
    assert kinds(life) == [("burning", "amplified", True)]
    (said,) = slack.messages()
    assert "un seul compte en a écrit la plus grande part" in str(said["blocks"])


def test_one_account_that_posts_and_posts_does_not_hide_the_crowd_beside_it(street: Opened) -> None:
    def alone(rng: Random, _: int) -> str:
        return f"Vélinor {rng.randrange(10**6)} {rng.randrange(10**6)} tous pourris"

    troll = [
        Item(i.external_id, i.text, i.published_at, author="@troll", lang="fr")
        for i in stir(FIRE_AT, alone, per_hour=400)
    ]
    life = street(troll, fire(FIRE_AT))
    life.live(FIRE_AT + 2 * HOUR)
    assert ("burning", "fire", False) in kinds(life)


def test_an_excess_above_a_planned_event_that_speaks_of_it_is_the_event(
    street: Opened, sessions: Sessions, slack: SlackStandin
) -> None:
    with sessions.begin() as session:
        session.add(
            PlannedEvent(
                name="Lancement du skyr", starts_at=FIRE_AT, ends_at=FIRE_AT + 3 * HOUR, factor=1.5,
                created_by="t", created_at=START,
            )
        )  # fmt: skip
    life = street(stir(FIRE_AT, launch, per_hour=300))
    life.live(FIRE_AT + 2 * HOUR)
    assert kinds(life) == [("burning", "planned", True)]
    assert slack.messages() == []


def test_a_small_fire_rings_by_what_it_says_before_its_volume_does(
    street: Opened, slack: SlackStandin
) -> None:
    life = street(fire(FIRE_AT, per_hour=70.0))
    life.live(FIRE_AT + HOUR)
    first, rang = (Facts.model_validate(t.facts) for t in life.transitions()[:2])
    assert life.reasons()[:2] == ["smoke", "ignited"]
    assert rang.score < rang.threshold
    assert rang.second_key
    assert first.observed <= rang.observed
    (root,) = [m for m in slack.messages() if "thread_ts" not in m]
    assert "la teneur des messages est celle d’un départ de feu" in str(root["blocks"])
    life.live(FIRE_AT + 5 * HOUR)
    assert life.reasons().count("ignited") == 1, "once"


def test_as_many_posts_that_praise_are_read_and_nobody_is_called(street: Opened, slack: SlackStandin) -> None:
    life = street(stir(FIRE_AT, launch, hours=1, per_hour=26))
    life.live(FIRE_AT + HOUR)
    assert [i.state.value for i in life.incidents()] == ["smouldering"]
    life.live(FIRE_AT + 8 * HOUR)
    assert life.reasons() == ["smoke", "fizzled"]
    assert slack.messages() == []
