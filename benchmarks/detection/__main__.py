"""Tocsin beside its peers on fire drills, scenes and NAB, at equal false-alarm budgets.

    python -m benchmarks.detection [--bench ../shared/bench] [--seeds 2 21 22] [--jobs 2]
                                   [--picture docs/detection.svg] [--docs docs/detection.md]
    python -m benchmarks.detection --calibrate [--seeds 12 13 14]
    python -m benchmarks.detection --sparse [--seeds 2 21 22]
    python -m benchmarks.detection --speed

The first prints all tables and draws the picture; with --docs it also puts the tables into that page,
between its marks. A library that is not installed is left out, and the table says so. Seeds 11 to 15 were
used while the detector was made; judge it on others.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from benchmarks.detection import measure, picture, run, sparse, speed, tables
from benchmarks.detection.drill import Drill, false_a_week, lit, own

WEEKS_A_MONTH = 30.44 / 7
LINES = (0.4, 0.6, 1.0, 1.4, 1.8, 2.2, 2.6, 2.8, 3.0, 3.2, 3.6, 4.0)
BEGIN, END = "<!-- tables of python -m benchmarks.detection -->", "<!-- end of the tables -->"


def calibrate(drills: list[Drill]) -> None:
    """Prints the false alarms a month of a brand at each line: the table of `detectors/budget.py`."""
    scores = [own(measure.tocsin(drill.counts, drill.grid)[0], drill) for drill in drills]
    for line in LINES:
        each = [
            false_a_week(score, drill, line) * WEEKS_A_MONTH
            for score, drill in zip(scores, drills, strict=True)
        ]
        print(f"line {line:4.1f}   {sum(each) / len(each):6.2f} a month   {min(each):.2f} to {max(each):.2f}")


def put(text: str, page: Path) -> None:
    """Replaces what stands between the marks of a page; a page without them is an error."""
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise SystemExit(f"{page} needs the lines {BEGIN} and {END}")
    page.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--bench", type=Path, default=Path("../shared/bench"), help="folder of the two benchmarks"
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=None, help="seeds of the fire drills")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1), help="processes")
    parser.add_argument(
        "--picture", type=Path, default=Path("docs/detection.svg"), help="where to draw the drill"
    )
    parser.add_argument("--docs", type=Path, default=None, help="page that takes the tables")
    parser.add_argument("--calibrate", action="store_true", help="print the table of lines for alarm budgets")
    parser.add_argument("--speed", action="store_true", help="measure the speed alone")
    parser.add_argument("--sparse", action="store_true", help="Tocsin's default line on brands of few posts")
    return parser


def main() -> None:
    """Runs what was asked for."""
    parser = _arguments()
    chosen = parser.parse_args()
    if chosen.speed:
        speed.measure()
        return
    bench = chosen.bench.resolve()
    if not (bench / "fire_drill.py").is_file():
        parser.error(f"{chosen.bench} does not hold fire_drill.py; give its folder with --bench")
    seeds = chosen.seeds or ([12, 13, 14] if chosen.calibrate else [2, 21, 22])
    if chosen.sparse:
        sparse.measure(bench, seeds)
    elif chosen.calibrate:
        with tempfile.TemporaryDirectory() as folder:
            calibrate([lit(bench, Path(folder) / str(seed), seed) for seed in seeds])
    else:
        results = run.run(bench, seeds, chosen.jobs)
        text = tables.tables(results)
        print(text)
        picture.draw(results, chosen.picture)
        print(f"drawn: {chosen.picture}", file=sys.stderr)
        if chosen.docs:
            put(text, chosen.docs)


if __name__ == "__main__":
    main()
