"""A day of listening in which much goes wrong: every post stored once, and coverage right to the bucket."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs

import httpx
import pytest
from sqlalchemy import func, select

from app.clock import STEP
from app.http_client import open_client
from app.models import Coverage, Post, Run, Source
from app.pipeline.ingest.collect import collect
from app.runtime import Runtime, open_runtime
from app.settings import Settings
from app.sources import kind
from app.sources.base import Source as Listening
from tests.sources.far_ends import FAR_ENDS
from tests.sources.far_ends.base import NOW, FarEnd, ReceivedRequest, Reply
from tests.sources.far_ends.base import Post as Said
from tests.standins.clock import StillClock

PLAYED = ("bluesky", "discourse", "hackernews", "lemmy", "mastodon", "stackexchange")
DAY, QUIET = timedelta(hours=24), timedelta(hours=3)  # at the end all goes well
CADENCE = timedelta(minutes=10)
FAILS = 0.15


@dataclass
class Street:
    """A service that fails at random, on the clock of the test."""

    far_end: FarEnd
    clock: StillClock
    rng: random.Random
    posts: list[Said]
    failed: int = field(default=0)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        now = self.clock.at
        if now < NOW + DAY - QUIET and self.rng.random() < FAILS:
            self.failed += 1
            return self._failure(request)
        shown = [post for post in self.posts if (post.shown_from or post.at) <= now]
        params = parse_qs(request.url.query.decode(), keep_blank_values=True)
        received = ReceivedRequest(
            request.method, request.url.host, request.url.path, params, dict(request.headers),
            request.content, now,
        )  # fmt: skip
        return _response(self.far_end.answer(received, sorted(shown, key=lambda post: (post.at, post.n))))

    def _failure(self, request: httpx.Request) -> httpx.Response:
        match self.rng.randrange(6):
            case 0:
                raise httpx.ConnectError("no network", request=request)
            case 1:
                raise httpx.ReadTimeout("too slow", request=request)
            case 2:
                return httpx.Response(500)
            case 3:
                return httpx.Response(200, text="<!DOCTYPE html><html>Are you human?</html>")
            case 4:
                return httpx.Response(200, text='{"items": [{"id')
            case _:
                return _response(self.far_end.throttled)


def _response(reply: Reply) -> httpx.Response:
    if isinstance(reply.body, str):
        return httpx.Response(reply.status, headers=dict(reply.headers), text=reply.body)
    return httpx.Response(reply.status, headers=dict(reply.headers), json=reply.body)


def what_is_said(rng: random.Random) -> list[Said]:
    """Posts of a day: all the time, in two bursts, some shown late by the index."""
    ats = [NOW + timedelta(seconds=rng.uniform(-3_600, DAY.total_seconds() - 1_800)) for _ in range(150)]
    for _ in range(2):
        begin = NOW + rng.uniform(0.1, 0.8) * DAY
        ats += [begin + timedelta(seconds=rng.uniform(0, 240)) for _ in range(60)]
    made = []
    for n, at in enumerate(sorted(at.replace(microsecond=0) for at in ats), start=1):
        late = timedelta(minutes=rng.uniform(0, 8)) if rng.random() < 0.2 else timedelta(0)
        made.append(Said(n, at, shown_from=at + late))
    return made


@pytest.fixture
def clock() -> StillClock:
    return StillClock(NOW)


@pytest.fixture
def runtime(sqlite: str, tmp_path: Path, clock: StillClock) -> Iterator[Runtime]:
    nobody = httpx.MockTransport(lambda _: httpx.Response(500))
    settings = Settings(data_dir=tmp_path, database_url=sqlite)
    with open_runtime(settings, now=clock.now, transport=nobody) as made:
        yield made


@pytest.mark.story
def test_of_a_day_full_of_failures_every_post_is_stored_once_and_coverage_is_right(
    runtime: Runtime, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)  # a call that breaks is made again at once
    streets = {}
    with runtime.sessions.begin() as session:
        for number, far_end in enumerate(end for end in FAR_ENDS if end.kind in PLAYED):
            rng = random.Random(number)
            source = Source(
                name=far_end.kind, kind=far_end.kind, settings=dict(far_end.settings), due_at=NOW,
                cadence_seconds=int(CADENCE.total_seconds()), health_since=NOW, created_at=NOW,
                updated_at=NOW,
            )  # fmt: skip
            session.add(source)
            session.flush()
            streets[source.id] = Street(far_end, clock, rng, what_is_said(rng))
    clients = {
        source_id: open_client(Settings(), transport=httpx.MockTransport(street))
        for source_id, street in streets.items()
    }

    def opened(source: Source) -> Listening:
        one, far_end = kind(source.kind), streets[source.id].far_end
        assert one.build
        return one.build(one.settings.model_validate(far_end.settings), clients[source.id], far_end.secret)

    context = replace(runtime.ingest, open=opened)
    while clock.at <= NOW + DAY:
        collect(runtime.sessions, context, now=clock.at)
        clock.at += STEP / 2
    for client in clients.values():
        client.close()
    with runtime.sessions() as session:
        for source_id, street in streets.items():
            name = street.far_end.kind
            stored = session.scalars(select(Post.external_id).where(Post.source_id == source_id)).all()
            expected = {street.far_end.external_id(post) for post in street.posts}
            assert len(stored) == len(set(stored)), name
            assert set(stored) == expected, name
            runs = select(func.count()).where(Run.source_id == source_id, Run.status == "failed")
            assert session.scalars(runs).one() > 5, "much went wrong"
            until = session.get_one(Source, source_id).heard_until
            covered = dict(
                session.execute(
                    select(Coverage.at, Coverage.coverage).where(Coverage.source_id == source_id)
                ).all()
            )
            assert until is not None
            assert until > NOW + DAY - 2 * CADENCE, name
            assert NOW <= min(covered) < NOW + timedelta(hours=1), f"{name}: the look back is not coverage"
            at = min(covered) + STEP
            while at < until:
                whole = (min(at + STEP, until) - at) / STEP
                assert covered.get(at, 0) == pytest.approx(whole, abs=1e-6), f"{name} at {at}"
                at += STEP
