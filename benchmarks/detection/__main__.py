"""Tocsin beside its peers on fire drills, scenes and NAB, at equal false-alarm budgets.

    python -m benchmarks.detection [--bench ../shared/bench] [--seeds 2 21 22] [--jobs 2]
                                   [--picture docs/detection.svg] [--docs docs/detection.md]
    python -m benchmarks.detection --calibrate [--seeds 2 12]
    python -m benchmarks.detection --sparse [--seeds 2 21 22]
    python -m benchmarks.detection --speed

The first prints all tables and draws the picture; with --docs it also puts the tables into that page,
between its marks. A library that is not installed is left out, and the table says so. Seeds 1, 2, 5 to
8, 11 to 15, 21, 31 to 33, 40, 41 and 101 to 103 were used while the detector was made; judge it on others.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from benchmarks.detection import measure, picture, run, shapes, sparse, speed, tables
from benchmarks.detection.drill import lit, outcome_at, unlit

WEEKS_A_MONTH = 30.44 / 7
LINES = tuple(round(0.4 + 0.2 * step, 1) for step in range(18))
BEGIN, END = "<!-- tables of python -m benchmarks.detection -->", "<!-- end of the tables -->"


def calibrate(bench: Path, seeds: list[int]) -> None:
    """Prints, for each line, false alarms a month of a brand and minutes to a fire: `detectors/budget.py`.

    Nobody knows how often a brand burns: the threshold is sought on volumes as they are, on those with
    fires two weeks apart, and on those with one every four days.
    """
    calm, _ = unlit(bench)
    with tempfile.TemporaryDirectory() as folder:
        often = [lit(bench, Path(folder) / str(seed), seed) for seed in seeds]
    kinds = ([calm], [shapes.lit(bench, seed, rare=True) for seed in seeds], often)
    scored = [[(drill, measure.tocsin(drill.counts, drill.grid)[0]) for drill in drills] for drills in kinds]
    for line in LINES:
        found = [[outcome_at(scores, drill, line) for drill, scores in drills] for drills in scored]
        false = [sum(one.false for one in drills) / len(drills) * WEEKS_A_MONTH for drills in found]
        delays = [one.delay for drills in found[1:] for one in drills]
        print(
            f"line {line:4.1f}   {sum(false) / len(false):6.2f} a month (nothing lit {false[0]:.2f}, rarely "
            f"{false[1]:.2f}, often {false[2]:.2f})   {sum(delays) / len(delays):5.0f} minutes"
        )


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
    seeds = chosen.seeds or ([2, 12] if chosen.calibrate else [2, 21, 22])
    if chosen.sparse:
        sparse.measure(bench, seeds)
    elif chosen.calibrate:
        calibrate(bench, seeds)
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
