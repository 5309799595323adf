"""Tocsin beside its peers on fire drills and on NAB, at equal budgets; its speed; its calibration.

    python -m benchmarks.detection [--bench ../shared/bench] [--seeds 2 21 22]
    python -m benchmarks.detection --calibrate [--seeds 12 13 14]
    python -m benchmarks.detection --sparse [--seeds 2 21 22]
    python -m benchmarks.detection --speed

Seeds 11 to 15 were used while the detector was made; judge it on others.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.detection import sparse, speed
from benchmarks.detection.drill import Drill, false_a_week, lit, nab, nab_scores, outcome, own
from benchmarks.detection.peers import PEERS
from detectors import FireDetector, calm_for, line_for, scan
from detectors.grid import Floats, Grid

BUDGETS = {"1 a week": 1.0, "1 a month": 0.25}
WEEKS_A_MONTH = 30.44 / 7
LINES = (0.4, 0.6, 1.0, 1.4, 1.8, 2.2, 2.6, 2.8, 3.0, 3.2, 3.6, 4.0)


def tocsin(counts: Floats, grid: Grid) -> tuple[Floats, Floats]:
    """Score and flash at the default budget, as `tocsin detect` gives them."""
    line = line_for(1.0)
    found = scan(FireDetector(), counts, grid, line=line, calm=calm_for(line)).evidence
    return found.score, found.flash


def compare(bench: Path, drills: list[Drill]) -> None:
    """Prints the table: seen, before the peak, median delay, for each budget; and NAB."""
    methods = [(peer.__name__, [peer(np.nan_to_num(drill.counts)) for drill in drills]) for peer in PEERS]
    methods.append(("tocsin", [tocsin(drill.counts, drill.grid)[0] for drill in drills]))
    print(f"{'fire drill':18s}" + "".join(f"{budget:>38s}" for budget in BUDGETS))
    for name, scores in methods:
        cells = ""
        for budget in BUDGETS.values():
            each = [outcome(score, drill, budget) for score, drill in zip(scores, drills, strict=True)]
            seen, early, delay = (
                [getattr(one, field) for one in each] for field in ("seen", "before_peak", "delay")
            )
            cells += f"   seen {_span(seen)} early {_span(early)} min {min(delay):g}..{max(delay):g}"
        print(f"{name:18s}{cells}")
    counts, grid, names = nab(bench)
    flashes = [(peer.__name__, peer(np.nan_to_num(counts))) for peer in PEERS]
    flashes.append(("tocsin", tocsin(counts, grid)[1]))
    print("NAB realTweets: standard, reward low FP, reward low FN")
    for name, flash in flashes:
        print(f"{name:18s}   " + "   ".join(f"{score:5.1f}" for score in nab_scores(bench, flash, names)))


def _span(parts: list[float]) -> str:
    return f"{min(parts):.0%}..{max(parts):.0%}"


def calibrate(drills: list[Drill]) -> None:
    """Prints the false alarms a month of a brand at each line: the table of `detectors/budget.py`."""
    scores = [own(tocsin(drill.counts, drill.grid)[0], drill) for drill in drills]
    for line in LINES:
        each = [
            false_a_week(score, drill, line) * WEEKS_A_MONTH
            for score, drill in zip(scores, drills, strict=True)
        ]
        print(f"line {line:4.1f}   {sum(each) / len(each):6.2f} a month   {min(each):.2f} to {max(each):.2f}")


def main() -> None:
    """Runs what was asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--bench", type=Path, default=Path("../shared/bench"), help="folder of the two benchmarks"
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=None, help="seeds of the fire drills")
    parser.add_argument("--calibrate", action="store_true", help="print the table of lines for alarm budgets")
    parser.add_argument("--speed", action="store_true", help="measure the speed alone")
    parser.add_argument("--sparse", action="store_true", help="measure brands of few posts alone")
    chosen = parser.parse_args()
    if not (chosen.calibrate or chosen.sparse):
        speed.measure()
    if chosen.speed:
        return
    if not (chosen.bench / "fire_drill.py").is_file():
        parser.error(f"{chosen.bench} does not hold fire_drill.py; give its folder with --bench")
    seeds = chosen.seeds or ([12, 13, 14] if chosen.calibrate else [2, 21, 22])
    if chosen.sparse:
        sparse.measure(chosen.bench.resolve(), seeds)
        return
    with tempfile.TemporaryDirectory() as folder:
        drills = [lit(chosen.bench.resolve(), Path(folder) / str(seed), seed) for seed in seeds]
    if chosen.calibrate:
        calibrate(drills)
    else:
        compare(chosen.bench.resolve(), drills)


if __name__ == "__main__":
    main()
