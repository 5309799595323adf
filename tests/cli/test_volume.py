"""The volume that a source counts, in a replay and in a try."""

import json
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from app import clock
from app.cli import app, sources_try
from app.cli.sparkline import sparkline
from app.sources.base import Volume
from tests.sources.far_ends.base import NOW, Play, Post, later, play
from tests.sources.far_ends.gdelt import FAR_END, timeline

QUARTER = timedelta(minutes=15)
API = "https://api.gdeltproject.org/api/v2/doc/doc?query=velinor&format=json"
Rows = list[dict[str, Any]]
POSTS = [Post(1, later(-50)), Post(2, later(-48))]


def run(*words: str) -> str:
    done = CliRunner().invoke(app, ["sources", *words])
    if done.exception is not None:
        raise done.exception
    return done.output


def articles(at: datetime, *, until: datetime) -> dict[str, Any]:
    seen = [{"url": f"https://a.example/{at:%H%M}", "title": "Velinor", "seendate": f"{at:%Y%m%dT%H%M%SZ}"}]
    url = f"{API}&mode=artlist&startdatetime=20261122000000&enddatetime={until:%Y%m%d%H%M%S}"
    return {"method": "GET", "url": url, "status": 200, "body": {"articles": seen}}


def volume(until: datetime) -> dict[str, Any]:
    body = timeline(POSTS, until - timedelta(hours=2), until)
    return {"method": "GET", "url": f"{API}&mode=timelinevolraw", "status": 200, "body": body}


@pytest.fixture
def replayed(tmp_path: Path) -> Callable[..., tuple[Rows, Rows, Rows | None]]:
    def replay(*files: tuple[datetime, list[dict[str, Any]]]) -> tuple[Rows, Rows, Rows | None]:
        saved, out = tmp_path / "saved", tmp_path / "out"
        saved.mkdir()
        for n, (at, answers) in enumerate(files):
            told = {"now": at.isoformat(), "answers": answers}
            (saved / f"{n:02}.json").write_text(json.dumps(told))
        run("replay", "gdelt", str(saved), "--out", str(out))
        posts, runs, counted = (
            [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else None
            for path in (out / "posts.jsonl", out / "runs.jsonl", out / "volume.jsonl")
        )
        assert posts is not None
        assert runs is not None
        return posts, runs, counted

    return replay


def test_a_file_that_holds_both_gives_both_whatever_their_order(
    replayed: Callable[..., tuple[Rows, Rows, Rows | None]],
) -> None:
    posts, runs, counted = replayed((NOW, [volume(NOW), articles(later(-60), until=NOW)]))
    assert [post["id"] for post in posts] == ["https://a.example/0800"]
    assert [(one["status"], one["count"], one["wait"], one["note"]) for one in runs] == [
        ("ok", 1, None, "first run: 1 posts")
    ]
    assert counted
    assert counted[-3:] == [
        {"at": "2026-11-22T08:00:00Z", "step": 900.0, "count": 2, "total": 1_008},
        {"at": "2026-11-22T08:15:00Z", "step": 900.0, "count": 0, "total": 1_008},
        {"at": "2026-11-22T08:30:00Z", "step": 900.0, "count": 0, "total": 1_008},
    ]


def test_runs_as_tocsin_makes_them_give_the_same(
    replayed: Callable[..., tuple[Rows, Rows, Rows | None]],
) -> None:
    after = NOW + timedelta(seconds=8)
    _, runs, counted = replayed(
        (NOW, [articles(later(-60), until=NOW)]), (after, [volume(after)]),
        (later(15), [articles(later(0), until=later(15))]),
    )  # fmt: skip
    assert [(one["status"], one["count"], one["coverage"]) for one in runs] == [
        ("ok", 1, 1.0), ("unchanged", 0, 1.0), ("ok", 1, 1.0),
    ]  # fmt: skip
    assert counted
    assert sum(one["count"] for one in counted) == 2


def test_where_no_timeline_was_saved_none_is_asked_for(
    replayed: Callable[..., tuple[Rows, Rows, Rows | None]],
) -> None:
    _, runs, counted = replayed((NOW, [articles(later(-60), until=NOW)]))
    assert runs[0]["note"] == "first run: 1 posts"
    assert counted is None


def test_articles_without_an_address_that_tells_are_not_taken_for_a_timeline(
    replayed: Callable[..., tuple[Rows, Rows, Rows | None]],
) -> None:
    bare = {"url": "https://api.gdeltproject.org/api/v2/doc/doc"}
    _, runs, _ = replayed(
        (NOW, [articles(later(-60), until=NOW) | bare]), (later(1), [articles(later(0), until=NOW) | bare])
    )
    assert [(one["status"], one["count"], one["wait"]) for one in runs] == [("ok", 1, None), ("ok", 1, None)]


def test_a_try_waits_for_the_volume_and_draws_it(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(sources_try, "sleep", waited.append)
    monkeypatch.setattr(clock, "utc_now", lambda: NOW)
    monkeypatch.setenv("COLUMNS", "250")
    with play(FAR_END) as far:
        far.server.posts = POSTS
        text = _tried(far, monkeypatch)
    assert waited == [8.0]
    assert "ok: 2 posts" in text
    assert "volume: 2 since 2026-11-19 10:00; a bar is 60 minutes, the highest 2; 0 of 1008 in 15" in text


def _tried(far: Play, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(sources_try, "open_client", lambda _settings: nullcontext(far.client))
    return run("try", "gdelt", "query=velinor")


def test_the_line_has_a_bar_for_each_stretch_or_for_some_together() -> None:
    at = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
    few = [Volume(at + n * QUARTER, QUARTER, count, 100) for n, count in enumerate((0, 7, 14))]
    bars, words = sparkline(few).splitlines()
    assert bars == "▁▅█"
    assert words == (
        "volume: 21 since 2026-11-22 09:00; a bar is 15 minutes, the highest 14; "
        "14 of 100 in 15 minutes from 09:30 UTC"
    )
    many = [Volume(at + n * QUARTER, QUARTER, 1) for n in range(73)]
    assert sparkline(many).splitlines()[0] == "█" * 36
    assert sparkline([Volume(at, QUARTER, 0)]).startswith("▁\n")
    assert sparkline([]) == ""
