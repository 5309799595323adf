"""Two brands side by side, each with a source, a policy and a channel of its own, and a fire in each.

What is done to the one must not be felt by the other.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from html import escape

import httpx
from sqlalchemy import func, select

from app.channels.notices import Smoke
from app.clock import step_start
from app.db import Sessions
from app.models import (
    Channel,
    Delivery,
    DeliveryState,
    Incident,
    Notice,
    PlannedEvent,
    Policy,
    Post,
    Source,
    State,
    Watch,
)
from app.pipeline import run_cycle
from app.pipeline.delivery.outbox import enqueue_notice
from app.pipeline.ingest.count import observed
from app.pipeline.ingest.match import Matchers
from app.pipeline.ingest.store import store
from app.runtime import Runtime
from app.sources.base import Item
from app.vault import Vault
from tests.pipeline.brand import START, fire, ordinary
from tests.standins.clock import StillClock

BRANDS = ("Vélinor", "Solvane")  # the first is the one that something is done to
OPEN = "Marée"  # hears every source and is told in every channel; its posts come with those of the second
FIRE_AT = START + timedelta(days=7, hours=10)
STEP = timedelta(minutes=5)
_HOSTS = ("one", "two")


@dataclass
class FarEnd:
    """The world: two feeds that show the newest posts, and two addresses that take webhooks."""

    clock: StillClock
    posts: dict[str, list[Item]] = field(default_factory=dict)  # by host
    closed: bool = False  # the webhooks take nothing
    told: dict[str, list[bytes]] = field(default_factory=lambda: {host: [] for host in _HOSTS})

    def __call__(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host.split(".")[0]
        if request.method == "POST":
            if self.closed:
                return httpx.Response(503)
            self.told[host].append(request.content)
            return httpx.Response(204)
        return httpx.Response(200, content=self._feed(host), headers={"Content-Type": "application/rss+xml"})

    def _feed(self, host: str) -> bytes:
        now = self.clock.at
        shown = [p for p in self.posts[host] if p.published_at and now - 6 * STEP <= p.published_at < now]
        items = "".join(
            f"<item><guid>{post.external_id}</guid><title>{escape(post.text)}</title>"
            f"<author>{post.author}@example.org</author>"
            f"<pubDate>{format_datetime(post.published_at)}</pubDate></item>"
            for post in shown
            if post.published_at
        )
        return f'<?xml version="1.0"?><rss version="2.0"><channel>{items}</channel></rss>'.encode()


def posts_of(brand: str, seed: int) -> list[Item]:
    """Nine ordinary days of the brand, and its fire."""
    both = [*ordinary(9, seed=seed, prefix=f"p{seed}-"), *fire(FIRE_AT, seed=seed, prefix=f"f{seed}-")]
    return [replace(item, text=item.text.replace("Vélinor", brand)) for item in both]


def settle(sessions: Sessions, vault: Vault, far_end: FarEnd) -> None:
    """The two brands with a week that was heard, an hour before their fires."""
    begin = FIRE_AT - timedelta(hours=1)
    stamps = {"created_at": START, "updated_at": START}
    with sessions.begin() as session:
        session.query(Channel).delete()
        for seed, (brand, host) in enumerate(zip(BRANDS, _HOSTS, strict=True), start=7):
            far_end.posts[host] = posts_of(brand, seed)
            policy = Policy(name=f"policy {host}", remind_minutes=0, **stamps)
            source = Source(
                name=f"feed {host}", kind="rss", settings={"url": f"https://{host}.example/feed"},
                due_at=begin, health="ok", health_since=START, heard_until=begin, cadence_seconds=300,
                **stamps,
            )  # fmt: skip
            channel = Channel(
                name=f"hook {host}", kind="webhook", settings={"url": f"https://{host}.example/hook"},
                secret=vault.seal("s" * 32), **stamps,
            )  # fmt: skip
            watch = Watch(
                name=brand, query={"any_of": [brand]}, languages=[], policy=policy, time_zone="Europe/Paris",
                sources=[source], channels=[channel], **stamps,
            )  # fmt: skip
            event = PlannedEvent(
                name=f"event {host}", starts_at=FIRE_AT - 2 * STEP, ends_at=FIRE_AT + timedelta(days=1),
                factor=1.0, created_by="test", created_at=START,
            )  # fmt: skip
            session.add_all([policy, source, channel, watch, event])
            session.flush()
            event.watch_id = watch.id
            sign = Smoke(watch=brand, signs=1, incident_id=1, at=begin, observed=9, expected=3)
            facts = {str(watch.id): sign.model_dump(mode="json")}
            for notice in (
                Notice(source_id=source.id, at=begin, since=begin, health="degraded"),
                Notice(at=begin, since=begin, period=f"2026-11-0{seed}", facts=facts),
            ):
                session.add(notice)
                session.flush()
                enqueue_notice(session, notice, channel)
            if host == "two":
                far_end.posts[host] += posts_of(OPEN, 9)
                session.add(Watch(name=OPEN, query={"any_of": [OPEN]}, languages=[], policy=policy, **stamps))
                session.flush()
            past = [p for p in far_end.posts[host] if p.published_at and p.published_at < begin]
            store(session, Matchers().current(session), source.id, past, now=begin)
            observed(session, source.id, step_start(START), begin)


def live(runtime: Runtime, clock: StillClock, passes: int) -> list[Exception]:
    """So many passes, five minutes apart; what they raised at their end, which ends no town."""
    raised: list[Exception] = []
    for _ in range(passes):
        clock.at += STEP
        try:
            run_cycle(runtime.sessions, runtime.chain, now=clock.at)
        except ExceptionGroup as group:
            raised.extend(group.exceptions)
    return raised


@dataclass(frozen=True)
class Standing:
    """How one brand stands."""

    posts: int
    scored_until: datetime | None
    burning: int  # incidents that are open
    sent: int  # deliveries


def standing(sessions: Sessions, brand: str, host: str) -> Standing:
    """Of one brand: its posts, how far it was judged, and what was told of it."""
    with sessions() as session:
        watch_id, until = session.execute(
            select(Watch.id, Watch.scored_until).where(Watch.name == brand)
        ).one()
        posts = select(func.count(Post.id)).join(Source).where(Source.name == f"feed {host}")
        mine = select(Incident.id).where(Incident.watch_id == watch_id)
        sent = select(func.count(Delivery.id)).where(
            Delivery.incident_id.in_(mine), Delivery.state == DeliveryState.sent
        )
        burning = select(func.count(Incident.id)).where(
            Incident.watch_id == watch_id, Incident.state != State.out
        )
        return Standing(
            session.scalar(posts) or 0, until, session.scalar(burning) or 0, session.scalar(sent) or 0
        )
