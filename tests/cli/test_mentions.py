"""`tocsin mentions` and `tocsin export`: what was said, and what is set, on the screen and in files."""

import csv
from datetime import timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner, Result

from app.admin import sources, watches
from app.admin.specs import SourceSpec, WatchSpec
from app.cli import app
from app.clock import utc_now
from app.pipeline.ingest.match import Matchers
from app.pipeline.ingest.store import store
from app.runtime import open_runtime
from app.settings import Settings
from app.sources.base import Item


@pytest.fixture(autouse=True)
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TOCSIN_DATA_DIR", str(tmp_path / "data"))
    now = utc_now()
    with open_runtime(Settings()) as runtime, runtime.sessions.begin() as session:
        spec = SourceSpec(name="forum", kind="push")
        source, _ = sources.create(session, spec, vault=runtime.vault, by="test", now=now)
        query = WatchSpec.model_validate({"name": "Vélinor", "query": "Vélinor"})
        watches.create(session, query, by="test", now=now)
        items = [
            Item("a", "Vélinor : rappel du lot 4417", now, author="@lea"),
            Item("b", "=Velinor", now - timedelta(days=3), author="marc"),
        ]
        store(session, Matchers().current(session), source.id, items, now=now)
    return tmp_path


def called(*words: str) -> Result:
    return CliRunner().invoke(app, [*words], env={"COLUMNS": "200"})


def test_mentions_are_listed_by_what_they_hold() -> None:
    for words, there, gone in (
        ((), ("rappel du lot", "=Velinor"), ()),
        (("RAPPEL", '"lot 4417"'), ("rappel du lot",), ("=Velinor",)),
        (("--watch", "Vélinor", "--", "-rappel"), ("=Velinor",), ("rappel",)),
        (("--days", "1"), ("rappel",), ("=Velinor",)),
        (("--author", "LEA"), ("rappel",), ("=Velinor",)),
        (("--tag", "x"), ("No mention holds that.",), ()),
    ):
        shown = called("mentions", *words)
        assert shown.exit_code == 0, shown.output
        assert all(text in shown.output for text in there), (words, shown.output)
        assert not any(text in shown.output for text in gone), (words, shown.output)
    assert called("mentions", "--watch", "nobody's").exit_code == 1


def test_all_of_them_go_into_a_file_and_replace_none(house: Path) -> None:
    for name in ("m.csv", "m.xlsx"):
        written = called("mentions", "--file", name)
        assert (written.exit_code, name in written.output) == (0, True), written.output
        assert called("mentions", "--file", name).exit_code == 1
        assert called("mentions", "--file", name, "--force").exit_code == 0
    with (house / "m.csv").open(newline="") as file:
        assert [row["text"] for row in csv.DictReader(file)] == ["Vélinor : rappel du lot 4417", "'=Velinor"]
    sheet = load_workbook(house / "m.xlsx").worksheets[0]
    assert sheet.cell(3, 6).value == "=Velinor"
    assert sheet.cell(3, 6).data_type == "s"
    assert called("mentions", "--file", "m.pdf").exit_code == 2
    assert called("mentions", "--file", "no/such/folder.csv").exit_code == 2


def test_settings_go_into_a_file_that_apply_takes_back(house: Path) -> None:
    printed = called("export")
    assert printed.exit_code == 0
    assert called("export", "all.yaml").exit_code == 0
    assert (house / "all.yaml").read_text() == printed.output
    assert called("export", "all.yaml").exit_code == 1
    again = called("apply", "all.yaml")
    assert (again.exit_code, "Nothing to change." in again.output) == (0, True), again.output
    assert called("export", "--team", "Nobody").exit_code == 1
