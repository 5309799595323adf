"""The benchmark changes what it says, tells what no test noticed, and knows what nothing could notice."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.mutation.__main__ import chosen_of
from benchmarks.mutation.equivalent import FILE, Equivalents
from benchmarks.mutation.mutants import mutants_of, unchanged

ROOT = Path(__file__).resolve().parent.parent.parent
MODULE = '''"""Nothing over 2.0."""

from functools import lru_cache

LIMIT: float = 2.0
TINY = 1e-9


@lru_cache(maxsize=9)
def over(value: float, most: "float" = LIMIT, *, open: bool = False) -> bool:
    """Whether it is over 2."""
    if value is None:
        raise ValueError("1 is missing" + " or 2")
    return value > most and not open
'''
TESTS = """
from limit import over

def test_what_is_over_is_seen() -> None:
    assert over(2.5)
    assert not over(1.5)
"""


@pytest.fixture
def module(tmp_path: Path) -> Path:
    (tmp_path / "limit.py").write_text(MODULE)
    (tmp_path / "test_limit.py").write_text(TESTS)
    return tmp_path / "limit.py"


def test_every_operator_number_word_and_answer_is_changed_and_nothing_that_is_only_said(module: Path) -> None:
    found = [(mutant.line, mutant.before, mutant.after) for mutant in mutants_of(module)]
    assert sorted(found) == [
        (5, "2.0", "1.8"),
        (5, "2.0", "2.2"),
        (10, "False", "True"),
        (12, "value is None", "value is not None"),
        (14, "not open", "not not open"),
        (14, "return value > most and (not open)", "return None"),
        (14, "value > most", "value <= most"),
        (14, "value > most", "value >= most"),
        (14, "value > most and (not open)", "value > most or not open"),
    ]


def test_a_changed_program_is_the_module_but_for_that(module: Path) -> None:
    space: dict[str, object] = {}
    exec(unchanged(module).program(), space)  # noqa: S102 - it is the text above
    assert space["LIMIT"] == 2.0
    changed = next(mutant for mutant in mutants_of(module) if mutant.after == "2.2")
    exec(changed.program(), space)  # noqa: S102
    assert space["LIMIT"] == 2.2
    assert module.read_text() == MODULE


def test_a_sample_is_the_same_for_the_same_seed(module: Path) -> None:
    mutants = mutants_of(module)
    assert chosen_of(mutants, 4, 1) == chosen_of(mutants, 4, 1)
    assert len({tuple(chosen_of(mutants, 4, seed)) for seed in range(9)}) > 1
    assert chosen_of(mutants, None, 1) == chosen_of(mutants, 99, 1) == mutants


def test_what_survives_is_told_and_is_an_error(module: Path) -> None:
    (module.parent / "pyproject.toml").write_text("[tool.pytest.ini_options]\npythonpath = ['.']\n")
    words = ["-m", "benchmarks.mutation", "limit.py", "--tests", "test_limit.py"]
    done = subprocess.run(
        [sys.executable, *words], cwd=module.parent, env={"PYTHONPATH": str(ROOT)}, check=False,
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    *survive, last = done.stdout.splitlines()
    assert last.startswith("limit.py: 9 of 9 changes tried, 6 noticed, 3 not;"), done.stdout + done.stderr
    for told in ("2.0  →  2.2", "2.0  →  1.8", "value > most  →  value >= most"):
        assert any(told in line for line in survive), told


def test_what_nothing_could_notice_is_still_a_change_of_its_module() -> None:
    known = Equivalents.read()
    for name, groups in json.loads(FILE.read_text(encoding="utf-8")).items():
        known.check(ROOT / name, mutants_of(ROOT / name))
        assert all(group["reason"].endswith(".") and group["changes"] for group in groups)


def test_a_change_that_is_no_more_is_an_error(module: Path) -> None:
    gone = Equivalents({("limit.py", "LIMIT = 3.0", "3.0", "3.3"): "It was."}, module.parent)
    with pytest.raises(SystemExit, match="is no change of limit"):
        gone.check(module, mutants_of(module))
