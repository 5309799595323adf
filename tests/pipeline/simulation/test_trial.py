"""A query is tried on what is stored before it is saved."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.db import Sessions
from app.models import Mention, Source, Watch
from app.pipeline.ingest.match import Matchers
from app.pipeline.ingest.store import store
from app.pipeline.simulation import trial
from app.pipeline.simulation.trial import SHOWN, Scope, Trial, looked, try_query
from app.reading.query import parse
from app.sources.base import Item
from tests.pipeline.brand import START, post

NOW = START + timedelta(days=2)
HOUR = timedelta(hours=1)


@pytest.fixture
def put(sessions: Sessions, velinor: int) -> int:
    said = [
        *(f"panne du réseau Orange à Lyon, encore {n}" for n in range(30)),
        *(f"un jus d'orange au petit déjeuner, recette {n}" for n in range(40)),
        *(f"accident rue Orange, la fibre coupée {n}" for n in range(5)),
        "Scandale chez Orange : manifestation rue Orange contre la fibre",
    ]
    items = [post(f"p{n}", START + n * timedelta(minutes=7), text) for n, text in enumerate(said)]
    with sessions.begin() as session:
        store(session, Matchers().current(session), velinor, items, now=NOW)
    return len(items)


def tried(
    sessions: Sessions,
    query: str,
    *,
    watch: str | None = None,
    noise: Iterable[int] = (),
    since: timedelta = 48 * HOUR,
) -> Trial:
    with sessions() as session:
        row = session.scalars(select(Watch).where(Watch.name == watch)).one() if watch else None
        scope = Scope(since=NOW - since, until=NOW, watch=row, noise=frozenset(noise))
        return try_query(session, parse(query), scope)


def test_it_says_how_many_and_shows_some_and_why_each(sessions: Sessions, put: int) -> None:
    shown = tried(sessions, 'Orange AND (réseau OR fibre) -"rue Orange"')
    assert (shown.posts, shown.matched, shown.whole) == (put, 31, True)
    assert sum(shown.by_day.values()) == sum(shown.by_source.values()) == 31
    assert len(shown.samples) == SHOWN
    newest, *_, oldest = shown.samples
    assert newest.published_at is not None
    assert oldest.published_at is not None
    assert newest.published_at - oldest.published_at > 3 * HOUR, "spread, and not the newest only"
    assert [place.term for place in newest.why] == ["Orange", "fibre"]
    assert [place.term for place in oldest.why] == ["Orange", "réseau"]
    assert "panne du reseau Orange" in oldest.why[0].text


def test_languages_are_asked_for_as_live(sessions: Sessions, velinor: int) -> None:
    said = {
        "a": ("fr", "Orange est en panne et personne ne nous répond depuis hier"),
        "b": ("en", "Orange est en panne et personne ne nous répond depuis hier"),  # its tag is wrong
        "c": ("fil", "Orange ay nagpapabalik ng mga produkto"),
        "d": (None, "Orange"),
    }
    items = [replace(post(key, START, text), lang=tag) for key, (tag, text) in said.items()]
    with sessions.begin() as session:
        watch = session.scalars(select(Watch)).one()
        watch.query, watch.languages, watch.updated_at = {"text": "Orange"}, ["fr"], NOW
        session.flush()
        store(session, Matchers().current(session), velinor, items, now=NOW)
        live = session.scalars(select(func.count()).select_from(Mention)).one()
        scope = Scope(since=START - HOUR, until=NOW, languages=frozenset({"fr"}))
        assert (live, try_query(session, parse("Orange"), scope).matched) == (3, 3)


def test_it_says_what_each_exclusion_takes_away(sessions: Sessions, put: int) -> None:
    shown = tried(sessions, 'Orange -"rue Orange" NOT jus')
    assert shown.matched == put - 45
    assert [(e.part, e.posts) for e in shown.exclusions] == [("NOT jus", 40), ('-"rue Orange"', 5)]
    assert all("rue Orange" in sample.text for sample in shown.exclusions[1].samples)


@pytest.mark.usefixtures("put")
def test_it_says_what_would_change_for_a_watch_and_changes_nothing(sessions: Sessions) -> None:
    with sessions.begin() as session:
        watch = session.scalars(select(Watch)).one()
        watch.query = {"any_of": ["accident", "manifestation"]}
        name = watch.name
        before = session.scalars(select(func.count()).select_from(Mention)).one()
    change = tried(sessions, "Orange AND (réseau OR fibre) NOT accident", watch=name).change
    assert change is not None
    assert (change.gained, change.lost) == (30, 5)
    assert {sample.why[0].term for sample in change.gained_samples} == {"Orange"}
    with sessions() as session:
        assert session.scalars(select(func.count()).select_from(Mention)).one() == before


def test_words_of_posts_about_something_else_are_suggested(sessions: Sessions, put: int) -> None:
    shown = tried(sessions, "Orange", noise=range(31, 71))
    assert shown.matched == put
    assert shown.suggestion is not None
    assert {"jus", "recette"} & set(" ".join(shown.suggestion.noise).split())
    assert {"panne", "réseau", "reseau"} & set(" ".join(shown.suggestion.brand).split())
    assert tried(sessions, "Orange").suggestion is None


def test_of_very_many_posts_the_newest_are_looked_at_and_that_is_said(
    sessions: Sessions, put: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial, "MOST_POSTS", 10)
    shown = tried(sessions, "Orange")
    assert (shown.posts, shown.matched, shown.whole) == (10, 10, False)
    assert put > 10


def test_only_the_time_that_is_asked_for_is_looked_at(sessions: Sessions, put: int) -> None:
    assert tried(sessions, "Orange", since=timedelta(days=2) - HOUR).matched < put


def test_what_a_source_brings_now_is_looked_at_without_storing_it(sessions: Sessions, velinor: int) -> None:
    items = [Item("1", "panne Orange", NOW), Item("2", "rien", NOW, author="jean"), Item("3", "Orange", None)]
    with sessions() as session:
        source = session.get_one(Source, velinor)
    look = looked(parse("Orange source:push OR author:jean"), source.name, "push", items)
    assert (look.posts, look.matched, look.error) == (3, 3, "")
    assert look.samples[0].post_id is None
