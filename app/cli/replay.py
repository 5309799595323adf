"""`tocsin replay`: the live chain over an archive of posts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal

import typer
import yaml
from pydantic import BaseModel, ValidationError
from rich.console import Console
from rich.progress import Progress
from rich.text import Text
from sqlalchemy import func, or_, select

from app import db, logs
from app.admin.change import checked
from app.admin.policy_specs import PolicySpec, overridden
from app.admin.specs import WatchSpec
from app.admin.watches import require_sound_query
from app.cli.outcome import Outcome
from app.clock import EPOCH
from app.errors import BadInput, invalid
from app.models import Mention, Policy, Watch
from app.pipeline.scoring.detect import ScoringEngine
from app.pipeline.simulation.replay import Named, Replay
from app.reading.query.doubts import doubts_of
from app.sources.archive import read
from detectors import FireDetector

_SHOWN_ERRORS = 10
Asked = tuple[WatchSpec, PolicySpec]


class _Watches(BaseModel):
    """What a replay reads of a file for `tocsin apply`; the posts of the archive stand for its sources."""

    policies: list[PolicySpec]
    watches: list[WatchSpec]


def replay(
    archives: Annotated[list[Path], typer.Argument(help="JSONL or CSV files of posts, gzipped or not")],
    out: Annotated[Path, typer.Option(help="folder for what comes of it; made if need be")],
    watch: Annotated[
        Path | None,
        typer.Option(
            help="YAML file of one watch or of several, as for `tocsin apply`; several are judged together"
        ),
    ] = None,
    query: Annotated[
        str | None, typer.Option(help='such as "Yahoo OR yahoo.com"; "" takes every post')
    ] = None,
    language: Annotated[Literal["en", "fr"], typer.Option(help="of the messages")] = "en",
    since: Annotated[
        str | None,
        typer.Option(
            metavar="DATE",
            help="the archive holds all posts from this day on (universal time), as 2023-10-10; "
            "if not given, from its first post",
        ),
    ] = None,
) -> None:
    """Replay an archive of posts through the live chain, on the archive's own clock.

    Writes incidents.jsonl (each transition), deliveries.jsonl (what Slack would have got), buckets.csv (five
    minutes each: observed, expected, evidence) and replay.db (all tables). The watches of a file are judged
    together, as they are live, and told in one Slack channel: those that burn in one fire are one story.
    """
    logs.configure("warning", "auto")
    problems = Console(stderr=True)
    if (watch is None) == (query is None):
        raise typer.BadParameter("give either --watch FILE.yaml or --query", param_hint="--query")
    watches = _watch_file(watch) if watch else [_watch_of(query or "", archives)]
    for spec, _ in watches:
        require_sound_query(spec)
        for doubt in doubts_of(spec.query, kind="topic"):
            problems.print(Text.assemble((f"? {spec.name}: ", "yellow"), doubt.sentence()), soft_wrap=True)
    begin = _day(since) if since is not None else None
    posts = list(_read(archives, problems))
    first = min(item.published_at for _, item in posts if item.published_at)
    if begin is not None and begin > first:
        raise BadInput(
            f"--since {since} is later than the first post, of {first:%Y-%m-%d %H:%M}. Give the day from "
            "which on the archive holds all posts, or leave --since out."
        )
    with Outcome(out) as outcome:
        summary = run(posts, watches, outcome, language, problems, since=begin)
    outcome.summary(Console(), posts=len(posts), mentions=summary.mentions, messages=summary.messages)
    if summary.unjudged > summary.mentions // 20:  # the first post of an archive is always learnt from
        Console().print(Text(_hint(summary.unjudged, begin or first), "yellow"), soft_wrap=True)


def _day(given: str) -> datetime:
    """The beginning of a day in universal time."""
    try:
        day = datetime.strptime(given.strip(), "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise BadInput(f"--since: “{given}” is no date. Write it as 2023-10-10.") from error
    if day < EPOCH:
        raise BadInput(f"--since: {given} is too early. Give a day of 1970 or later.")
    return day


def _hint(unjudged: int, begin: datetime) -> str:
    """What to do where posts came before anything could ring."""
    days = FireDetector().warm_up.days
    return (
        f"{unjudged:,} {'mention' if unjudged == 1 else 'mentions'} fell into the {days} days of learning "
        f"from {begin:%Y-%m-%d %H:%M} on, in which nothing rings. If the archive holds all posts of the "
        f"weeks before too, say from which day on, as in --since {begin - timedelta(days=28):%Y-%m-%d}."
    )


@dataclass(frozen=True, slots=True)
class ReplaySummary:
    """How much a replay had to say."""

    mentions: int
    messages: int
    unjudged: int  # mentions that came while the watches were learning


def run(
    posts: list[Named],
    watches: list[Asked],
    outcome: Outcome,
    language: str,
    problems: Console,
    *,
    since: datetime | None = None,
) -> ReplaySummary:
    """Replay the posts into a database of their own in the outcome's folder."""
    path = outcome.folder / "replay.db"
    for old in outcome.folder.glob("replay.db*"):
        old.unlink()
    url = f"sqlite:///{path}"
    db.migrate(url)
    engine = db.connect(url, durable=False)
    replaying = Replay(db.sessions_of(engine), ScoringEngine(FireDetector()), language)
    with Progress(console=problems, transient=True, disable=not problems.is_terminal) as progress:
        task = progress.add_task("Replaying", total=len(posts))
        replaying.run(
            posts,
            _rows(watches),
            Policy(name="default", created_at=EPOCH, updated_at=EPOCH),
            since=since,
            told=outcome.told,
            seen=outcome.seen,
            progress=lambda done: progress.update(task, completed=done),
        )
    calls = replaying.rehearsal.web.calls
    outcome.deliver(calls)
    with replaying.sessions() as session:
        mentions = session.scalars(select(func.count()).select_from(Mention)).one()
        learning = or_(Watch.judged_since.is_(None), Mention.at < Watch.judged_since)
        unjudged = session.scalars(
            select(func.count()).select_from(Mention).join(Watch).where(learning)
        ).one()
    engine.dispose()
    return ReplaySummary(mentions, sum(call["method"] == "chat.postMessage" for call in calls), unjudged)


def _rows(watches: list[Asked]) -> list[Watch]:
    """The watches as rows, those of one policy with one row of it, unless they override it."""
    policies = {policy.name: _policy_row(policy) for _, policy in watches}
    rows: list[Watch] = []
    for spec, policy in watches:
        row, own = watch_row(spec), spec.overrides.given()
        row.policy = policies[policy.name]
        if own:
            terms = overridden(policy.model_dump(), own) | {"name": f"{policy.name[:60]} · {len(rows)}"}
            row.policy = _policy_row(checked(PolicySpec, terms, "overrides"))
        rows.append(row)
    return rows


def _policy_row(policy: PolicySpec) -> Policy:
    return Policy(**policy.model_dump(exclude={"team"}), created_at=EPOCH, updated_at=EPOCH)


def watch_row(spec: WatchSpec) -> Watch:
    """The watch as a row, without its policy, sources and channels."""
    return Watch(
        **spec.model_dump(exclude={"policy", "overrides", "sources", "channels", "query", "team"}),
        query=spec.query.model_dump(mode="json"),
        created_at=EPOCH,
        updated_at=EPOCH,
    )


def _watch_of(query: str, archives: list[Path]) -> Asked:
    given = {"name": query[:100] or archives[0].name[:100], "query": query}
    try:
        return WatchSpec.model_validate(given), PolicySpec(name="default")
    except ValidationError as error:
        raise BadInput(f"--query: {invalid(error)}") from error


def _watch_file(path: Path) -> list[Asked]:
    """The watches of the file that are on, each with its policy if that is in the file too."""
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8"))
        if isinstance(given, dict) and "watches" in given:
            file = _Watches.model_validate({part: given.get(part) or [] for part in _Watches.model_fields})
            return _asked(path, file)
        return [(WatchSpec.model_validate(given), PolicySpec(name="default"))]
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise BadInput(f"{path.name} is not YAML: {error}") from error
    except ValidationError as error:
        raise BadInput(f"{path.name}: {invalid(error)}") from error


def _asked(path: Path, file: _Watches) -> list[Asked]:
    names = [spec.name for spec in file.watches]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise BadInput(f"{path.name}: the watch “{twice}” is there twice")
    watches = [spec for spec in file.watches if spec.enabled] or file.watches
    if not watches:
        raise BadInput(f"{path.name} has no watch; a replay takes one or several")
    policies = {policy.name: policy for policy in file.policies}
    default = policies.get("default", PolicySpec(name="default"))
    return [(spec, policies.get(spec.policy, default)) for spec in watches]


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
