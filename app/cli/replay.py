"""`tocsin replay`: the live chain over an archive of posts."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import typer
import yaml
from pydantic import ValidationError
from rich.console import Console
from rich.progress import Progress
from rich.text import Text
from sqlalchemy import func, select

from app import db, logs
from app.admin.specs import PolicySpec, WatchSpec
from app.cli.outcome import Outcome
from app.clock import EPOCH
from app.errors import BadInput
from app.models import Mention, Policy, Watch
from app.pipeline.detect import Judge
from app.pipeline.replay import Named, Replay
from app.sources.archive import read
from detectors import FireDetector

_SHOWN_ERRORS = 10


def replay(
    archives: Annotated[list[Path], typer.Argument(help="JSONL or CSV files of posts, gzipped or not")],
    out: Annotated[Path, typer.Option(help="folder for what comes of it; made if need be")],
    watch: Annotated[Path | None, typer.Option(help="YAML file of one watch, as for `tocsin apply`")] = None,
    query: Annotated[
        str | None, typer.Option(help='such as "any of: Yahoo, yahoo.com"; "" takes every post')
    ] = None,
    language: Annotated[Literal["en", "fr"], typer.Option(help="of the messages")] = "en",
) -> None:
    """Replay an archive of posts through the live chain, on the archive's own clock.

    Writes incidents.jsonl (each transition), deliveries.jsonl (what Slack would have got), buckets.csv (five
    minutes each: observed, expected, evidence) and replay.db (all tables).
    """
    logs.configure("warning", "auto")
    problems = Console(stderr=True)
    if (watch is None) == (query is None):
        raise typer.BadParameter("give either --watch FILE.yaml or --query", param_hint="--query")
    spec, policy = _watch_file(watch) if watch else _watch_of(query or "", archives)
    posts = list(_read(archives, problems))
    with Outcome(out) as outcome:
        told = run(posts, [spec], policy, outcome, language, problems)
    outcome.summary(Console(), posts=len(posts), mentions=told.mentions, messages=told.messages)


@dataclass(frozen=True, slots=True)
class Told:
    """How much a replay had to say."""

    mentions: int
    messages: int


def run(
    posts: list[Named],
    specs: list[WatchSpec],
    policy: PolicySpec,
    outcome: Outcome,
    language: str,
    problems: Console,
) -> Told:
    """Replay the posts into a database of their own in the outcome's folder."""
    path = outcome.folder / "replay.db"
    for old in outcome.folder.glob("replay.db*"):
        old.unlink()
    url = f"sqlite:///{path}"
    db.migrate(url)
    engine = db.connect(url, durable=False)
    replaying = Replay(db.sessions_of(engine), Judge(FireDetector()), language)
    with Progress(console=problems, transient=True, disable=not problems.is_terminal) as progress:
        task = progress.add_task("Replaying", total=len(posts))
        replaying.run(
            posts,
            [watch_row(spec) for spec in specs],
            Policy(**policy.model_dump(), created_at=EPOCH, updated_at=EPOCH),
            told=outcome.told,
            seen=outcome.seen,
            progress=lambda done: progress.update(task, completed=done),
        )
    calls = replaying.rehearsal.web.calls
    outcome.deliver(calls)
    with replaying.sessions() as session:
        mentions = session.scalars(select(func.count()).select_from(Mention)).one()
    engine.dispose()
    return Told(mentions, sum(call["method"] == "chat.postMessage" for call in calls))


def watch_row(spec: WatchSpec) -> Watch:
    """The watch as a row, without its policy, sources and channels."""
    return Watch(
        **spec.model_dump(exclude={"policy", "sources", "channels", "query"}),
        query=spec.query.model_dump(mode="json"),
        created_at=EPOCH,
        updated_at=EPOCH,
    )


def _watch_of(query: str, archives: list[Path]) -> tuple[WatchSpec, PolicySpec]:
    given = {"name": query[:100] or archives[0].name[:100], "query": query}
    try:
        return WatchSpec.model_validate(given), PolicySpec(name="default")
    except ValidationError as error:
        raise BadInput(f"--query: {_sentence(error)}") from error


def _watch_file(path: Path) -> tuple[WatchSpec, PolicySpec]:
    """The one watch of the file, and its policy if that is in the file too."""
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8"))
        if isinstance(given, dict) and "watches" in given:
            if len(given["watches"]) != 1:
                raise BadInput(f"{path.name} has {len(given['watches'])} watches; a replay takes one")
            policies = {p.get("name"): p for p in given.get("policies", [])}
            spec = WatchSpec.model_validate(given["watches"][0])
            return spec, PolicySpec.model_validate(policies.get(spec.policy, {"name": "default"}))
        return WatchSpec.model_validate(given), PolicySpec(name="default")
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise BadInput(f"{path.name} is not YAML: {error}") from error
    except ValidationError as error:
        raise BadInput(f"{path.name}: {_sentence(error)}") from error


def _sentence(error: ValidationError) -> str:
    return "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())


def _read(archives: list[Path], problems: Console) -> Iterator[Named]:
    for path in archives:
        bad = 0

        def skipped(line: int, why: str, path: Path = path) -> None:
            nonlocal bad
            bad += 1
            if bad <= _SHOWN_ERRORS:
                problems.print(Text(f"{path.name}, line {line}: {why}; skipped", "yellow"))

        for row in read(path, on_error=skipped):
            yield row.source or path.name.split(".")[0], row.item
        if bad > _SHOWN_ERRORS:
            problems.print(Text(f"{path.name}: {bad} rows skipped in all", "yellow"))
