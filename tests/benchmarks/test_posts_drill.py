"""The posts drill judges as it says, and says what it misses."""

import math
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.posts_drill.crude import alarms
from benchmarks.posts_drill.judged import Event, Result, Street, rings_of, table

BEGIN = datetime(2026, 1, 5, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LIT = BEGIN + 20 * DAY


def _event(story: str, lit: datetime, *, fire: bool) -> Event:
    return Event(story, fire, lit, lit + HOUR, lit + 3 * HOUR, lit + 12 * HOUR)


STREET = Street(
    "Somewhere",
    BEGIN,
    BEGIN + 79 * DAY,
    (_event("leak", LIT, fire=True), _event("sale", LIT + 10 * DAY, fire=False)),
)


def _judged(*alarms_at: datetime) -> Result:
    result = Result()
    result.add(STREET, alarms_at)
    return result


def test_a_fire_is_early_before_its_peak_and_late_by_its_fifth_post() -> None:
    for after, rung, early, minutes in (
        (timedelta(0), 1, 1, 0),
        (2 * HOUR, 1, 1, 60),
        (3 * HOUR, 1, 1, 120),
        (4 * HOUR, 1, 0, 180),
        (12 * HOUR, 1, 0, 660),
        (13 * HOUR, 0, 0, math.inf),
        (-HOUR, 0, 0, math.inf),
    ):
        figures = _judged(LIT + after).figures()
        assert figures[:4] == (rung, early, minutes, 0), after


def test_what_is_no_story_is_another_ring_but_not_its_echo_nor_the_first_days() -> None:
    for at, others in (
        (LIT - HOUR, 1),
        (LIT + 12 * HOUR + DAY, 0),
        (LIT + 13 * HOUR + DAY, 1),
        (BEGIN + 14 * DAY, 0),
    ):
        assert _judged(at).other == others, at
    assert _judged().figures()[4] == 0
    assert STREET.months == 2  # 79 days less 15 of warming up and 2 for each story


def test_alarms_within_a_day_of_one_another_are_one_ring() -> None:
    after = [LIT, LIT + 23 * HOUR, LIT + 46 * HOUR, LIT + 71 * HOUR]
    assert rings_of(after) == [LIT, LIT + 71 * HOUR]


def test_only_the_stories_that_are_named_are_judged() -> None:
    result = Result()
    result.add(STREET, [LIT + 2 * HOUR, LIT + 10 * DAY + HOUR], only=("sale",))
    assert result.by_story() == ["sale 1 of 1"]
    assert result.other == 0


def test_the_table_says_which_figures_are_as_they_must_be() -> None:
    early, late = _judged(LIT + HOUR), _judged(LIT + 4 * HOUR, LIT + 10 * DAY + HOUR)
    assert "| ours has what it must | yes | yes | yes | yes | yes |" in table({"ours": early}, "ours")
    assert "| ours has what it must | yes | no | no | no | yes |" in table({"ours": late}, "ours")


def test_the_crude_rule_rings_for_a_crowd_and_not_for_the_usual() -> None:
    usual = [BEGIN + hour * HOUR for hour in range(14 * 24)]
    crowd = [usual[-1] + timedelta(minutes=minute) for minute in range(20)]
    assert not [at for at in alarms(usual, 1e-3) if at > BEGIN + 7 * DAY]
    rung = [at for at in alarms([*usual, *crowd], 1e-3) if at > BEGIN + 7 * DAY]
    assert rung[0] == usual[-1] + timedelta(minutes=10)


def test_it_says_what_is_missing(tmp_path: Path) -> None:
    ask = [sys.executable, "-m", "benchmarks.posts_drill", "--bench"]
    bench = tmp_path / "bench"
    bench.mkdir()
    for there, said in (("", "does not hold posts_drill.py"), ("posts_drill.py", "streets/streets.json")):
        if there:
            (bench / there).touch()
        done = subprocess.run([*ask, bench], capture_output=True, text=True, check=False)
        assert done.returncode == 2
        assert said in done.stderr
