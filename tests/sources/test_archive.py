"""A file of posts is read to its last good row, whatever else it holds."""

import gzip
import json
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.errors import BadInput
from app.sources.archive import Row, read

HEAD = "id,published_at,text\n"


def read_all(path: Path) -> tuple[list[Row], list[tuple[int, str]]]:
    errors: list[tuple[int, str]] = []
    return list(read(path, on_error=lambda line, why: errors.append((line, why)))), errors


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "posts"


def row(n: int, text: str = "words") -> str:
    return f"{n},2026-11-22T09:00:00Z,{text}\n"


def test_csv_and_json_lines_packed_or_not_give_the_same_posts(file: Path) -> None:
    fields = {
        "id": "1", "published_at": "2026-11-22T10:00:00+01:00", "source": "forum", "author": "Ana",
        "title": "T", "text": "Plus de courant, dit-on", "url": "https://x.example/1", "lang": "fr",
        "likes": "12", "followers": "3.0", "parent_id": "0",
    }  # fmt: skip
    quoted = ",".join(f'"{value}"' for value in fields.values())
    as_csv = f"{','.join(fields)}\n{quoted}\n".encode()
    as_json = json.dumps(fields).encode()
    for content in (as_csv, as_json, gzip.compress(as_csv), gzip.compress(as_json)):
        file.write_bytes(content)
        (only,), errors = read_all(file)
        assert errors == []
        assert (only.source, only.item.external_id, only.item.text) == (
            "forum",
            "1",
            "Plus de courant, dit-on",
        )
        assert only.item.published_at == datetime(2026, 11, 22, 9, tzinfo=UTC)
        assert (only.item.likes, only.item.followers, only.item.shares) == (12, 3, None)
        assert only.item.extra == {"parent_id": "0"}


@pytest.mark.parametrize(
    ("written", "hour", "precision"),
    [
        ("2026-11-22T09:00:00Z", 9, "exact"),
        ("2026-11-22 09:00", 9, "exact"),
        ("2026-11-22T10:00:00.123+01:00", 9, "exact"),
        ("2026-11-22", 0, "day"),
    ],
)
def test_times_without_a_zone_are_utc_and_days_are_days(
    file: Path, written: str, hour: int, precision: str
) -> None:
    file.write_text(f"ID;Text;Created_at\n1;words;{written}\n")
    (only,), _ = read_all(file)
    assert only.item.published_at
    assert (only.item.published_at.hour, only.item.precision) == (hour, precision)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"\xef\xbb\xbf" + HEAD.encode() + row(1, "\u00e9t\u00e9").encode(), id="BOM"),
        pytest.param(
            b"\r\n\r\nid,published_at,text\r\n1,2026-11-22,\xc3\xa9t\xc3\xa9\r\n\r\n", id="CRLF, blank lines"
        ),
        pytest.param(HEAD.encode() + "1,2026-11-22,été\n".encode("cp1252"), id="Windows-1252"),
        pytest.param(HEAD.encode() + "1,2026-11-22,é\0t\0é".encode(), id="NUL, no last line end"),
        pytest.param(b"text\tid\tpublished_at\n\xc3\xa9t\xc3\xa9\t1\t2026-11-22\n", id="tabs"),
    ],
)
def test_files_as_people_save_them_are_read(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    (only,), errors = read_all(file)
    assert (only.item.external_id, only.item.text, errors) == ("1", "été", [])


def test_a_bad_row_is_told_with_its_line_and_skipped(file: Path) -> None:
    rows = [
        row(2),
        "3,yesterday,words\n",
        "4,2026-11-22\n",
        "5,2026-11-22,a,b\n",
        ",2026-11-22,words\n",
        '"7","2026-11-22","two\nlines"\n',
        "9,2026-11-22,\n",
        row(10),
    ]
    file.write_text(HEAD + "".join(rows))
    good, errors = read_all(file)
    assert [(one.line, one.item.external_id) for one in good] == [(2, "2"), (7, "7"), (10, "10")]
    assert good[1].item.text == "two\nlines"
    assert errors == [
        (3, "published_at is 'yesterday': write it as 2026-11-22T09:14:00Z"),
        (4, "the row has 2 fields where the header has 3"),
        (5, "the row has 4 fields where the header has 3"),
        (6, "id is missing"),
        (9, "text is missing, and there is no title either"),
    ]


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param('2,2026-11-22,"never closed\n', id="never closed"),
        pytest.param('2,2026-11-22,"closed" too early\n', id="closed too early"),
    ],
)
@pytest.mark.parametrize("after", [3, 5_000])
def test_a_broken_quote_costs_its_own_line_only(file: Path, broken: str, after: int) -> None:
    file.write_text(HEAD + row(1) + broken + "".join(row(n) for n in range(3, 3 + after)))
    good, errors = read_all(file)
    assert len(good) == 1 + after
    assert [line for line, _ in errors] == [3]
    assert errors[0][1].startswith("the row is broken: ")


def test_a_broken_line_of_json_is_told_and_skipped(file: Path) -> None:
    good = '{"id": 1, "published_at": "2026-11-22", "text": "x"}\n'
    bad = ["{", "7", '{"id": NaN}', '{"id": 1, "id": 2}', '{"a":' * 100_000, good.replace("2026", "26")]
    file.write_text(good + "\n\n" + "\n".join(bad) + "\n" + good)
    rows, errors = read_all(file)
    assert [one.line for one in rows] == [1, 11]
    assert [line for line, _ in errors] == [4, 5, 6, 7, 8, 9]
    assert errors[1][1] == "the line is JSON, but not an object"


@pytest.mark.parametrize("packed", [False, True])
def test_an_endless_line_is_skipped_in_bounded_memory(file: Path, packed: bool) -> None:
    content = (HEAD + row(1)).encode() + b"x" * 50_000_000 + b"\n" + row(4).encode()
    file.write_bytes(gzip.compress(content, 1) if packed else content)
    del content
    tracemalloc.start()
    rows, errors = read_all(file)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [one.line for one in rows] == [2, 4]
    assert errors == [(3, "the line is longer than 1,000,000 bytes")]
    assert peak < 8_000_000


def test_a_packed_file_that_was_cut_gives_what_it_has(file: Path) -> None:
    content = (HEAD + "".join(row(n, f"words {n * 7919 % 1000}") for n in range(20_000))).encode()
    file.write_bytes(gzip.compress(content)[:-5_000])
    rows, errors = read_all(file)
    assert 10_000 < len(rows) < 20_000
    assert [one.item.external_id for one in rows] == [str(n) for n in range(len(rows))]
    assert "cut short" in errors[-1][1]


def test_a_packed_file_that_is_broken_gives_what_it_has(file: Path) -> None:
    content = bytearray(
        gzip.compress((HEAD + "".join(row(n, str(n * 7919)) for n in range(50_000))).encode())
    )
    content[len(content) // 2 : len(content) // 2 + 50] = b"\0" * 50
    file.write_bytes(content)
    rows, errors = read_all(file)
    assert len(rows) > 1_000
    assert "broken" in errors[-1][1]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param(b"", "holds no post", id="empty"),
        pytest.param(b"\n \n", "holds no post", id="blank"),
        pytest.param(HEAD.encode(), "holds no post", id="header only"),
        pytest.param(HEAD.encode() + b"1,soon,words\n", "holds no post", id="no good row"),
        pytest.param(row(1).encode(), "needs the columns id.* what is there: '1,2026", id="no header"),
        pytest.param(b"id;date;body\n", "what is there: 'id;date;body'", id="other columns"),
        pytest.param(b'"id,published_at,text\n', "needs the columns", id="broken header"),
        pytest.param(b"id,published_at,text\r1,2026-11-22,words", "needs the columns", id="old line ends"),
        pytest.param(b'[\n{"id": 1}\n]', "one JSON array", id="array"),
        pytest.param(HEAD.encode("utf-16"), "UTF-16. Save it as UTF-8", id="UTF-16"),
        pytest.param(b"\x1f\x8bnot gzip", "holds no post", id="not gzip after all"),
        pytest.param(b"PK\x03\x04 zip", "needs the columns", id="zip"),
    ],
)
def test_a_file_without_a_single_post_is_an_error(file: Path, content: bytes, why: str) -> None:
    file.write_bytes(content)
    with pytest.raises(BadInput, match=why):
        read_all(file)


def test_a_file_that_is_not_there_or_is_a_folder_is_an_error(file: Path) -> None:
    with pytest.raises(BadInput, match="No such file"):
        read_all(file)
    with pytest.raises(BadInput, match="Is a directory"):
        read_all(file.parent)
