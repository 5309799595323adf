"""`tocsin detect`, file by file."""

import csv
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from app.cli.detect import HEADER, detect

app = typer.Typer()
app.command()(detect)
START = datetime(2026, 3, 2, 0, 2, 53)  # noqa: DTZ001 - a file without zones


def written(path: Path, rows: list[tuple[str, str]]) -> Path:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([("timestamp", "value"), *rows])
    return path


def steady(days: int = 5, seed: int = 1) -> list[tuple[str, str]]:
    counts = np.random.default_rng(seed).poisson(20, days * 288)
    return [(str(START + timedelta(minutes=5 * i)), str(count)) for i, count in enumerate(counts)]


def run(*arguments: object, code: int = 0) -> str:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == code, result.output
    return result.output


def results(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_each_row_gets_its_evidence_in_order(tmp_path: Path) -> None:
    rows = steady()
    for i in range(1_300, 1_380):
        rows[i] = (rows[i][0], "70")
    out = tmp_path / "new" / "out"
    run(written(tmp_path / "a.csv", rows), "--out", out)
    found = results(out / "a.csv")
    assert tuple(found[0]) == HEADER
    assert [(row["timestamp"], row["value"]) for row in found] == rows
    assert {row["score"] for row in found[: 3 * 288 - 12]} == {""}
    assert float(found[1_000]["low"]) <= float(found[1_000]["expected"]) <= float(found[1_000]["high"])
    assert abs(float(found[1_000]["expected"]) - 20) < 3
    assert {row["alarm"] for row in found[:1_300]} == {"0"}
    assert "1" in {row["alarm"] for row in found[1_300:1_380]}
    assert sorted(path.name for path in out.iterdir()) == ["a.csv"]


def test_a_row_depends_on_earlier_rows_and_itself_only(tmp_path: Path) -> None:
    rows = steady(4)
    rows = [part for row in rows for part in (row, (row[0], "3"))]  # two rows in each bucket
    rows[1_500], rows[1_560] = rows[1_560], rows[1_500]  # and two of them out of order
    for end in (1_500, 1_501, 1_502, 1_561, 1_800, 1_801):
        run(written(tmp_path / "cut.csv", rows[:end]), "--out", tmp_path / f"{end}")
    run(written(tmp_path / "cut.csv", rows), "--out", tmp_path / "whole")
    full = results(tmp_path / "whole" / "cut.csv")
    for end in (1_500, 1_501, 1_502, 1_561, 1_800, 1_801):
        assert results(tmp_path / f"{end}" / "cut.csv") == full[:end]


def test_rows_of_one_bucket_add_up(tmp_path: Path) -> None:
    rows = steady(4)
    halves = [(at, str(int(value) // 2 + n * (int(value) % 2))) for at, value in rows for n in (0, 1)]
    run(written(tmp_path / "one.csv", rows), written(tmp_path / "two.csv", halves), "--out", tmp_path / "out")
    one, two = results(tmp_path / "out" / "one.csv"), results(tmp_path / "out" / "two.csv")
    assert [row["score"] for row in two[1::2]] == [row["score"] for row in one]


def test_a_gap_and_an_empty_value_are_not_zeros(tmp_path: Path) -> None:
    rows = steady(6)
    gap = rows[:1_200] + rows[1_400:]
    empty = rows[:1_200] + [(at, "") for at, _ in rows[1_200:1_400]] + rows[1_400:]
    calm = rows[:1_200] + [(at, "1") for at, _ in rows[1_200:1_400]] + rows[1_400:]
    files = [written(tmp_path / f"{i}.csv", rows) for i, rows in enumerate((gap, empty, calm))]
    run(*files, "--out", tmp_path / "out")
    last = [results(tmp_path / "out" / f"{i}.csv")[-1]["expected"] for i in range(3)]
    assert last[0] == last[1] != last[2]


def test_bad_rows_are_told_with_their_lines_and_get_no_scores(tmp_path: Path) -> None:
    rows = steady(4)
    rows[1_000] = ("yesterday", "4")
    rows[1_001] = (rows[1_001][0], "many")
    rows[1_002] = (rows[1_002][0], "-4")
    rows[1_003] = ("9999-12-31T23:59:59", "4")
    rows[1_060] = ("2025-12-24T12:00:00", "4")
    output = run(written(tmp_path / "a.csv", rows), "--out", tmp_path / "out")
    found = results(tmp_path / "out" / "a.csv")
    assert len(found) == len(rows)
    for number, what in ((1_002, "ISO 8601"), (1_003, "number"), (1_004, "count"), (1_005, "9999")):
        assert f"line {number}: " in output
        assert what in output
        assert found[number - 2]["score"] == "" == found[number - 2]["expected"]
        assert found[number - 2]["alarm"] == "0"
    assert "line 1062: it is weeks older" in output
    assert found[1_060]["score"] == "" != found[1_061]["score"]


def test_rows_out_of_order_are_judged_at_their_own_time_and_count_for_what_comes_after(
    tmp_path: Path,
) -> None:
    rows = steady(5)
    mixed = rows.copy()
    mixed[1_200:1_230] = mixed[1_200:1_230][::-1]
    output = run(
        written(tmp_path / "a.csv", rows), written(tmp_path / "b.csv", mixed), "--out", tmp_path / "out"
    )
    straight, found = results(tmp_path / "out" / "a.csv"), results(tmp_path / "out" / "b.csv")
    assert output == ""
    assert all(row["score"] for row in found[1_200:1_230])
    assert found[1_260:] == straight[1_260:]


def test_times_with_and_without_a_zone_are_one_grid(tmp_path: Path) -> None:
    rows = steady(4)
    zoned = [
        ((datetime.fromisoformat(at) + timedelta(hours=2)).isoformat() + "+02:00", value)
        for at, value in rows
    ]
    run(written(tmp_path / "a.csv", rows), written(tmp_path / "b.csv", zoned), "--out", tmp_path / "out")
    a, b = results(tmp_path / "out" / "a.csv"), results(tmp_path / "out" / "b.csv")
    assert [row["score"] for row in a] == [row["score"] for row in b]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param(b"", "must name the columns", id="empty"),
        pytest.param(b"time,count\n1,2\n", "must name the columns", id="other columns"),
        pytest.param(b"timestamp,value\n", "no good row", id="no rows"),
        pytest.param(b"timestamp,value\nnow,1\n", "no good row", id="no good row"),
        pytest.param(b"timestamp,value\n\xff\xfe,1\n", "utf-8", id="not text"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_and_the_others_are_done(
    tmp_path: Path, content: bytes, why: str
) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_bytes(content)
    good = written(tmp_path / "good.csv", steady(1))
    output = run(bad, tmp_path / "none.csv", good, "--out", tmp_path / "out", code=1)
    assert why in output
    assert "none.csv" in output
    assert len(results(tmp_path / "out" / "good.csv")) == 288
    assert not (tmp_path / "out" / "bad.csv").exists()


@pytest.mark.parametrize("step", ["7min", "soon", "0min", "2h", "90min"])
def test_a_step_that_does_not_divide_an_hour_is_wrong_usage(tmp_path: Path, step: str) -> None:
    run(written(tmp_path / "a.csv", steady(1)), "--out", tmp_path / "out", "--step", step, code=2)


def test_results_never_overwrite_the_series_or_each_other(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", steady(1))
    (tmp_path / "b").mkdir()
    run(path, "--out", tmp_path, code=2)
    run(path, written(tmp_path / "b" / "a.csv", steady(1)), "--out", tmp_path / "out", code=2)
    assert len(results(path)) == 288


def test_other_steps_and_other_columns_are_taken(tmp_path: Path) -> None:
    path = tmp_path / "hours.csv"
    lines = [f"{START + timedelta(hours=i)},x,{i % 24}" for i in range(24 * 9)]
    path.write_text("\ufefftimestamp,brand,value\n" + "\n".join(lines) + "\n", encoding="utf-8")
    run(path, "--out", tmp_path / "out", "--step", "1h")
    found = results(tmp_path / "out" / "hours.csv")
    assert abs(float(found[-6]["expected"]) - 18) < 5
    assert float(found[-6]["score"]) < 2
