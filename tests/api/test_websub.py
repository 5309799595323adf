"""A feed with a hub, from its discovery to what the hub brings."""

import hmac
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from app.admin import keys, sources
from app.admin.specs import SourceSpec
from app.admin.team_specs import KeySpec
from app.models import Post, Run, Source, Subscription
from app.pipeline import run_cycle
from app.runtime import Runtime, open_runtime
from app.settings import Settings
from tests.api.conftest import START, Clock
from tests.standins.lent import LentApp

FEED, HUB = "https://news.example/feed", "https://hub.example/"


def rss(*ids: str) -> bytes:
    items = "".join(f"<item><guid>{i}</guid><title>Post {i}</title></item>" for i in ids)
    links = f"<atom:link rel='hub' href='{HUB}'/><atom:link rel='self' href='{FEED}'/>"
    return (
        "<rss version='2.0' xmlns:atom='http://www.w3.org/2005/Atom'>"
        f"<channel><title>t</title>{links}{items}</channel></rss>"
    ).encode()


@dataclass
class World:
    """The site, its hub, and the service between them."""

    runtime: Runtime
    client: TestClient
    clock: Clock
    asked: list[dict[str, str]] = field(default_factory=list)  # of the hub
    polled: int = 0
    ids: tuple[str, ...] = ("1",)
    answers: int = 202  # of the hub

    def serve(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "hub.example":
            self.asked.append(dict(parse_qsl(request.content.decode())))
            return httpx.Response(self.answers)
        self.polled += 1
        return httpx.Response(200, content=rss(*self.ids), headers={"Content-Type": "application/rss+xml"})

    def later(self, after: timedelta = timedelta(0)) -> None:
        self.clock.at += after
        run_cycle(self.runtime.sessions, self.runtime.chain, now=self.clock.at)

    def confirm(self, **more: str) -> Any:  # noqa: ANN401 - httpx or httpx2
        told = {
            "hub.mode": "subscribe", "hub.topic": FEED, "hub.challenge": "c-42",
            "hub.lease_seconds": "864000",
        }  # fmt: skip
        told |= {f"hub.{name}": value for name, value in more.items()}
        return self.client.get(self.path(), params={name: value for name, value in told.items() if value})

    def bring(self, body: bytes, signature: str | None = None) -> int:
        mac = hmac.new(self.asked[-1]["hub.secret"].encode(), body, "sha256").hexdigest()
        headers = {"X-Hub-Signature": signature or f"sha256={mac}", "Content-Type": "application/rss+xml"}
        return self.client.post(self.path(), content=body, headers=headers).status_code

    def path(self) -> str:
        return self.asked[-1]["hub.callback"].removeprefix("https://tocsin.example")

    def posts(self) -> list[str]:
        with self.runtime.sessions() as session:
            return sorted(session.scalars(select(Post.external_id)))

    def subscription(self) -> Subscription:
        with self.runtime.sessions() as session:
            return session.scalars(select(Subscription)).one()

    def due(self) -> timedelta:
        with self.runtime.sessions() as session:
            at = session.scalars(select(Source.due_at)).one()
            assert at
            return at - self.clock.at


@pytest.fixture
def world(sqlite: str, tmp_path: Path, lent_app: LentApp) -> Iterator[World]:
    clock = Clock()
    clock.at = START
    settings = Settings(data_dir=tmp_path, database_url=sqlite, public_url="https://tocsin.example/")
    far: list[World] = []

    def serve(request: httpx.Request) -> httpx.Response:
        return far[0].serve(request)

    transport = httpx.MockTransport(serve)
    with open_runtime(settings, now=clock, transport=transport) as runtime:
        with runtime.sessions.begin() as session:
            spec = SourceSpec(name="press", kind="rss", settings={"url": FEED})
            sources.create(session, spec, vault=runtime.vault, by="test", now=clock.at)
        with TestClient(lent_app.around(runtime)) as client:
            far.append(World(runtime, client, clock))
            yield far[0]


def test_a_hub_is_found_asked_confirmed_and_believed(world: World) -> None:
    world.later()
    (params,) = world.asked
    assert (params["hub.mode"], params["hub.topic"]) == ("subscribe", FEED)
    assert params["hub.callback"].startswith("https://tocsin.example/api/v1/sources/1/websub/")
    assert len(params["hub.secret"]) == 64
    answer = world.confirm()
    assert (answer.status_code, answer.text) == (200, "c-42")
    assert world.bring(rss("2", "1")) == 202
    assert world.posts() == ["1", "2"]
    assert world.subscription().lease_until == START + timedelta(days=10)
    with world.runtime.sessions() as session:
        assert session.scalars(select(Run.note).order_by(Run.id)).all()[-1] == "told by its hub"


def test_a_feed_whose_hub_tells_us_is_asked_slowly_and_brings_nothing_twice(world: World) -> None:
    world.later()
    assert world.due() == timedelta(minutes=5)
    world.confirm()
    world.later(timedelta(minutes=5))
    assert world.due() == timedelta(minutes=15)
    world.bring(rss("2"))
    world.ids = ("2", "1")
    world.later(timedelta(minutes=15))
    # Three times to listen, and once to look back.
    assert (world.posts(), world.polled) == (["1", "2"], 3 + 1)


def test_a_hub_that_keeps_silent_is_no_longer_trusted(world: World) -> None:
    world.later()
    world.confirm()
    for n in range(2, 6):
        world.ids = (str(n), *world.ids)
        world.later(timedelta(minutes=15))
    assert world.due() == timedelta(minutes=5)
    world.bring(rss("9"))
    world.later(timedelta(minutes=5))
    assert world.due() == timedelta(minutes=15)


def test_what_is_not_signed_by_the_hub_is_dropped_without_a_word(world: World) -> None:
    world.later()
    world.confirm()
    assert world.bring(rss("2"), "sha256=" + "0" * 64) == 202
    assert world.bring(b"<html>no feed</html>") == 202
    assert world.posts() == ["1"]
    assert world.subscription().delivered_at is None


@pytest.mark.parametrize(
    "told",
    [
        pytest.param({"topic": "https://else.example/"}, id="another topic"),
        pytest.param({"mode": "unsubscribe"}, id="to unsubscribe"),
        pytest.param({"mode": ""}, id="nothing"),
        pytest.param({"challenge": ""}, id="no challenge"),
    ],
)
def test_what_we_did_not_ask_for_is_not_confirmed(world: World, told: dict[str, str]) -> None:
    world.later()
    assert world.confirm(**told).status_code == 404
    assert world.subscription().lease_until is None


def test_nobody_confirms_or_brings_at_an_address_that_he_guessed(world: World) -> None:
    world.later()
    world.confirm()
    path = world.path()
    for wrong in (path[:-1], path[:-4] + "0000", path.replace("/1/", "/2/")):
        assert world.client.get(wrong, params={"hub.mode": "subscribe"}).status_code == 404
        assert world.client.post(wrong, content=rss("2")).status_code == 404


def test_a_lease_is_renewed_before_it_ends(world: World) -> None:
    world.later()
    world.confirm(lease_seconds="86400")
    world.later(timedelta(hours=19))
    assert len(world.asked) == 1
    world.later(timedelta(minutes=15))
    assert len(world.asked) == 2
    world.confirm(lease_seconds="86400")
    assert world.subscription().lease_until == world.clock.at + timedelta(days=1)


def test_a_hub_that_refuses_or_denies_is_asked_again_later_and_the_feed_goes_on(world: World) -> None:
    world.answers = 503
    world.later()
    assert "out of order" in world.subscription().why
    world.answers = 202
    world.later(timedelta(hours=6))
    assert len(world.asked) == 2
    assert world.confirm(mode="denied", reason="too many").status_code == 200
    assert world.subscription().why == "the hub denies it: too many"
    assert world.due() == timedelta(minutes=5)


def test_a_hub_that_does_not_come_back_is_asked_again(world: World) -> None:
    world.later()
    world.later(timedelta(minutes=59))
    assert len(world.asked) == 1
    world.later(timedelta(minutes=1))
    assert len(world.asked) == 2


def test_a_source_that_is_switched_off_takes_nothing(world: World) -> None:
    world.later()
    world.confirm()
    with world.runtime.sessions.begin() as session:
        sources.update(
            session, 1, {"enabled": False}, vault=world.runtime.vault, by="test", now=world.clock.at
        )
    assert world.bring(rss("2")) == 404
    assert world.posts() == ["1"]
    assert world.confirm(mode="unsubscribe").text == "c-42"


def test_a_source_that_is_switched_on_again_subscribes_again(world: World) -> None:
    world.later()
    world.confirm(lease_seconds="3600")
    with world.runtime.sessions.begin() as session:
        sources.update(
            session, 1, {"enabled": False}, vault=world.runtime.vault, by="test", now=world.clock.at
        )
    world.later(timedelta(hours=2))
    with world.runtime.sessions.begin() as session:
        sources.update(
            session, 1, {"enabled": True}, vault=world.runtime.vault, by="test", now=world.clock.at
        )
    world.later(timedelta(minutes=5))
    assert len(world.asked) == 2


def test_a_source_with_another_address_takes_nothing_of_the_old_one(world: World) -> None:
    world.later()
    world.confirm()
    settings = {"url": "https://news.example/other"}
    with world.runtime.sessions.begin() as session:
        sources.update(session, 1, {"settings": settings}, vault=world.runtime.vault, by="test", now=START)
    assert world.bring(rss("2")) == 404
    assert world.posts() == ["1"]


def test_the_hub_of_a_source_is_shown(world: World) -> None:
    world.later()
    with world.runtime.sessions.begin() as session:
        _, token = keys.create(session, KeySpec(name="t", role="viewer"), by="test", now=START)
    headers = {"Authorization": f"Bearer {token}"}
    hub = world.client.get("/api/v1/sources/1", headers=headers).json()["hub"]
    assert hub == {"url": HUB, "until": None, "delivered_at": None, "why": ""}
    world.confirm()
    world.bring(rss("2"))
    hub = world.client.get("/api/v1/sources/1", headers=headers).json()["hub"]
    assert (hub["until"], hub["delivered_at"]) == ("2026-12-02T09:14:00Z", "2026-11-22T09:14:00Z")
