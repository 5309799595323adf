"""Rows that can befall one kind of database alone are tried on that one."""

import pytest

from tests.faults.matrix.table import FAULTS


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Take out what cannot happen."""
    items[:] = [item for item in items if not _cannot_be(item)]


def _cannot_be(item: pytest.Item) -> bool:
    given = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
    only = FAULTS[str(given["name"])].only if "quarter" in given and "name" in given else ""
    return bool(only) and given["quarter"] != only
