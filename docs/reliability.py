"""Writes the fault matrix of docs/reliability.md anew, from the rows that befall a running service.

.venv/bin/python -m docs.reliability
"""

from collections.abc import Iterable
from pathlib import Path

from docs.decision import filled
from tests.faults.matrix.fault import PASSES, Fault
from tests.faults.matrix.table import FAULTS, GROUPS

PAGE = Path(__file__).parent / "reliability.md"


def matrix() -> Iterable[tuple[str, ...]]:
    """Every row, by its group."""
    yield "", "what befalls it", "what is seen", "within", "because"
    for group, faults in GROUPS.items():
        for number, fault in enumerate(faults):
            yield (
                group if number == 0 else "",
                fault.name,
                fault.seen.says.replace("|", "\\|"),
                _within(fault),
                fault.mend.says,
            )


def sizes() -> Iterable[tuple[str, ...]]:
    """How many rows there are."""
    yield "group", "rows"
    for group, faults in GROUPS.items():
        yield group, str(len(faults))
    yield "**all**", f"**{len(FAULTS)}**"


def _within(fault: Fault) -> str:
    if fault.within:
        return fault.within
    return "two passes" if fault.passes <= PASSES else "two passes of when it is told without the fault"


def page(old: str) -> str:
    """The page with its tables as the code has them now."""
    return filled(old, {"matrix": matrix, "sizes": sizes})


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
