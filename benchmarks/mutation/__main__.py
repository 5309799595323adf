"""Mutation testing: each module is changed in one place after the other, and its tests must notice.

    python -m benchmarks.mutation detectors/sparse.py app/reading/kind.py
    python -m benchmarks.mutation detectors/*.py --sample 60 --seed 1 --jobs 2
    python -m benchmarks.mutation app/pipeline/incidents/decide.py

Prints, for each module, how many changes were tried and how many no test noticed, and each of these. Those
that nothing could notice are in `equivalent.json` with the reason; one that matches no change any more is an
error. Ends with 1 if a change survives that is not among them. No file is written: a changed module lives in
the memory of one process.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from multiprocessing.connection import wait
from multiprocessing.context import ForkProcess
from pathlib import Path
from random import Random

from benchmarks.mutation.equivalent import Equivalents
from benchmarks.mutation.mutants import Mutant, mutants_of, unchanged
from benchmarks.mutation.trial import Tests, begin, rehearse

# Modules whose words a page shows, and what holds the page to them.
_SHOWN = {Path("app/pipeline/incidents/decide.py"): Path("tests/docs/test_decision.py")}


def tests_of(module: Path) -> list[str]:
    """The tests of a module, file by file: in the service those of its name, else those of its folder."""
    inner = module.relative_to("app") if module.parts[0] == "app" else module
    own = Path("tests") / inner.with_name(f"test_{inner.name}")
    found = [own] if own.exists() and module.parts[0] == "app" else sorted(own.parent.glob("test_*.py"))
    if not found:
        raise SystemExit(f"{own.parent} holds no tests of {module}: name some with --tests")
    if module in _SHOWN:
        found.append(_SHOWN[module])
    if ">>> " in module.read_text(encoding="utf-8"):
        found.append(module)
    return list(map(str, found))


def survivors(mutants: Sequence[Mutant], tests: Sequence[Tests], jobs: int) -> Iterator[Mutant]:
    """Those that no test notices, as they are found."""
    waiting, done = list(reversed(mutants)), 0
    running: dict[object, tuple[ForkProcess, Mutant]] = {}
    while waiting or running:
        while waiting and len(running) < jobs:
            mutant = waiting.pop()
            process = begin(mutant, tests)
            running[process.sentinel] = process, mutant
        for sentinel in wait([process.sentinel for process, _ in running.values()]):
            process, mutant = running.pop(sentinel)
            process.join()
            done += 1
            if done % 20 == 0 or not waiting:
                print(f"  {done} of {len(mutants)} tried", file=sys.stderr, flush=True)
            if process.exitcode == 0:
                yield mutant


def chosen_of(mutants: Sequence[Mutant], sample: int | None, seed: int) -> list[Mutant]:
    """So many of them at random, in the order of the text; all, if there are no more."""
    if sample is None or sample >= len(mutants):
        return list(mutants)
    return [mutants[at] for at in sorted(Random(seed).sample(range(len(mutants)), sample))]


def main(words: Iterable[str] | None = None) -> None:
    """Try what was asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("modules", type=Path, nargs="+", help="files, as detectors/sparse.py")
    parser.add_argument(
        "--tests", nargs="+", help="files or folders of tests (default: the module's own, see the top)"
    )
    parser.add_argument("--sample", type=int, help="so many changes of each module (default: all)")
    parser.add_argument("--seed", type=int, default=1, help="of the sample")
    parser.add_argument("--jobs", type=int, default=1, help="processes at a time")
    parser.add_argument("--list", action="store_true", help="print the changes and try none")
    chosen = parser.parse_args(None if words is None else list(words))
    equivalents, left = Equivalents.read(), 0
    for module in chosen.modules:
        mutants = mutants_of(module)
        equivalents.check(module, mutants)
        real = [mutant for mutant in mutants if mutant not in equivalents]
        tried = chosen_of(real, chosen.sample, chosen.seed)
        if chosen.list or not tried:
            print("\n".join(map(str, tried)) or f"{module}: nothing to change")
            continue
        tests = rehearse(tuple(chosen.tests or tests_of(module)))
        if not list(survivors([unchanged(module)], tests, 1)):
            raise SystemExit(
                f"the tests of {module} fail where nothing is changed: {', '.join(tests_of(module))}"
            )
        found = []
        for mutant in survivors(tried, tests, chosen.jobs):
            found.append(mutant)
            print(f"  survives: {mutant}", flush=True)
        killed = len(tried) - len(found)
        print(
            f"{module}: {len(tried)} of {len(real)} changes tried, {killed} noticed, {len(found)} not; "
            f"{len(mutants) - len(real)} that nothing could notice were left out",
            flush=True,
        )
        left += len(found)
    sys.exit(1 if left else 0)


if __name__ == "__main__":
    main()
