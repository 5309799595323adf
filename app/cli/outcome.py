"""What a replay brings: files for programs, a summary for people."""

import csv
import json
from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
from datetime import datetime
from math import isnan
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.text import Text

from app.clock import STEP
from app.models import Incident, Reason, State, Transition
from app.pipeline.scoring.scored_series import ScoredSeries

_ALERTS = {Reason.ignited, Reason.revealed}
_COLUMNS = ("watch", "at", "observed", "expected", "low", "high", "flash", "score", "coverage")


class Outcome(AbstractContextManager["Outcome"]):
    """Writes incidents.jsonl and buckets.csv as they come, deliveries.jsonl and a summary at the end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.transitions: list[dict[str, Any]] = []
        self.joined: set[int] = set()  # incidents that burn in a fire that another watch told
        self.names: dict[int, str] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._incidents = self._stack.enter_context(
            (self.folder / "incidents.jsonl").open("w", encoding="utf-8")
        )
        buckets = self._stack.enter_context(
            (self.folder / "buckets.csv").open("w", newline="", encoding="utf-8")
        )
        self._buckets = csv.writer(buckets)
        self._buckets.writerow(_COLUMNS)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def told(self, transition: Transition, incident: Incident) -> None:
        """Keep a transition."""
        self.names[incident.watch_id] = incident.watch.name
        if transition.reason in _ALERTS and transition.facts.get("adds"):
            self.joined.add(incident.id)
        line = line_of(transition, incident)
        self.transitions.append(line)
        self._incidents.write(json.dumps(line, ensure_ascii=False) + "\n")

    def seen(self, scored: ScoredSeries, first: int, last: int) -> None:
        """Keep the buckets of some columns."""
        values = scored.series.values(first, last)
        for row, watch_id in enumerate(scored.series.watch_ids):
            evidence = [scored.evidence(name, row, first, last) for name in _COLUMNS[3:8]]
            for k in range(last - first):
                at = scored.series.start + (first + k) * STEP
                known = [_number(values[row, k]), *(_number(e[k]) for e in evidence)]
                covered = round(float(scored.series.coverage[row, first + k]), 3)
                self._buckets.writerow([watch_id, _iso(at), *known, covered])

    def deliver(self, calls: Sequence[dict[str, Any]]) -> None:
        """Write what Slack would have got."""
        with (self.folder / "deliveries.jsonl").open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(call, ensure_ascii=False) + "\n" for call in calls)

    def summary(self, console: Console, *, posts: int, mentions: int, messages: int) -> None:
        """Say what happened: each fire, and a line of the rest."""
        fires = [t for t in self.transitions if t["reason"] in _ALERTS and t["told"]]
        quiet = Counter(
            t["kind"] for t in self.transitions if t["reason"] == Reason.ignited and not t["told"]
        )
        smoke = sum(t["reason"] == Reason.smoke for t in self.transitions)
        console.print(f"{posts:,} posts, {mentions:,} mentions, {messages} messages to Slack")
        for fire in self._by_story(fires):
            self._one(console, fire)
        if not fires:
            console.print("No fire.")
        if quiet:
            kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(quiet.items()))
            console.print(f"Over the threshold, recorded and not told, by kind: {kinds}")
        if smoke:
            console.print(f"Smoke, recorded and not told: {smoke}")
        files = "incidents.jsonl, deliveries.jsonl, buckets.csv, replay.db"
        console.print(Text(f"In {self.folder}: {files}", "dim"))

    def _by_story(self, fires: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """The fires in their order, behind each those of other watches that burn in it."""
        groups: list[list[dict[str, Any]]] = []
        for fire in fires:
            same = [group for group in groups if group[0]["story"] == fire["story"]]
            if same and fire["incident"] in self.joined:
                same[-1].append(fire)
            else:
                groups.append([fire])
        return [fire for group in groups for fire in group]

    def _one(self, console: Console, fire: dict[str, Any]) -> None:
        if fire["incident"] in self.joined:
            console.print(Text(f"    {_short(fire['at'])}  in the same fire: {fire['watch']}", "red"))
            return
        own = [t for t in self.transitions if t["incident"] == fire["incident"]]
        ended = next((t["at"] for t in own if t["state"] == State.out), None)
        sample = next((s["text"] for s in fire["samples"]), "")
        mentions = "1 mention" if fire["observed"] == 1 else f"{fire['observed']:g} mentions"
        text = f"{mentions} in the hour, {fire['expected']:.1f} usual"
        course = (
            f"since {_short(fire['onset'])}; {_lasted(fire['at'], ended)}, peak {own[-1]['peak']:g} an hour"
        )
        console.print(
            Text.assemble(
                (f"{_short(fire['at'])}  Fire", "bold red"),
                f" · {fire['watch']}\n    {text}\n    {course}\n",
                (f"    “{' '.join(sample.split())[:90]}”", "italic"),
            )
        )


def line_of(transition: Transition, incident: Incident) -> dict[str, Any]:
    """A transition as a line of incidents.jsonl."""
    facts = transition.facts
    return {
        "incident": incident.id,
        "story": incident.story_id or incident.id,
        "watch": incident.watch.name,
        "state": transition.state.value,
        "reason": transition.reason.value,
        "at": _iso(transition.at),
        "onset": _iso(incident.onset_at),
        "burning_at": _iso(incident.burning_at) if incident.burning_at else None,
        "observed": transition.observed,
        "expected": _rounded(transition.expected),
        "low": _rounded(transition.low),
        "high": _rounded(transition.high),
        "score": _rounded(transition.score),
        "level": transition.level,
        "kind": facts.get("kind", "fire"),
        "kind_because": {t["term"]: t["weight"] for t in facts.get("kind_because", ())},
        "told": not incident.suppressed_by_kind,
        "peak": incident.peak,
        "reasons": {
            name: facts[name]
            for name in (
                "line", "threshold", "quiet_below", "mentions", "authors", "loudest", "sources", "amplified",
                "repeated",
                "topics", "voices", "new_words",
                "negative", "usual_negative_share", "trend", "planned", "deaf", "advice", "advice_because",
            )
        },
        "samples": [
            {"post": s["post_id"], "why": s["why"], "alike": s["alike"], "text": s["title"] or s["text"]}
            for s in facts["samples"]
        ],
    }  # fmt: skip


def _rounded(value: float | None) -> float | None:
    return None if value is None or isnan(value) else round(value, 3)


def _number(value: float) -> float | str:
    return "" if isnan(value) else round(float(value), 4)


def _iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _short(at: str) -> str:
    return at[:16].replace("T", " ")


def _lasted(begin: str | None, end: str | None) -> str:
    if begin is None or end is None:
        return "not over yet"
    minutes = int((datetime.fromisoformat(end) - datetime.fromisoformat(begin)).total_seconds() // 60)
    return f"lasted {minutes // 60} h {minutes % 60:02d}"
