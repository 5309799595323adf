"""`tocsin preview`: what another policy would have done on a watch's own history."""

import sys
from datetime import timedelta
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from app import logs
from app.admin.change import checked
from app.admin.policies import audit_view
from app.admin.policy_specs import PolicySpec
from app.admin.watches import named_or_numbered
from app.errors import AppError
from app.pipeline.simulation.compare import Alarm, AlarmChange, Preview, Price, Ringing
from app.pipeline.simulation.preview import BUDGETS, DAYS, MOST_DAYS
from app.pipeline.simulation.preview import preview as previewed
from app.runtime import Runtime, open_runtime
from app.settings import Settings
from detectors import FEWEST, MOST

_STYLES = {"gained": "yellow", "lost": "cyan", "kept": "bold"}
_SIGNS = {"gained": "+", "lost": "−", "kept": "="}
_WORDS = {
    "fire": ("fire", "fires"),
    "false_alarm": ("false alarm", "false alarms"),
    "planned": ("planned one",) * 2,
}


def preview(
    watch: Annotated[str, typer.Argument(help="its name, or its id")],
    budget: Annotated[
        float | None, typer.Option(min=FEWEST, max=MOST, help="false alarms that are accepted in a month")
    ] = None,
    threshold: Annotated[
        float | None, typer.Option(help="score that rings, instead of the one that the budget gives")
    ] = None,
    floor: Annotated[
        int | None, typer.Option(min=1, help="an excess of fewer posts never rings by its volume")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=MOST_DAYS, help="how far back")] = DAYS,
    prices: Annotated[
        bool, typer.Option("--prices", help="show what budgets from 0.25 to 4 a month would cost")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="for programs: all of it, with the facts")] = False,
) -> None:
    """Show what WATCH would have rung under another policy: each alarm gained, lost, earlier or later.

    The whole chain is replayed on the watch's own history, under its policy as it is set and as it is
    proposed. Nothing is changed. Without a proposal, it shows what the policy as it is set would ring.

    Exit codes: 0 done; 1 error, or the watch is still learning; 2 wrong usage.
    """
    logs.configure("warning", "auto")
    if budget is not None and threshold is not None:
        raise typer.BadParameter("give either --budget or --threshold", param_hint="--threshold")
    given = {"alarms_per_month": budget, "threshold": threshold, "floor": floor}
    changes = {name: value for name, value in given.items() if value is not None}
    problems = Console(stderr=True)
    try:
        with open_runtime(Settings()) as runtime:
            shown = _run(runtime, watch, changes, days=days, prices=prices, problems=problems)
    except AppError as error:
        problems.print(Text(str(error), "red"))
        raise typer.Exit(1) from error
    if json:
        sys.stdout.write(shown.model_dump_json(indent=2) + "\n")
    else:
        draw(Console(), shown, proposal=bool(changes))


def _run(
    runtime: Runtime, watch: str, changes: dict[str, Any], *, days: int, prices: bool, problems: Console
) -> Preview:
    with runtime.sessions() as session:
        row = named_or_numbered(session, watch)
        checked(PolicySpec, audit_view(session, row.policy) | changes)
    now = runtime.now()
    with Progress(console=problems, transient=True, disable=not problems.is_terminal) as progress:
        task = progress.add_task("Replaying", total=1.0)
        return previewed(
            runtime.sessions,
            row.id,
            changes,
            since=now - timedelta(days=days),
            budgets=BUDGETS if prices else (),
            now=now,
            progress=lambda part: progress.update(task, completed=part),
        )


def draw(console: Console, shown: Preview, *, proposal: bool) -> None:
    """The preview for people: both policies, each alarm, the verdicts, the prices."""
    span = f"{shown.since:%Y-%m-%d %H:%M} to {shown.until:%Y-%m-%d %H:%M} UTC"
    console.print(Text.assemble((shown.watch, "bold"), f" · {span}, {shown.days:.1f} days judged"))
    console.print(_ringing("Today", shown.today))
    if proposal:
        console.print(_ringing("Proposed", shown.proposed))
    for change in shown.changes:
        console.print(_alarm(shown, change, proposal=proposal))
    if not shown.changes:
        console.print("No alarm.")
    for tally in shown.verdicts if proposal else ():
        one, many = _WORDS[tally.verdict]
        console.print(
            f"Of your {tally.incidents} {one if tally.incidents == 1 else many}: "
            f"{tally.today} ring today, {tally.proposed} would ring"
        )
    if shown.prices:
        console.print(_prices(shown.prices))


def _ringing(name: str, ringing: Ringing) -> Text:
    terms = ringing.terms
    asked = (
        f"{terms.alarms_per_month:g} false alarms a month" if terms.threshold is None else "an expert's line"
    )
    rate = "" if ringing.a_month is None else f", {ringing.a_month:.1f} a month"
    count = f"{len(ringing.alarms)} alarm{'' if len(ringing.alarms) == 1 else 's'}{rate}"
    return Text.assemble(
        (f"{name:<9}", "bold"),
        f"{count}  ",
        (f"({asked}; threshold {ringing.threshold:.2f}, floor {terms.floor})", "dim"),
    )


def _alarm(shown: Preview, change: AlarmChange, *, proposal: bool) -> Text:
    alarm = _of(shown, change)
    text: str = change.what
    if change.minutes_earlier:
        late = "earlier" if change.minutes_earlier > 0 else "later"
        text = f"{text}, {abs(change.minutes_earlier):g} min {late}"
    facts = alarm.facts
    sample = next((s.title or s.text for s in facts.samples), "")
    verdict = f", was: {_WORDS[alarm.verdict][0]}" if alarm.verdict in _WORDS else ""
    mark = f"{_SIGNS[change.what]} " if proposal else ""
    return Text.assemble(
        (f"{mark}{alarm.alerted_at:%Y-%m-%d %H:%M}", _STYLES[change.what]),
        f"  {text}{verdict}" if proposal else f"{verdict}",
        f" · {facts.observed:g} an hour, {facts.expected:.1f} usual, score {facts.score:.2f}",
        (f"\n    “{' '.join(sample.split())[:90]}”", "italic"),
    )


def _of(shown: Preview, change: AlarmChange) -> Alarm:
    if change.proposed is not None:
        return shown.proposed.alarms[change.proposed]
    assert change.today is not None, "an alarm is of one side at least"  # noqa: S101 - a mistake of ours
    return shown.today.alarms[change.today]


def _prices(prices: tuple[Price, ...]) -> Table:
    table = Table(
        "budget a month", "threshold", "alarms", "a month", "gained", "lost", "kept", "median delay"
    )
    for price in prices:
        rate = "–" if price.a_month is None else f"{price.a_month:.1f}"
        if price.minutes_earlier is None:
            delay = "–"
        elif price.minutes_earlier == 0:
            delay = "as today"
        else:
            side = "earlier" if price.minutes_earlier > 0 else "later"
            delay = f"{abs(price.minutes_earlier):g} min {side}"
        counts = (price.alarms, rate, price.gained, price.lost, price.kept)
        table.add_row(f"{price.alarms_per_month:g}", f"{price.threshold:.2f}", *map(str, counts), delay)
    return table
