"""What the detectors make of series that can be described in a sentence, to nine digits.

Rules of what rings and what does not let a number drift; these do not. `golden.py` says how they are renewed.
"""

import json

import numpy as np
import pytest

from tests.detectors.golden import BUDGETS, FILE, SCANNED, kept_of
from tests.detectors.series import SERIES

KEPT = json.loads(FILE.read_text(encoding="utf-8"))


def test_every_series_is_kept() -> None:
    assert [name for name in KEPT if name != BUDGETS and not name.startswith(SCANNED)] == list(SERIES)


@pytest.mark.parametrize("name", KEPT)
def test_the_numbers_are_those_that_are_kept(name: str) -> None:
    found = kept_of(name)
    assert {part: list(rows) for part, rows in found.items()} == {
        p: list(rows) for p, rows in KEPT[name].items()
    }
    for part, rows in KEPT[name].items():
        for key, row in rows.items():
            now, then = (np.asarray(values, np.float64) for values in (found[part][key], row))
            np.testing.assert_allclose(now, then, rtol=1e-9, atol=1e-11, err_msg=f"{part}: {key}")
