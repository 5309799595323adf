"""Several processes that start at once on one empty database: the tables and the first key are made once."""

import re

import pytest

from tests.cli.conftest import Shell
from tests.standins.patience import HANG

pytestmark = pytest.mark.faults

_MAKE = """
from rich.console import Console
from app.cli.serve import show_first_key
from app.runtime import open_runtime
from app.settings import Settings
with open_runtime(Settings()) as runtime:
    show_first_key(runtime, Console(), always=True)
"""


def test_of_three_one_makes_the_tables_and_the_key(empty_database: str, shell: Shell) -> None:
    shell.environment["TOCSIN_DATABASE_URL"] = empty_database
    processes = [shell.start_code(_MAKE) for _ in range(3)]
    said = [process.communicate(timeout=HANG) for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], said
    assert len(re.findall(r"tocsin_a_\w+", "".join(out for out, _ in said))) == 1
    assert shell.run("keys", "list")[1].count("first key") == 1
