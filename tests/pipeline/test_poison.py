"""One row that cannot be worked off: all others go on, and it is named where people look."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path

import httpx
import pytest
from cryptography.fernet import Fernet
from sqlalchemy import create_engine, make_url, text

from app.cli.check import findings_of
from app.models import Incident, State
from app.runtime import Runtime, open_runtime
from app.settings import Settings
from tests.pipeline.town import BRANDS, FIRE_AT, OPEN, FarEnd, Standing, live, settle, standing
from tests.standins.clock import StillClock

pytestmark = [pytest.mark.faults, pytest.mark.story]

KEY = Fernet.generate_key().decode()
_numbers = count()
_NAMES = re.compile(r"\bone\b|Vélinor|delivery \d")

# Of each column that is parsed: its table, whose row of the first brand it is, and what may be found in it.
# Half a document and no date can stand in SQLite alone, which checks neither.
_BROKEN = "{"
_ONE = "watch_id = (SELECT id FROM watch WHERE name = 'Vélinor')"
_TOLD = f"incident_id = (SELECT id FROM incident WHERE {_ONE})"  # noqa: S608 - all of it stands above
_NEWS = "source_id = (SELECT id FROM source WHERE name = 'feed one')"
_ANNOUNCED = f"notice_id IN (SELECT id FROM notice WHERE {_NEWS})"  # noqa: S608 - as above
_COLUMNS: list[tuple[str, str, str, tuple[object, ...]]] = [
    ("watch", "name = 'Vélinor'", "query", (_BROKEN, '"Vélinor"', '{"any_of": [7]}', "[]", '{"near": 3}')),
    ("watch", "name = 'Vélinor'", "languages", (_BROKEN, '"fr"', "[7]")),
    ("watch", "name = 'Vélinor'", "time_zone", ("Europe/Atlantis", "", "../../etc/passwd")),
    (
        "watch",
        "name = 'Vélinor'",
        "taught",
        (_BROKEN, '{"used": true}', '{"used": true, "learnt": 3}', "[1]"),
    ),
    (
        "watch",
        "name = 'Vélinor'",
        "relevance",
        (_BROKEN, '{"learnt": null}', '{"on": true, "learnt": 3}', "[1]"),
    ),
    ("watch", "name = 'Vélinor'", "counts_again_since", ("soon",)),
    ("watch", "name = 'Vélinor'", "scored_until", ("soon",)),
    ("watch", "name = 'Vélinor'", "created_at", ("soon",)),
    ("policy", "name = 'policy one'", "rings", (_BROKEN, '"fire"', "7")),
    ("policy", "name = 'policy one'", "advice", (_BROKEN, '{"audience": "many"}', "[]")),
    ("policy", "name = 'policy one'", "updated_at", ("soon",)),
    ("source", "name = 'feed one'", "settings", (_BROKEN, "[]", '{"url": 7}')),
    ("source", "name = 'feed one'", "cursor", (_BROKEN, "[]", '"etag"')),
    ("source", "name = 'feed one'", "kind", ("telepathy",)),
    ("source", "name = 'feed one'", "secret", ("not sealed",)),
    ("source", "name = 'feed one'", "health", ("fine",)),
    ("source", "name = 'feed one'", "announced_health", ("fine",)),
    ("source", "name = 'feed one'", "health_since", ("soon",)),
    ("source", "name = 'feed one'", "heard_until", ("soon",)),
    ("channel", "name = 'hook one'", "settings", (_BROKEN, "[]", '{"url": 7}')),
    ("channel", "name = 'hook one'", "secret", ("not sealed",)),
    ("channel", "name = 'hook one'", "kind", ("telepathy",)),
    ("channel", "name = 'hook one'", "kinds", (_BROKEN, '"fire"', "7")),
    ("channel", "name = 'hook one'", "fallback", (_BROKEN, "7")),
    ("channel", "name = 'hook one'", "failing_since", ("soon",)),
    ("planned_event", "name = 'event one'", "learnt", (_BROKEN, '{"1": "much"}', "[]")),
    ("planned_event", "name = 'event one'", "ends_at", ("tomorrow",)),
    ("incident", _ONE, "state", ("raging",)),
    ("incident", _ONE, "kind", ("blaze",)),
    ("incident", _ONE, "verdict", ("perhaps",)),
    ("incident", _ONE, "alert_context", (_BROKEN, "[]", '{"sources": "all"}')),
    ("incident", _ONE, "onset_at", ("soon",)),
    (
        "transition",
        _TOLD,
        "reason",
        ("sparked",),
    ),
    ("transition", _TOLD, "state", ("raging",)),
    ("transition", _TOLD, "facts", (_BROKEN, "[]", '{"observed": "many"}', '{"kind": "blaze"}')),
    ("transition", _TOLD, "standing", (_BROKEN, "[]", '{"peak": "high"}')),
    ("delivery", _TOLD, "state", ("queued",)),
    ("delivery", _TOLD, "attempted_at", ("soon",)),
    ("delivery", _ANNOUNCED, "state", ("queued",)),
    ("delivery", _ANNOUNCED, "created_at", ("soon",)),
    ("notice", _NEWS, "health", ("fine",)),
    ("notice", _NEWS, "at", ("soon",)),
    ("notice", "period = '2026-11-07'", "facts", (_BROKEN, "[]", '{"one": {}}', '{"1": 7}')),
    ("notice", "period = '2026-11-07'", "period", ("soon",)),
]


@dataclass
class Town:
    """The two brands, running."""

    runtime: Runtime
    clock: StillClock
    far_end: FarEnd
    settings: Settings


class Towns:
    """Copies of the town in which both fires burn and nobody was told of either yet."""

    def __init__(self, kind: str, folder: Path, server: str = "", template: str = "") -> None:
        self.kind, self._folder, self._server = kind, folder, server
        if kind == "sqlite":
            self._first = f"sqlite:///{folder / 'first.db'}"
        else:
            self._first = self._make(template)
        clock = StillClock(FIRE_AT)
        self._far_end = FarEnd(clock, closed=True)
        with self._opened(self._first, self._far_end) as town:
            settle(town.runtime.sessions, town.runtime.vault, self._far_end)
            while len(burning(town)) < len(BRANDS) + 1:
                live(town.runtime, clock, 1)
                assert clock.at < FIRE_AT.replace(hour=18), "the fires of the town do not ring"
            live(town.runtime, clock, 1)
        self._until = clock.at

    @contextmanager
    def copied(self) -> Iterator[Town]:
        """A town of one's own, whose webhooks are open again."""
        number = next(_numbers)
        if self.kind == "sqlite":
            path = self._folder / f"{number}.db"
            shutil.copy(self._folder / "first.db", path)
            url = f"sqlite:///{path}"
        else:
            url = self._make(str(make_url(self._first).database))
        far_end = FarEnd(StillClock(self._until), self._far_end.posts)
        with self._opened(url, far_end) as town:
            yield town

    @contextmanager
    def _opened(self, url: str, far_end: FarEnd) -> Iterator[Town]:
        settings = Settings(data_dir=self._folder, database_url=url, secret_key=KEY)
        with open_runtime(settings, now=far_end.clock.now, transport=httpx.MockTransport(far_end)) as runtime:
            yield Town(runtime, far_end.clock, far_end, settings)

    def _make(self, template: str) -> str:
        name = f"town_{next(_numbers)}"
        engine = create_engine(self._server, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY'))
        engine.dispose()
        return make_url(self._server).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def towns(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Towns:
    folder = tmp_path_factory.mktemp("towns")
    if request.param == "sqlite":
        return Towns("sqlite", folder)
    server, template = request.getfixturevalue("postgres"), request.getfixturevalue("postgres_template")
    return Towns("postgresql", folder, server, template)


def burning(town: Town) -> list[int]:
    with town.runtime.sessions() as session:
        return [i.id for i in session.query(Incident).filter(Incident.state == State.burning)]


def poison(town: Town, table: str, whose: str, column: str, value: object) -> None:
    kind = "json" if town.runtime.engine.dialect.name == "postgresql" and _is_json(column) else "text"
    cast = f"CAST(:value AS {kind})" if kind == "json" else ":value"
    statement = f"UPDATE {table} SET {column} = {cast} WHERE {whose}"  # noqa: S608 - all of it stands above
    with town.runtime.engine.begin() as connection:
        changed = connection.execute(text(statement), {"value": value})
        assert changed.rowcount >= 1, (table, column)


def _is_json(column: str) -> bool:
    return column in {
        "query", "languages", "taught", "relevance", "rings", "advice", "settings", "cursor", "kinds",
        "fallback", "learnt", "alert_context", "facts", "standing",
    }  # fmt: skip


def of(town: Town, brand: str) -> Standing:
    return standing(town.runtime.sessions, brand, "one" if brand == BRANDS[0] else "two")


def named(town: Town) -> str:
    """What `tocsin check` finds wrong of the first brand."""
    wrong = [f"{finding.what}: {finding.said}" for finding in findings_of(town.runtime) if not finding.good]
    return "\n".join(line for line in wrong if _NAMES.search(line))


@pytest.mark.parametrize("table", sorted({table for table, *_ in _COLUMNS}))
def test_what_stands_in_one_row_stops_no_other_and_is_named(towns: Towns, table: str) -> None:
    wrong = []
    for _, whose, column, values in (c for c in _COLUMNS if c[0] == table):
        for value in values:
            if towns.kind == "postgresql" and value in {_BROKEN, "soon", "tomorrow"}:
                continue
            with towns.copied() as town:
                before = {brand: of(town, brand) for brand in (*BRANDS, OPEN)}
                poison(town, table, whose, column, value)
                raised = live(town.runtime, town.clock, 3)
                now = {brand: of(town, brand) for brand in (*BRANDS, OPEN)}
                goes_on = {brand: _goes_on(before[brand], now[brand]) for brand in now}
                for what, holds in {
                    "the other watch goes on": goes_on[BRANDS[1]],
                    "the watch that names nothing goes on": goes_on[OPEN],
                    "the other channel is told": len(town.far_end.told["two"]) > 0,
                    "it is named, or it mended itself": bool(named(town)) or goes_on[BRANDS[0]],
                    "what is no alert stops none": table != "notice" or goes_on[BRANDS[0]],
                    "it raises no flood": len(raised) <= 8,
                }.items():
                    if not holds:
                        wrong.append(f"{table}.{column} = {value!r}: not so that {what} ({raised[:2]!r})")
    assert not wrong, "\n".join(wrong)


def _goes_on(before: Standing, now: Standing) -> bool:
    """Its source is heard, it is judged, and it is told."""
    began, ended = before.scored_until, now.scored_until
    judged = isinstance(began, datetime) and isinstance(ended, datetime) and ended > began
    return now.posts > before.posts and judged and now.sent > before.sent
