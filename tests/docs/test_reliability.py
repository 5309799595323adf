"""The table of docs/reliability.md is the one that befalls a running service."""

from docs.reliability import PAGE, page
from tests.faults.matrix.table import FAULTS

LEAST = 40


def test_the_page_shows_the_rows_that_are_tried() -> None:
    shown = PAGE.read_text(encoding="utf-8")
    assert page(shown) == shown, "write it anew: .venv/bin/python -m docs.reliability"


def test_there_are_at_least_forty_rows_and_each_names_its_mend() -> None:
    assert len(FAULTS) >= LEAST
    assert all(fault.mend.says and fault.seen.says for fault in FAULTS.values())


def test_what_the_rows_take_out_is_there() -> None:
    missing = {name: fault.mend.take_out.missing() for name, fault in FAULTS.items()}
    assert not {name: paths for name, paths in missing.items() if paths}
