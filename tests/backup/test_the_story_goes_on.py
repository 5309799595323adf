"""After a restore each story is told once, to its end, in the message that people have before them."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app import runtime as running
from app.channels.base import Dependencies
from app.channels.pace import Pace
from app.clock import step_start
from app.models import Policy, Reason, Source, Transition, Watch
from app.pipeline.ingest.count import observed
from app.pipeline.ingest.match import Matchers
from app.pipeline.ingest.store import store
from app.runtime import Runtime, open_runtime
from app.scheduler import cycle
from app.settings import Settings
from app.sources.base import Item
from app.vault import new_key
from tests.backup.conftest import Keeping
from tests.backup.test_backup import ACROSS
from tests.faults.world import World
from tests.pipeline.brand import START, fire, ordinary
from tests.standins.clock import StillClock
from tests.standins.slack import SlackStandin
from tests.standins.slack_failures import Json, says

pytestmark = pytest.mark.story

HOUR = timedelta(hours=1)
FIRE_AT = START + timedelta(days=7, hours=10)
BEGIN = FIRE_AT + timedelta(minutes=20)
REMIND = timedelta(minutes=30)
EACH = timedelta(minutes=10)  # from one pass to the next


@dataclass
class Town:
    """A service with two watches that listen to one feed and tell one Slack channel; it has its own clock."""

    world: World
    slack: SlackStandin
    clock: StillClock
    keeping: Keeping

    def settle_in(self) -> None:
        """What was usual in the week before is known."""
        before = [p for p in self.world.posts if p.published_at and p.published_at <= BEGIN]
        with self.open(self.keeping.here) as runtime, runtime.sessions.begin() as session:
            stamps = {"created_at": START, "updated_at": START}
            policy = Policy(
                name="ours", remind_minutes=REMIND // timedelta(minutes=1), calm_minutes=30, out_minutes=60,
                **stamps,
            )  # fmt: skip
            source = Source(
                name="forum", kind="rss", settings={"url": f"{self.world.url}/feed"}, cadence_seconds=300,
                due_at=BEGIN, health_since=START, heard_until=BEGIN, **stamps,
            )  # fmt: skip
            session.add_all([policy, source])
            for name in ("Vélinor", "Lactis"):
                session.add(
                    Watch(
                        name=name, query={"any_of": [name]}, languages=[], policy=policy,
                        scored_until=step_start(BEGIN), **stamps,
                    )
                )  # fmt: skip
            session.flush()
            store(session, Matchers().current(session), source.id, before, now=BEGIN)
            observed(session, source.id, START, BEGIN)

    def open(self, settings: Settings) -> Any:  # noqa: ANN401 - a context manager of a runtime
        return open_runtime(settings, now=self.clock.now)

    def live(self, settings: Settings, until: datetime) -> None:
        """Passes of the chain, until then."""
        with self.open(settings) as runtime:
            while self.world.at < until:
                self.go(runtime)

    def go(self, runtime: Runtime) -> None:
        self.world.at = self.clock.at = max(self.clock.at, self.world.at + EACH)
        cycle(runtime)

    def roots(self) -> list[Json]:
        """The first messages of stories, as people see them."""
        return [m for m in self.slack.messages() if said(m).get("incident_id")]

    def thread(self, root: Json) -> list[Json]:
        return self.slack.messages(thread=root["ts"])


def said(message: Json) -> Json:
    """What a message carries of what it tells."""
    identity: Json = message.get("metadata", {}).get("event_payload", {})
    return identity


def of(name: str, posts: list[Item]) -> list[Item]:
    """The posts, about that brand, by people of its own."""
    return [
        Item(
            f"{name}-{p.external_id}", p.text.replace("Vélinor", name).replace("#velinor", f"#{name}"),
            p.published_at, author=f"{p.author}-{name}", lang="fr",
        )
        for p in posts
    ]  # fmt: skip


@pytest.fixture
def town(keeping: Keeping, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[..., Town]]:
    clock = StillClock(BEGIN)
    pace = Pace(sleep=clock.sleep, monotonic=clock.monotonic)
    monkeypatch.setattr(running, "Dependencies", partial(Dependencies, pace=pace))
    monkeypatch.chdir(tmp_path)
    key = new_key()
    opened: list[World | SlackStandin] = []

    def build(*posts: list[Item]) -> Town:
        everything = sorted(
            (p for some in posts for p in some), key=lambda p: (p.published_at or START, p.external_id)
        )
        world = World(BEGIN, START + timedelta(days=60), everything).__enter__()
        slack = SlackStandin(now=clock.now).__enter__()
        opened.extend([world, slack])
        for name in ("here", "there"):
            given = getattr(keeping, name)
            setattr(
                keeping, name,
                Settings(
                    data_dir=given.data_dir, database_url=given.database(), secret_key=key,
                    slack_bot_token=slack.token, slack_api_url=slack.url, slack_channel="C0ALERTS",
                    allow_private_hosts=["127.0.0.1"], retention_days=3650,
                ),
            )  # fmt: skip
        made = Town(world, slack, clock, keeping)
        made.settle_in()
        return made

    yield build
    for one in reversed(opened):
        one.__exit__(None, None, None)


@ACROSS
@pytest.mark.parametrize(
    "lost",
    [
        pytest.param(timedelta(minutes=20), id="minutes"),
        pytest.param(timedelta(hours=2), id="hours", marks=pytest.mark.whole),
    ],
)
def test_of_two_fires_around_a_backup_each_is_told_once_and_to_its_end(
    town: Callable[..., Town], lost: timedelta
) -> None:
    saved_at = FIRE_AT + HOUR + timedelta(minutes=20)
    here = town(
        ordinary(9), of("Lactis", ordinary(9, seed=3)), fire(FIRE_AT, hours=4),
        of("Lactis", fire(saved_at - timedelta(minutes=20), hours=4, seed=11, per_hour=200)),
    )  # fmt: skip
    keeping = here.keeping
    here.live(keeping.here, saved_at)
    (first,) = here.roots()
    keeping.save(now=here.clock.at)
    here.live(keeping.here, saved_at + lost)
    before = {m["ts"]: dict(m) for m in here.slack.channels["C0ALERTS"]}
    roots = [m["ts"] for m in here.roots()]
    assert len(roots) == 2, "the second fire is told in the time that is lost"
    keeping.restore(now=here.clock.at)
    here.live(keeping.there, saved_at + lost + 8 * HOUR)
    assert [m["ts"] for m in here.roots()] == roots, "no fire has a second message"
    for root in here.roots():
        told = [(said(m)["watch_id"], said(m)["reason"], said(m)["level"]) for m in here.thread(root)]
        once = [one for one in told if one[1] != "reminded"]
        assert max(Counter(once).values(), default=1) == 1, told
        assert [reason for _, reason, _ in told].count("went_out") == 1, "its end is told, once"
        calls = [float(m["ts"]) for m in here.thread(root) if said(m)["reason"] == "reminded"]
        assert all(later - one >= REMIND.total_seconds() - 60 for one, later in pairwise(calls)), calls
        assert root["edits"] > before[root["ts"]]["edits"], "what stands there goes on"
        assert "lost" not in root["text"]
    notices = [m for m in here.slack.messages() if "restored" in m["text"]]
    assert len(notices) == 1
    assert first["ts"] == roots[0]


@pytest.mark.parametrize(("database", "empty_database"), [("sqlite", "sqlite")], indirect=True)
def test_an_alert_whose_fire_is_not_found_again_says_so(town: Callable[..., Town]) -> None:
    here = town(ordinary(9), of("Lactis", ordinary(9, seed=3)), fire(FIRE_AT, hours=2))
    keeping = here.keeping
    keeping.save(now=BEGIN)
    here.live(keeping.here, FIRE_AT + 3 * HOUR)
    (root,) = here.roots()
    keeping.restore(now=here.clock.at)
    # Its posts are nowhere any more.
    here.world.posts = [p for p in here.world.posts if p.external_id.startswith(("p", "Lactis"))]
    here.live(keeping.there, FIRE_AT + 5 * HOUR)
    (root,) = here.roots()
    assert "Vélinor: this alert was lost" in root["text"]
    assert "this alert was lost" in here.thread(root)[-1]["text"]
    count = len(here.slack.channels["C0ALERTS"])
    here.live(keeping.there, FIRE_AT + 6 * HOUR)
    assert len(here.slack.channels["C0ALERTS"]) == count


@pytest.mark.parametrize(("database", "empty_database"), [("sqlite", "sqlite")], indirect=True)
def test_what_another_service_tells_in_the_same_channel_is_left_alone(town: Callable[..., Town]) -> None:
    here = town(ordinary(9), fire(FIRE_AT, hours=2))
    keeping = here.keeping
    keeping.save(now=BEGIN)
    here.live(keeping.here, FIRE_AT + HOUR)
    (other,) = here.roots()
    said(other)["house"] = "elsewhere"
    before = (other["text"], other["edits"])
    keeping.restore(now=here.clock.at)
    here.live(keeping.there, FIRE_AT + 4 * HOUR)
    assert len(here.roots()) == 2
    assert (other["text"], other["edits"]) == before


@pytest.mark.parametrize(("database", "empty_database"), [("sqlite", "sqlite")], indirect=True)
def test_nothing_is_told_before_slack_has_said_what_it_was_told(town: Callable[..., Town]) -> None:
    here = town(ordinary(9), fire(FIRE_AT, hours=4))
    keeping = here.keeping
    keeping.save(now=BEGIN)
    here.live(keeping.here, FIRE_AT + HOUR)
    roots = [m["ts"] for m in here.roots()]
    assert len(roots) == 1
    keeping.restore(now=here.clock.at)
    here.slack.fail(says("internal_error"), times=3, method="conversations.history")
    here.live(keeping.there, FIRE_AT + 2 * HOUR)
    assert [m["ts"] for m in here.roots()] == roots


@pytest.mark.parametrize(("database", "empty_database"), [("sqlite", "sqlite")], indirect=True)
def test_where_nobody_may_look_a_fire_rather_comes_twice_than_never(town: Callable[..., Town]) -> None:
    here = town(ordinary(9), fire(FIRE_AT, hours=4))
    here.slack.scopes = ("chat:write",)
    keeping = here.keeping
    keeping.save(now=BEGIN)
    here.live(keeping.here, FIRE_AT + HOUR)
    keeping.restore(now=here.clock.at)
    here.live(keeping.there, FIRE_AT + 2 * HOUR)
    assert len(here.roots()) == 2


@pytest.mark.parametrize(("database", "empty_database"), [("sqlite", "sqlite")], indirect=True)
@pytest.mark.parametrize("lost", [1, 3], ids=["in a known thread", "in a thread that is lost itself"])
def test_a_reminder_of_the_lost_time_counts_as_one(town: Callable[..., Town], lost: int) -> None:
    here = town(ordinary(9), fire(FIRE_AT, hours=6, per_hour=60))
    keeping = here.keeping
    saved: list[tuple[Path, int]] = []

    def reminders() -> list[float]:
        told = [m for m in here.slack.channels["C0ALERTS"] if said(m).get("reason") == "reminded"]
        return [float(m["ts"]) for m in told]

    while not reminders():
        keeping.file = here.keeping.file.with_name(f"{len(saved)}.backup")
        keeping.save(now=here.clock.at)
        saved.append((keeping.file, len(here.roots())))
        here.live(keeping.here, here.world.at + EACH)
    keeping.file, roots = saved[-lost if lost == 1 else min(n for n, (_, r) in enumerate(saved) if r) - 1]
    assert roots == (lost == 1)
    (last,) = reminders()
    keeping.restore(now=here.clock.at)
    here.live(keeping.there, here.world.at + HOUR)
    assert len(here.roots()) == 1
    assert reminders()[1] - last >= REMIND.total_seconds()
    with here.open(keeping.there) as runtime, runtime.sessions() as session:
        history = select(Transition.at).where(Transition.reason == Reason.reminded)
        first = min(session.scalars(history))
    assert first.timestamp() == pytest.approx(last, abs=1), "the history says when it was"
