"""A drill: told in the real channels as a drill, timed, and forgotten but for its times."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import func, select
from typer.testing import CliRunner, Result

from app.admin import channels, watches
from app.admin.specs import ChannelSpec, WatchSpec
from app.channels.facts import Facts
from app.cli import app
from app.cli.drill_posts import WORD, posts
from app.models import AuditEntry, Bucket, Channel, Incident, Mention, Post, Transition, Watch
from app.pipeline.delivery.notify import notify
from app.pipeline.incidents import respond
from app.pipeline.reports.precision import months_of
from app.pipeline.simulation import drill
from app.runtime import Runtime, open_runtime
from app.settings import Settings
from tests.channels.factory import facts
from tests.standins.patience import until
from tests.standins.slack import SlackStandin
from tests.standins.slack_failures import says
from tests.standins.slack_limits import refusals

pytestmark = pytest.mark.story
Run = Callable[..., Result]


@pytest.fixture
def slack() -> Iterator[SlackStandin]:
    with SlackStandin() as standin:
        yield standin


@pytest.fixture
def runtime(sqlite: str, tmp_path: Path, slack: SlackStandin) -> Iterator[Runtime]:
    settings = Settings(
        data_dir=tmp_path, database_url=sqlite, language="fr", slack_bot_token=SecretStr(slack.token),
        slack_channel="C0ALERTS", slack_api_url=slack.url,
    )  # fmt: skip
    with open_runtime(settings) as runtime:
        with runtime.sessions.begin() as session:
            spec = {"name": "Vélinor", "query": "any of: Vélinor", "time_zone": "Europe/Paris"}
            watches.create(session, WatchSpec.model_validate(spec), by="test", now=runtime.now())
        yield runtime


@pytest.fixture
def run(runtime: Runtime, sqlite: str, slack: SlackStandin, monkeypatch: pytest.MonkeyPatch) -> Run:
    for name, value in {
        "DATA_DIR": str(runtime.settings.data_dir), "DATABASE_URL": sqlite, "LANGUAGE": "fr",
        "SLACK_BOT_TOKEN": slack.token, "SLACK_CHANNEL": "C0ALERTS", "SLACK_API_URL": slack.url,
    }.items():  # fmt: skip
        monkeypatch.setenv(f"TOCSIN_{name}", value)
    return lambda *words: CliRunner().invoke(app, ["drill", *words])


def left(runtime: Runtime) -> dict[str, int]:
    with runtime.sessions() as session:
        tables: tuple[Any, ...] = (Incident, Transition, Post, Mention, Bucket)
        counts = {
            table.__tablename__: session.scalar(select(func.count()).select_from(table)) or 0
            for table in tables
        }
        assert session.scalars(select(Watch.name)).all() == ["Vélinor"]
    return {name: n for name, n in counts.items() if n}


def taken(runtime: Runtime, slack: SlackStandin) -> None:
    """Léa takes what she sees in Slack."""
    until(lambda: bool(slack.messages()))
    with runtime.sessions.begin() as session:
        number = session.scalars(select(Incident.id)).one()
        respond.acknowledge(session, number, by="Léa", now=runtime.now())


def test_a_drill_is_told_timed_and_forgotten(run: Run, runtime: Runtime, slack: SlackStandin) -> None:
    lea = Thread(target=taken, args=(runtime, slack))
    lea.start()
    done = run("Vélinor", "--yes", "--wait", "30")
    lea.join()
    assert done.exit_code == 0, done.output
    assert "told slack after" in done.output
    assert "Léa took it" in done.output
    first = slack.calls("chat.postMessage")[0]
    header, sentence = first["blocks"][0]["text"]["text"], first["blocks"][1]["text"]["text"]
    assert header.startswith("EXERCICE · DÉPART DE FEU · Vélinor")
    assert "Ceci est un exercice" in sentence
    assert first["text"].startswith("EXERCICE")
    assert "[EXERCICE]" in str(first["blocks"])
    assert refusals(first["blocks"]) == []
    last = slack.calls("chat.update")[-1]
    assert "Close par" in str(last["blocks"]) or "Clos" in str(last["blocks"])
    assert left(runtime) == {}
    with runtime.sessions() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "drill")).one()
        assert entry.after is not None
        assert entry.after["taken_by"] == "Léa"
        assert entry.after["told_after_seconds"]["slack"] < 30
        watch = session.scalars(select(Watch)).one()
        assert months_of(session, watch, months=1, now=runtime.now())[0][1].alarms == 0
    assert "Léa" in run("--past").output


def test_a_channel_that_is_not_told_fails_the_drill(run: Run, runtime: Runtime, slack: SlackStandin) -> None:
    slack.fail(says("channel_not_found"), times=1000)
    done = run("Vélinor", "--yes", "--wait", "0")
    assert done.exit_code == 1
    assert "invite" in done.output
    assert "Nobody took it" in done.output
    assert left(runtime) == {}


def test_people_are_called_only_after_a_yes(run: Run, runtime: Runtime, slack: SlackStandin) -> None:
    done = run("Vélinor")
    assert "slack (slack)" in done.output
    assert slack.messages() == []
    assert left(runtime) == {}
    assert run("Nobody").exit_code == 1


def test_a_drill_that_was_broken_off_is_ended_by_hand(
    run: Run, runtime: Runtime, slack: SlackStandin
) -> None:
    with runtime.sessions.begin() as session:
        watch = session.scalars(select(Watch)).one()
        drill.begin(session, watch, facts(), by="test", now=runtime.now())
    notify(runtime.sessions, runtime.chain.delivery, now=runtime.now())
    again = run("Vélinor", "--yes")
    assert again.exit_code == 1
    assert "--stop" in str(again.exception)
    assert "is over" in run("--stop").output
    assert len(slack.messages()) == 1
    assert left(runtime) == {}
    assert "No drill" in run("--stop").output


def test_who_is_told_later_or_of_other_kinds_is_not_drilled(runtime: Runtime) -> None:
    mail = {"to": ["a@b.example"], "sender": "t@b.example", "server": "m.example"}
    board = ChannelSpec(name="board", kind="email", settings=mail, from_level=2)
    buzz = ChannelSpec(name="marketing", kind="email", settings=mail, kinds=["buzz"])
    with runtime.sessions.begin() as session:
        for spec in (board, buzz):
            channels.create(session, spec, vault=runtime.vault, by="test", now=runtime.now())
        watch = session.scalars(select(Watch)).one()
        number = drill.begin(session, watch, facts(), by="test", now=runtime.now()).id
        assert [one.channel for one in drill.times_of(session, number).reached] == ["slack"]
        assert len(session.scalars(select(Channel)).all()) == 3


@pytest.mark.parametrize(
    ("language", "seed"),
    [
        ("en", 0),
        ("fr", 1),
        *(pytest.param("en", n, marks=pytest.mark.whole) for n in (1, 2)),
        *(pytest.param("fr", n, marks=pytest.mark.whole) for n in (0, 2)),
    ],
)
def test_whatever_the_seed_the_fire_rings(language: str, seed: int) -> None:
    now = datetime(2026, 11, 22, 9, 30, tzinfo=UTC) - timedelta(hours=7 * seed)
    rang: Facts = drill.rehearse(posts(now, language, seed), name="x", query=WORD, time_zone="UTC")
    assert rang.second_key or rang.observed > 3 * rang.expected
    assert rang.observed > 2 * rang.expected, "it is no stir of ordinary hours"
    assert timedelta(0) <= now - rang.onset_at < timedelta(hours=2)
    assert rang.kind == "fire"
