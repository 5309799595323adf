"""The matrix: every row, by its group."""

from tests.faults.matrix import clocks, slack
from tests.faults.matrix.fault import Fault, Mend

GROUPS: dict[str, tuple[Fault, ...]] = {
    "Time": clocks.FAULTS,
    "Slack": slack.FAULTS,
}
FAULTS = {fault.name: fault for faults in GROUPS.values() for fault in faults}


def mend_of(name: str) -> Mend:
    """The mend that makes the difference in a row."""
    return FAULTS[name].mend
