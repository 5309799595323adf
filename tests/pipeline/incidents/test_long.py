"""A fire of days is told and shown as readily as one of an hour."""

from collections.abc import Iterator
from contextlib import nullcontext
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine, event, func, select
from starlette.testclient import TestClient

from app.admin import keys
from app.admin.team_specs import KeySpec
from app.channels.facts import Facts, Recent
from app.channels.wording.figures import figures
from app.channels.wording.words import Words
from app.main import create_app
from app.models import Bucket, Incident, Mention, Transition
from app.pipeline.incidents import tally
from app.runtime import Runtime, open_runtime
from app.settings import Settings
from benchmarks.city import END, history
from benchmarks.two_fires import Fires, seed
from tests.channels.factory import alert

HOUR = timedelta(hours=1)
MOST_READ = 600  # instead of ten thousand
FRESH, LONG = 3 * HOUR, 40 * HOUR
POSTS = 12_000  # of the long one: 900 of the fresh one, more than are read


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("long"))
    history(settings.database(), 2, 8, np.random.default_rng(11))
    with open_runtime(settings, now=lambda: END) as runtime:
        yield runtime


@pytest.fixture(scope="module")
def fires(runtime: Runtime) -> Iterator[Fires]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tally, "MOST_READ", MOST_READ)
        yield seed(runtime, posts=POSTS, lasted=LONG, fresh=FRESH)


@pytest.fixture
def viewer(runtime: Runtime, fires: Fires, request: pytest.FixtureRequest) -> Iterator[TestClient]:
    assert fires.long
    with runtime.sessions.begin() as session:
        name = request.node.name[:80]
        token = keys.create(session, KeySpec(name=name, role="viewer"), by="test", now=END)[1]
    with TestClient(create_app(nullcontext(runtime)), headers={"Authorization": f"Bearer {token}"}) as client:
        yield client


class Work:
    """What SQLite does, in hundreds of the instructions of its machine: the same on every computer."""

    def __init__(self, engine: Engine) -> None:
        self.done = 0
        event.listen(engine, "checkout", self._watch)

    def _watch(self, connection: Any, *_record: object) -> None:  # noqa: ANN401 - the driver's own
        connection.set_progress_handler(self._count, 100)

    def _count(self) -> int:
        self.done += 1
        return 0


def explained(fires: Fires, incident_id: int) -> Facts:
    with fires.runtime.sessions() as session:
        return fires.explained(session, incident_id)


def test_all_of_a_long_fire_is_counted_and_its_newest_mentions_are_read(fires: Fires) -> None:
    facts = explained(fires, fires.long)
    with fires.runtime.sessions() as session:
        incident = session.get_one(Incident, fires.long)
        mine = (Mention.watch_id == incident.watch_id, Mention.at >= incident.onset_at)
        counted = select(func.count(), func.count(Mention.author.distinct())).where(*mine)
        mentions, authors = session.execute(counted).one()
        negative = session.scalar(select(func.count()).where(*mine, Mention.negative))
        largest = session.scalar(
            select(func.max(Bucket.mentions)).where(Bucket.watch_id == incident.watch_id)
        )
    assert (facts.mentions, facts.negative) == (mentions, negative)
    assert sum(source.mentions for source in facts.sources) == mentions
    assert largest is not None
    assert facts.recent is not None
    assert MOST_READ < facts.recent.mentions <= MOST_READ + largest
    assert 0 < facts.authors < authors, "at least so many"
    assert facts.loudest is not None
    assert facts.loudest.mentions <= facts.recent.mentions
    assert facts.topics


def test_explaining_it_takes_no_longer_the_longer_it_burns(fires: Fires) -> None:
    work, taken = Work(fires.runtime.engine), {}
    for incident_id in (fires.fresh, fires.long):
        explained(fires, incident_id)
        work.done = 0
        explained(fires, incident_id)
        taken[incident_id] = work.done
    assert taken[fires.long] < 1.5 * taken[fires.fresh], "it has thirteen times the posts"


def test_what_people_look_at_stays_though_it_is_not_read_any_more(fires: Fires) -> None:
    with fires.runtime.sessions() as session:
        newest = select(Transition.facts).where(Transition.incident_id == fires.long)
        shown = Facts.model_validate(session.scalars(newest.order_by(Transition.id.desc()).limit(1)).one())
    facts = explained(fires, fires.long)
    assert shown.samples[0].published_at < END - LONG + HOUR, "the first of all"
    kept = [sample.post_id for sample in facts.samples]
    assert kept[: len(shown.samples)] == [sample.post_id for sample in shown.samples]


def test_it_does_not_get_fewer_authors_by_its_length(fires: Fires, monkeypatch: pytest.MonkeyPatch) -> None:
    before = explained(fires, fires.fresh).authors
    monkeypatch.setattr(tally, "MOST_READ", 50)
    assert explained(fires, fires.fresh).authors == before


def test_over_the_api_it_is_no_more_than_twice_as_large(viewer: TestClient, fires: Fires) -> None:
    fresh, long = (viewer.get(f"/api/v1/incidents/{number}") for number in (fires.fresh, fires.long))
    assert len(long.content) < 2 * len(fresh.content)
    timeline = long.json()["timeline"]
    assert [change["reason"] for change in timeline] == ["ignited"] + 20 * ["went_on"]
    told = [bool(change["facts"]) for change in timeline]
    assert told == [True] + 17 * [False] + 3 * [True]
    assert [post["id"] for post in long.json()["posts"]] == sorted(
        (post["id"] for post in long.json()["posts"]), reverse=True
    )
    assert long.json()["series"][-1]["at"] < END.isoformat()


def test_all_of_its_history_comes_in_pages(viewer: TestClient, fires: Fires) -> None:
    changes: list[dict[str, Any]] = []
    cursor, more = "", True
    while more:
        page = viewer.get(f"/api/v1/incidents/{fires.long}/transitions?limit=30{cursor}").json()
        changes += page["items"]
        cursor, more = f"&cursor={page['next']}", page["next"] is not None
    assert len(changes) == 2 * LONG // HOUR - 1
    assert all(change["facts"]["mentions"] for change in changes)
    assert (changes[0]["reason"], changes[-1]["reason"]) == ("went_on", "ignited")


@pytest.mark.parametrize(
    ("language", "wanted"),
    [
        ("en", ("at least 61 authors", "of the newest 40 mentions")),
        ("fr", ("au moins 61", "des 40 dernières")),
    ],
)
def test_people_are_told_that_only_the_newest_were_read(language: str, wanted: tuple[str, ...]) -> None:
    told = alert(language=language)
    facts = told.facts.model_copy(update={"recent": Recent(since=told.at - HOUR, mentions=40), "authors": 61})
    rows = figures(told.model_copy(update={"facts": facts}), Words(language, "UTC")).rows
    said = " · ".join(row.value for row in rows)
    assert all(phrase in said for phrase in wanted), said
