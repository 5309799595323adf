"""`tocsin sources replay`: answers that somebody saved, through the real source code."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from app import clock, logs, sources
from app.backoff import of_source, wait_after
from app.cli.given import settings_from
from app.cli.sparkline import sparkline
from app.logs import mask
from app.sources.base import Item, Kind, Volume
from app.sources.saved.files import read_runs
from app.sources.saved.rehearsing import Posts, Rehearsed, rehearse, settings_of


def replay(
    kind: Annotated[str, typer.Argument(help="kind of source, as `tocsin sources kinds` lists them")],
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="one JSON file for each run, in name order")],
    more: Annotated[list[str] | None, typer.Argument(metavar="[NAME=VALUE]...", help="settings")] = None,
    *,
    out: Annotated[Path, typer.Option(help="folder for what comes of it; made if need be")],
    settings: Annotated[
        list[str] | None,
        typer.Option(help="NAME=VALUE, or a YAML file; what is not given is read from the saved addresses"),
    ] = None,
) -> None:
    """Feed saved answers through the code of a source, as if the network had given them just now.

    Each file of DIR is one run: a list of {method, url, status, headers, body}, bodies as text; frames of a
    stream have the method FRAME, one a line. Needs no secret, asks nobody. Writes posts.jsonl and runs.jsonl,
    and volume.jsonl if the source counts itself.
    """
    logs.configure("error", "auto")
    console, problems = Console(), Console(stderr=True)
    one = sources.kind(kind)
    saved = read_runs(folder)
    given = settings_of(one, settings_from(one, [*(settings or []), *(more or [])]), saved)
    shown = ", ".join(f"{name}={value}" for name, value in given.items())
    problems.print(Text(mask(f"settings: {shown or 'those that the kind has by itself'}"), "dim"))
    out.mkdir(parents=True, exist_ok=True)
    posts, failures = Posts(), 0
    volume: dict[datetime, Volume] = {}
    with (out / "runs.jsonl").open("w", encoding="utf-8") as file:
        for run in rehearse(one, given, saved, clock=clock.utc_now):
            failures = 0 if run.batch else failures + 1
            line = _line(one, run, posts, failures)
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
            volume |= {one.at: one for one in (run.batch.volume if run.batch else ())}
            console.print(_drawn(run, line))
            for note in dict.fromkeys(run.notes):
                problems.print(Text(f"{run.name}: {note}", "yellow"))
    with (out / "posts.jsonl").open("w", encoding="utf-8") as file:
        for item, seen, edited in posts.posts.values():
            file.write(json.dumps(_post(item, seen, edited), ensure_ascii=False) + "\n")
    if volume:
        _write_volume(out / "volume.jsonl", volume)
        console.print(Text(sparkline(list(volume.values()))), soft_wrap=True)
    else:
        (out / "volume.jsonl").unlink(missing_ok=True)  # of an earlier replay
    console.print(Text(f"{len(posts.posts)} posts in {out / 'posts.jsonl'}, runs in {out / 'runs.jsonl'}"))


def _write_volume(path: Path, volume: Mapping[datetime, Volume]) -> None:
    with path.open("w", encoding="utf-8") as file:
        for at in sorted(volume):
            one = volume[at]
            told = {"at": _iso(at), "step": one.step.total_seconds(), "count": one.count, "total": one.total}
            file.write(json.dumps(told) + "\n")


def _line(kind: Kind, run: Rehearsed, posts: Posts, failures: int) -> dict[str, Any]:
    line: dict[str, Any] = {"run": run.name, "at": _iso(run.at)}
    if run.batch is None:
        wait = wait_after(of_source(kind.cadence), failures, retry_after=run.wait)
        window = [_iso(run.since) if run.since else None, _iso(run.at)]
        return line | {
            "window": window, "status": "failed", "count": 0, "received": 0, "edited": 0,
            "deleted": 0, "coverage": 0.0, "wait": _seconds(wait), "permanent": run.permanent,
            "note": "; ".join([run.why, *run.notes]), "cursor": None,
        }  # fmt: skip
    batch = run.batch
    new, edited = posts.take(batch, run.at)
    since = _iso(batch.window_from) if batch.window_from else None
    return line | {
        "window": [since, _iso(batch.window_to)], "status": batch.status, "count": new,
        "received": len(batch.items), "edited": edited, "deleted": len(batch.deleted),
        "coverage": round(batch.coverage, 6), "wait": _seconds(run.wait), "permanent": False,
        "note": "; ".join(filter(None, [batch.note, *run.notes])), "cursor": batch.cursor,
    }  # fmt: skip


def _post(item: Item, seen: datetime, edited: datetime | None) -> dict[str, Any]:
    return {
        "id": item.external_id,
        "published_at": _iso(item.published_at or seen),
        "precision": str(item.precision) if item.published_at else "first_seen",
        "author": item.author,
        "text": "\n\n".join(filter(None, [item.title, item.text])),
        "url": item.url,
        "lang": item.lang,
        "edited": _iso(edited) if edited else None,
        "title": item.title,
        "likes": item.likes,
        "shares": item.shares,
        "replies": item.replies,
        "reach": item.reach,
        "followers": item.followers,
    }


def _drawn(run: Rehearsed, line: dict[str, Any]) -> Text:
    if run.batch is None:
        wait = f"; again in {line['wait']:g} s" if line["wait"] is not None else ""
        return Text.assemble((f"{run.name}: failed", "red"), f": {run.why}{wait}")
    counts = f"{line['count']} new of {line['received']} posts, coverage {line['coverage']:g}"
    return Text.assemble(
        (f"{run.name}: {line['status']}", "green"), f": {counts}", f" {run.batch.note}".rstrip()
    )


def _seconds(wait: timedelta | None) -> float | None:
    return None if wait is None else wait.total_seconds()


def _iso(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
