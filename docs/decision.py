"""Writes the tables of docs/decision.md anew, from the code that decides.

.venv/bin/python -m docs.decision
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.channels.acts import LOUDNESS, Act, Cooldown
from app.errors import AppError
from app.models import Reason, State
from app.pipeline.incidents.decide import TRANSITIONS, Hold, Occurrence, Rate, decide
from app.pipeline.incidents.standing import Rules, Standing, Story

PAGE = Path(__file__).parent / "decision.md"
_DOUBLES_FROM = {
    Rate.kept: "",
    Rate.observed: "this hour",
    Rate.higher: "the higher of this hour and before",
    Rate.levelled: "this hour; each doubling is a level",
}
_AT = datetime(2026, 1, 1, tzinfo=UTC)


def transitions() -> Iterable[tuple[str, ...]]:
    """What happens, by `TRANSITIONS`."""
    yield "it stands", "it shows", "and", "reason", "it stands then", "told", "doubles from"
    for row in TRANSITIONS:
        told = LOUDNESS[row.reason].audience
        yield row.state, row.seen, row.when.says, f"`{row.reason}`", row.to, told, _DOUBLES_FROM[row.rate]


def kinds() -> Iterable[tuple[str, ...]]:
    """What the kind changes, by asking `decide` of each case."""
    yield "of a fire that", "its kind rings", "reason", "told", "it stands then"
    cases = (
        ("begins", Reason.ignited, Standing(State.burning, burning_at=_AT)),
        ("nobody was told of", Reason.grew, Standing(State.burning, burning_at=_AT, suppressed_by_kind=True)),
        ("people were told of", Reason.grew, Standing(State.burning, burning_at=_AT)),
    )
    for name, reason, standing in cases:
        for kind, rings in (("fire", "yes"), ("buzz", "no")):
            was_told = name == "people were told of"
            happened = Occurrence(reason, _AT, 0.0, was_told)
            decision = decide(standing, happened, Hold(), kind=kind, rings=("fire",))
            why = f"`{decision.reason}`" if decision.reason is not reason else "as above"
            after = "suppressed by its kind" if decision.standing.suppressed_by_kind else "told"
            yield name, rings, why, decision.audience, after


def stories() -> Iterable[tuple[str, ...]]:
    """What other watches that burn in the same fire change, by asking `decide` of each case."""
    yield "the story", "its message there", "no message yet"
    told = Story(_AT - timedelta(hours=1), posts_told=100.0, posts=100.0)
    cases = (
        ("was told by nobody else", None),
        ("was just told, and this adds no news", told),
        ("has doubled since: its posts of an hour, each counted once", replace(told, posts=200.0)),
        ("was told `cooldown` ago", replace(told, told_at=_AT - told.cooldown)),
        ("did not have this source, the press, this audience, this tone or this matter",
         replace(told, news=True)),
    )  # fmt: skip
    for says, story in cases:
        standing, happened = (
            Standing(State.burning, burning_at=_AT),
            Occurrence(Reason.ignited, _AT, 0, False),
        )
        decision = decide(standing, happened, Hold(), story=story)
        yield says, decision.act(has_root=True), decision.act(has_root=False)


def loudness() -> Iterable[tuple[str, ...]]:
    """How loudly, by `LOUDNESS`."""
    yield (
        "reason", "told", "no message yet", "message there", "suppressed", "in a story", "not repainted",
        "cool-down", "through a snooze",
    )  # fmt: skip
    for reason, loud in LOUDNESS.items():
        repaints = Act.update in {loud.later, loud.while_suppressed}
        yield (
            f"`{reason}`",
            loud.audience,
            loud.first,
            loud.later,
            loud.while_suppressed if loud.while_suppressed is not loud.later else "",
            loud.in_story if loud.in_story not in {None, loud.later} else "",
            loud.unpainted if repaints else "",
            loud.cooldown if loud.cooldown is not Cooldown.unconcerned else "",
            "yes" if loud.through_snooze else "",
        )


def waits() -> Iterable[tuple[str, ...]]:
    """The waits of a policy."""
    yield "wait", "unless the policy says"
    for field in fields(Rules):
        if isinstance(field.default, timedelta):
            yield f"`{field.name}`", f"{field.default.total_seconds() / 60:g} minutes"


TABLES = {
    "transitions": transitions,
    "kinds": kinds,
    "stories": stories,
    "loudness": loudness,
    "waits": waits,
}


def page(old: str) -> str:
    """The page with its tables as the code has them now."""
    return filled(old, TABLES)


def filled(old: str, tables: Mapping[str, Callable[[], Iterable[tuple[str, ...]]]]) -> str:
    """A page with these tables in their places."""
    for name, rows in tables.items():
        before, begin, rest = old.partition(f"<!-- table: {name} -->\n")
        _, end, after = rest.partition("<!-- end -->")
        if not end:
            raise AppError(f"the page has no place for the table of {name}")
        old = f"{before}{begin}\n{''.join(_lines(rows()))}\n{end}{after}"
    return old


def _lines(rows: Iterable[tuple[str, ...]]) -> Iterable[str]:
    for number, row in enumerate(rows):
        yield f"| {' | '.join(row)} |\n"
        if number == 0:
            yield f"|{'---|' * len(row)}\n"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
