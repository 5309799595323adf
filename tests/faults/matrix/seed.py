"""The database that each row begins with: three brands that were heard for a week, and who is told."""

from datetime import timedelta

from app.admin import keys
from app.admin.team_specs import KeySpec
from app.clock import step_start
from app.db import Sessions
from app.models import Channel, Policy, Source, Watch
from app.pipeline.ingest.count import observed
from app.pipeline.ingest.match import Matchers
from app.pipeline.ingest.store import store
from app.vault import Vault
from tests.faults.matrix.world import BEGIN, DOOR, FORUMS, World
from tests.pipeline.brand import START

ROOMS = ("C0ALERTS", "C0SECOND")
SECRET = "0123456789abcdef0123456789abcdef"


def settle(sessions: Sessions, world: World, vault: Vault) -> str:
    """Fill an empty database; the key of an admin.

    The first brand is told in a room, for which a webhook stands in; the second in another room; the third,
    whose posts are pushed, in both.
    """
    stamps = {"created_at": START, "updated_at": START}
    heard = {"health": "ok", "health_since": START, "heard_until": BEGIN, "cadence_seconds": 300, **stamps}
    with sessions.begin() as session:
        # Of half a false alarm a month the volume alone rings; what is said would in the first pass.
        policies = {
            brand: Policy(name=f"policy of {brand}", alarms_per_month=0.5, **stamps) for brand in world.brands
        }
        hook = Channel(
            name="hook", kind="webhook", settings={"url": world.url("hook")}, secret=vault.seal(SECRET),
            enabled=True, **stamps,
        )  # fmt: skip
        rooms = [
            Channel(name=name, kind="slack", settings={"channel": room}, fallback=fallback, **stamps)
            for name, room, fallback in zip(("alerts", "second"), ROOMS, (["hook"], []), strict=True)
        ]
        session.add_all([*policies.values(), hook, *rooms])
        told = {FORUMS["forum"]: rooms[:1], FORUMS["press"]: rooms[1:], DOOR: rooms}
        feeds = [
            Source(name=name, kind="rss", settings={"url": world.url(name)}, due_at=BEGIN, **heard)
            for name in FORUMS
        ]
        door = Source(name="door", kind="push", settings={}, secret=vault.seal(SECRET), due_at=BEGIN, **heard)
        for source, brand in zip([*feeds, door], world.brands, strict=True):
            watch = Watch(
                name=brand, query={"any_of": [brand]}, languages=[], policy=policies[brand],
                time_zone="Europe/Paris", sources=[source], channels=told[brand],
                scored_until=step_start(BEGIN - timedelta(hours=1)), **stamps,
            )  # fmt: skip
            session.add_all([source, watch])
        session.flush()
        for source, brand in zip([*feeds, door], world.brands, strict=True):
            store(session, Matchers().current(session), source.id, world.posts(brand), now=BEGIN)
            observed(session, source.id, START, BEGIN)
        return keys.create(session, KeySpec(name="test", role="admin"), by="test", now=BEGIN)[1]
