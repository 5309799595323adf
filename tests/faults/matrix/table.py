"""The matrix: every row, by its group."""

from tests.faults.matrix import (
    changes,
    clocks,
    feeds,
    judging,
    mail,
    posts,
    process,
    secrets,
    slack,
    storage,
    unreadable,
)
from tests.faults.matrix.fault import Fault

GROUPS: dict[str, tuple[Fault, ...]] = {
    "Sources": feeds.FAULTS,
    "Time": clocks.FAULTS,
    "Database": storage.FAULTS,
    "Secrets": secrets.FAULTS,
    "Slack": slack.FAULTS,
    "E-mail": mail.FAULTS,
    "Posts": posts.FAULTS,
    "Judging": judging.FAULTS,
    "Changes": changes.FAULTS,
    "Rows": unreadable.FAULTS,
    "Process": process.FAULTS,
}
FAULTS = {fault.name: fault for faults in GROUPS.values() for fault in faults}
assert len(FAULTS) == sum(map(len, GROUPS.values())), "two rows have one name"
