"""An archive as a source brings its posts once, and again when the file changes."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.errors import SourceError
from app.sources import archive
from app.sources.archive import Archive, ArchiveSettings

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def write(path: Path, *rows: str) -> Archive:
    path.write_text("id,published_at,source,text\n" + "\n".join(rows) + "\n")
    return Archive(ArchiveSettings(path=path))


def test_it_is_read_once_and_says_which_time_it_covers(tmp_path: Path) -> None:
    source = write(
        tmp_path / "a.csv",
        "2,2026-11-22T10:00:00,forum,b",
        "1,2026-11-22T09:00:00,,a",
        "x",
        "2,2099-01-01,,c",
    )
    first = source.fetch({}, now=NOW)
    assert [(item.external_id, item.text) for item in first.items] == [("2", "c"), ("1", "a")]
    assert (first.status, first.note) == (
        "ok",
        "1 lines skipped: line 4: the row has 1 fields where the header has 4",
    )
    assert (first.window_from, first.window_to) == (datetime(2026, 11, 22, 9, tzinfo=UTC), NOW)
    second = source.fetch(first.cursor, now=NOW)
    assert (second.status, second.items, second.cursor) == ("unchanged", [], first.cursor)
    assert second.window_from == second.window_to == NOW


def test_the_source_that_a_row_names_is_kept_aside(tmp_path: Path) -> None:
    (item,) = write(tmp_path / "a.csv", "1,2026-11-22,forum,a").fetch({}, now=NOW).items
    assert item.extra == {"source": "forum"}


def test_a_file_that_changed_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    cursor = write(path, "1,2026-11-22,,a").fetch({}, now=NOW).cursor
    batch = write(path, "1,2026-11-22,,a", "2,2026-11-22,,b").fetch(cursor, now=NOW)
    assert len(batch.items) == 2


def test_a_large_file_comes_in_several_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "_AT_ONCE", 10)
    source = write(tmp_path / "a.csv", "x", *[f"{n},2026-11-22,,a" for n in range(25)], "y")
    batches = [source.fetch({}, now=NOW)]
    while batches[-1].status != "unchanged":
        batches.append(source.fetch(batches[-1].cursor, now=NOW))
    assert [len(batch.items) for batch in batches] == [10, 10, 5, 0]
    ids = [item.external_id for batch in batches for item in batch.items]
    assert ids == [str(n) for n in range(25)]
    assert [batch.note for batch in batches[:3]] == [
        "1 lines skipped: line 2: the row has 1 fields where the header has 4",
        "",
        "1 lines skipped: line 28: the row has 1 fields where the header has 4",
    ]
    assert [batch.next_in is not None for batch in batches] == [True, True, False, False]


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.ndjson", "a.tsv", "a.csv.gz", "A.CSV.GZ"])
def test_names_of_archives_are_taken(tmp_path: Path, name: str) -> None:
    assert write(tmp_path / name, "1,2026-11-22,,a").fetch({}, now=NOW).items


def test_files_that_are_no_archives_are_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "passwd"
    link = tmp_path / "a.csv"
    write(secret, "1,2026-11-22,,hunter2")
    link.symlink_to(secret)
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    for path, why in (
        (secret, "must end in"),
        (link, "must end in"),
        (pipe, "not a file"),
        (tmp_path, "must end"),
    ):
        with pytest.raises(SourceError, match=why) as caught:
            Archive(ArchiveSettings(path=path)).fetch({}, now=NOW)
        assert caught.value.permanent
        assert "hunter2" not in str(caught.value)


def test_a_file_that_is_missing_or_empty_is_a_permanent_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"No such file or directory\. Check the path") as missing:
        Archive(ArchiveSettings(path=tmp_path / "a.csv")).fetch({}, now=NOW)
    with pytest.raises(SourceError, match="holds no post") as empty:
        write(tmp_path / "a.csv").fetch({}, now=NOW)
    assert missing.value.permanent
    assert empty.value.permanent
