"""`tocsin replay` and `tocsin demo`, as a person calls them."""

import csv
import json
import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.cli import demo_week
from app.cli.demo import replay_week
from app.settings import Settings
from tests.cli.conftest import Shell
from tests.pipeline.brand import fire, ordinary
from tests.pipeline.conftest import FIRE_AT
from tests.standins.judges import judge
from tests.standins.slack_limits import refusals

COMPANY = """
policies:
  - {name: wary, alarms_per_month: 2}
watches:
  - {name: Vélinor, query: "any of: Vélinor", policy: wary, channels: [slack]}
  - {name: Rayon, query: "any of: #velinor, rayon", sources: [forum]}
  - {name: Idle, query: "any of: Vélinor", enabled: false}
"""
MONDAY = datetime(2026, 11, 9, tzinfo=UTC)


@pytest.mark.story
def test_a_replay_writes_incidents_deliveries_and_buckets(shell: Shell) -> None:
    posts = [*ordinary(9), *fire(FIRE_AT)]
    rows = [
        {"id": p.external_id, "published_at": str(p.published_at), "text": p.text, "author": p.author or ""}
        for p in posts
    ]
    rows.insert(5, {"id": "bad", "published_at": "yesterday", "text": "Vélinor", "author": ""})
    with (shell.folder / "posts.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    code, out, err = shell.run("replay", "posts.csv", "--query", "any of: Vélinor", "--out", "told")
    assert code == 0, err
    assert "posts.csv, line 7" in err
    assert "Fire · any of: Vélinor" in out
    told = shell.folder / "told"
    incidents = [json.loads(line) for line in (told / "incidents.jsonl").read_text().splitlines()]
    ignited = next(t for t in incidents if t["reason"] == "ignited")
    assert {"watch", "state", "at", "onset", "observed", "expected", "low", "high", "score"} <= set(ignited)
    assert ignited["samples"][0]["post"]
    assert ignited["reasons"]["authors"] > 1
    calls = [json.loads(line) for line in (told / "deliveries.jsonl").read_text().splitlines()]
    assert calls[0]["method"] == "chat.postMessage"
    for call in calls:
        assert not refusals(call["payload"]["blocks"])
        judge(call["payload"])
    with (told / "buckets.csv").open() as file:
        buckets = list(csv.DictReader(file))
    assert len(buckets) >= 9 * 288 - 2
    assert sum(float(b["observed"] or 0) for b in buckets) == len(posts)


@pytest.mark.story
def test_watches_of_one_file_are_judged_together_and_told_as_one_fire(
    shell: Shell, write: Callable[[str, str], Path]
) -> None:
    posts = [*ordinary(9), *fire(FIRE_AT)]
    rows = [{"id": p.external_id, "published_at": str(p.published_at), "text": p.text} for p in posts]
    (shell.folder / "posts.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    write("company.yaml", COMPANY)
    code, out, err = shell.run("replay", "posts.jsonl", "--watch", "company.yaml", "--out", "told")
    assert code == 0, err
    lines = [line.strip() for line in out.splitlines()]
    assert sum("Fire · " in line for line in lines) == 1
    assert sum("in the same fire: " in line for line in lines) == 1
    told = shell.folder / "told"
    incidents = [json.loads(line) for line in (told / "incidents.jsonl").read_text().splitlines()]
    lit = [t for t in incidents if t["reason"] == "ignited"]
    assert {t["watch"] for t in lit} == {"Vélinor", "Rayon"}
    assert len({t["story"] for t in lit}) == 1
    calls = [json.loads(line) for line in (told / "deliveries.jsonl").read_text().splitlines()]
    posted = [c["payload"] for c in calls if c["method"] == "chat.postMessage"]
    assert sum("thread_ts" not in p for p in posted) == 1
    for call in calls:
        judge(call["payload"])
    with (told / "buckets.csv").open() as file:
        assert len({b["watch"] for b in csv.DictReader(file)}) == 2


def test_a_file_whose_watches_cannot_be_told_apart_is_refused(
    shell: Shell, write: Callable[[str, str], Path]
) -> None:
    write("posts.csv", "id,published_at,text\n1,2026-11-09T10:00:00Z,x\n")
    for text, why in {
        COMPANY.replace("Rayon", "Vélinor"): "there twice",
        "watches: []": "no watch",
        COMPANY.replace("#velinor", "(("): "watches",
    }.items():
        write("company.yaml", text)
        code, _, err = shell.run("replay", "posts.csv", "--watch", "company.yaml", "--out", "told")
        assert code == 1
        assert why in err


@pytest.mark.story
def test_an_archive_that_begins_with_the_crisis_needs_the_day_from_which_on_it_is_whole(shell: Shell) -> None:
    posts = [
        {"id": p.external_id, "published_at": str(p.published_at), "text": p.text} for p in fire(FIRE_AT)
    ]
    (shell.folder / "posts.jsonl").write_text("\n".join(map(json.dumps, posts)), encoding="utf-8")
    replay = ("replay", "posts.jsonl", "--query", "", "--out", "told")
    code, out, err = shell.run(*replay)
    assert code == 0, err
    assert "No fire." in out
    assert f"{len(posts)} mentions fell into the 3 days of learning" in out
    advised = out.split("--since ")[1].split()[0].rstrip(".")
    assert datetime.fromisoformat(advised).date() == (FIRE_AT - timedelta(days=28)).date()
    code, out, err = shell.run(*replay, "--since", advised)
    assert code == 0, err
    assert "Fire · posts.jsonl" in out
    assert "learning" not in out


def test_a_day_that_cannot_be_meant_is_refused(shell: Shell) -> None:
    post = {"id": "1", "published_at": "2026-11-09T10:00:00Z", "text": "Vélinor"}
    (shell.folder / "posts.jsonl").write_text(json.dumps(post), encoding="utf-8")
    for since, why in {
        "2026-02-30": "no date",
        "yesterday": "no date",
        "1969-12-31": "1970",
        "2026-11-10": "later than the first post, of 2026-11-09 10:00",
    }.items():
        code, _, err = shell.run("replay", "posts.jsonl", "--query", "", "--out", "told", "--since", since)
        assert code == 1
        assert why in err
        assert not (shell.folder / "told").exists()


def test_a_replay_of_nothing_readable_is_an_error(shell: Shell, write: Callable[[str, str], Path]) -> None:
    write("bad.csv", "id,published_at,text\n1,never,x\n")
    code, _, err = shell.run("replay", "bad.csv", "--query", "", "--out", "told")
    assert code == 1
    assert "no post that can be read" in err
    code, _, err = shell.run("replay", "bad.csv", "--out", "told")
    assert code == 2


@pytest.mark.story
def test_of_the_week_of_the_demonstration_only_the_fire_is_told(tmp_path: Path) -> None:
    rehearsal = replay_week(Settings(data_dir=tmp_path, database_url=""), MONDAY, "fr")
    calls = rehearsal.web.calls
    posted = [c["payload"] for c in calls if c["method"] == "chat.postMessage"]
    roots = [p for p in posted if "thread_ts" not in p]
    assert len(roots) == 1, "neither the launch nor the giveaway"
    assert [threaded for _, threaded in rehearsal.posted] == ["thread_ts" in p for p in posted]
    assert "Vélinor" in roots[0]["text"]
    assert "4417" in json.dumps(roots[0]["blocks"])
    assert any("Éteint" in json.dumps(p, ensure_ascii=False) for p in posted)
    assert all(not refusals(c["payload"]["blocks"]) for c in calls)
    for call in calls:
        judge(call["payload"])


def test_the_week_is_the_same_for_the_same_seed() -> None:
    assert demo_week.week(MONDAY) == demo_week.week(MONDAY)
    assert demo_week.week(MONDAY) != demo_week.week(MONDAY, seed=1)
    last = demo_week.week(MONDAY)[-1][1].published_at
    assert last is not None
    assert last < MONDAY + timedelta(days=7)


def test_a_demonstration_whose_port_is_in_use_says_so_before_it_replays_a_week(shell: Shell) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        shell.environment["TOCSIN_PORT"] = str(port)
        code, out, err = shell.run("demo")
    assert code == 1
    assert f"could not listen on 127.0.0.1:{port}" in err
    assert "A week of" not in out
    assert not (shell.folder / "demo").exists(), "and touches nothing"


def test_a_new_database_file_is_for_its_owner_alone(shell: Shell) -> None:
    assert shell.run("migrate")[0] == 0
    for file in (shell.folder / "var").iterdir():
        assert file.stat().st_mode & 0o077 == 0, file.name
