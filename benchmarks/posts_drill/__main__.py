"""Which fires ring that are told in posts, how early, and which harmless storms do.

    python -m benchmarks.posts_drill [--bench ../shared/bench] [--data ../shared/data/posts-drill]
        [--seed 1] [--months 3] [--streets Ford Nike] [--stories fox ftx] [--only fox] [--jobs 2] [--keep DIR]

Lights the posts drill of the benchmark folder, replays each street by `tocsin replay` at the default policy,
and prints one table: Tocsin, a crude rule on the same posts, and what is wanted. For a quick look take few
streets and one month (`--streets Ford Nike Orlen --months 1`: half a minute). `--only` judges these stories
of all that are told, as those that a change was not made on.
"""

import argparse
import csv
import gzip
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks.posts_drill.crude import alarms
from benchmarks.posts_drill.judged import Event, Result, Street, table

CHANCES = (1e-3, 1e-5)
TOCSIN = "Tocsin"


def _chosen(data: Path, folder: Path, part: str, names: Collection[str]) -> Path:
    """The streets or stories in a folder of their own: those that are named, or all."""
    rows: list[dict[str, Any]] = json.loads((data / part / f"{part}.json").read_text(encoding="utf-8"))
    known = {row["name"] for row in rows}
    if unknown := sorted(set(names) - known):
        raise SystemExit(f"{part}: {', '.join(unknown)} not found. There are {', '.join(sorted(known))}.")
    taken = [row for row in rows if not names or row["name"] in names]
    kinds = {row.get("kind") for row in taken}
    if part == "stories" and kinds != {"fire", "launch"}:
        raise SystemExit("stories: name at least one fire and one harmless storm; they take turns.")
    chosen = folder / part
    chosen.mkdir()
    for row in taken:
        (chosen / row["file"]).symlink_to((data / part / row["file"]).resolve())
    (chosen / f"{part}.json").write_text(json.dumps(taken), encoding="utf-8")
    return chosen


def _lit(given: argparse.Namespace, folder: Path) -> list[Street]:
    """The streets with stories lit in them, in `folder`."""
    parts = [_chosen(given.data, folder, "streets", given.streets)]
    parts.append(_chosen(given.data, folder, "stories", given.stories))
    asked = ["--seed", str(given.seed), "--months", str(given.months)]
    drill = [sys.executable, str(given.bench / "posts_drill.py"), "light", *map(str, parts)]
    subprocess.run([*drill, str(folder / "lit"), *asked], check=True, stdout=sys.stderr)
    truth = json.loads((folder / "lit" / "truth.json").read_text(encoding="utf-8"))
    return [
        Street(
            name,
            datetime.fromisoformat(case["begin"]),
            datetime.fromisoformat(case["end"]),
            tuple(Event.of(event) for event in case["events"]),
        )
        for name, case in truth.items()
    ]


def _replay(archive: Path, out: Path) -> None:
    """One street through the chain; raises CalledProcessError if the chain fails."""
    tocsin = Path(sys.executable).parent / "tocsin"
    command = [str(tocsin), "replay", str(archive), "--query", "", "--out", str(out)]
    one_thread = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    subprocess.run(command, check=True, capture_output=True, env=one_thread)


def _replay_all(lit: Path, out: Path, jobs: int) -> None:
    """All streets, the longest first, with progress on standard error."""
    archives = sorted(lit.glob("*.csv.gz"), key=lambda path: -path.stat().st_size)
    began = time.perf_counter()
    with ThreadPoolExecutor(jobs) as pool:
        replays = [pool.submit(_replay, path, out / path.name.split(".")[0]) for path in archives]
        for done, future in enumerate(as_completed(replays), 1):
            try:
                future.result()
            except subprocess.CalledProcessError as error:
                pool.shutdown(cancel_futures=True)
                raise SystemExit(error.stderr.decode(errors="replace")) from error
            taken = time.perf_counter() - began
            print(f"streets: {done} of {len(archives)}, {taken:.0f} s", file=sys.stderr)


def _told(incidents: Path) -> Iterator[datetime]:
    """When something was told of what burnt."""
    for line in incidents.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row.get("told") and row["state"] == "burning":
            yield datetime.fromisoformat(row["at"])


def _times(archive: Path) -> list[datetime]:
    with gzip.open(archive, "rt", encoding="utf-8", newline="") as file:
        return [datetime.fromisoformat(row["published_at"]) for row in csv.DictReader(file)]


def _measure(given: argparse.Namespace, folder: Path) -> None:
    streets = _lit(given, folder)
    _replay_all(folder / "lit", folder / "out", given.jobs)
    csv.field_size_limit(10**8)
    results = {f"Poisson {chance:g}": Result() for chance in CHANCES} | {TOCSIN: Result()}
    for street in streets:
        times = _times(folder / "lit" / f"{street.name}.csv.gz")
        for chance in CHANCES:
            results[f"Poisson {chance:g}"].add(street, alarms(times, chance), given.only)
        results[TOCSIN].add(street, _told(folder / "out" / street.name / "incidents.jsonl"), given.only)
    fires, harmless = (len(results[TOCSIN].of(fire=fire)) for fire in (True, False))
    print(
        f"Posts drill, seed {given.seed}, {given.months:g} months: {fires} fires, {harmless} harmless storms"
    )
    print(f"\n{table(results, TOCSIN)}\n\nRung: {', '.join(results[TOCSIN].by_story())}.")


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    shared = Path("../shared")
    parser.add_argument("--bench", type=Path, default=shared / "bench", help="folder of posts_drill.py")
    parser.add_argument("--data", type=Path, default=None, help="its streets and stories")
    parser.add_argument("--seed", type=int, default=1, help="of what is told where")
    parser.add_argument("--months", type=float, default=3.0, help="of each street")
    parser.add_argument("--streets", nargs="+", default=(), help="only these streets")
    parser.add_argument("--stories", nargs="+", default=(), help="tell only these stories")
    parser.add_argument("--only", nargs="+", default=(), help="judge only these stories of all that are told")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1), help="processes")
    parser.add_argument("--keep", type=Path, default=None, help="a new folder for the drill and the replays")
    return parser


def main() -> None:
    """Light, replay, judge, print."""
    parser = _arguments()
    given = parser.parse_args()
    given.data = given.data or given.bench.parent / "data" / "posts-drill"
    if not (given.bench / "posts_drill.py").is_file():
        parser.error(f"{given.bench} does not hold posts_drill.py; give its folder with --bench")
    for part in ("streets", "stories"):
        if not (given.data / part / f"{part}.json").is_file():
            parser.error(f"{given.data} does not hold {part}/{part}.json; give its folder with --data")
    if given.keep is None:
        with tempfile.TemporaryDirectory() as folder:
            _measure(given, Path(folder))
        return
    if given.keep.exists():
        parser.error(f"{given.keep} is there already; name a new folder with --keep")
    given.keep.mkdir(parents=True)
    _measure(given, given.keep)


if __name__ == "__main__":
    main()
