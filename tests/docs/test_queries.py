"""The page on queries: each line of its cheat sheet does what it says, in both languages."""

import re
from pathlib import Path

import pytest

from app.reading.matching import Heard, Matcher
from app.reading.query import parse
from app.reading.query.doubts import require_sound

DOCS = Path(__file__).parents[2] / "docs"
ROW = re.compile(r"^\| `([^|]+)` \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
PAGES = ("queries.md", "queries.fr.md")
LINES = [(page, *row) for page in PAGES for row in ROW.findall((DOCS / page).read_text(encoding="utf-8"))]
FIELD = re.compile(r"^\| ((?:`[^`]+`(?:, )?)+) \| [^|]+ \|$", re.MULTILINE)


def is_mention(query: str, text: str) -> bool:
    return Matcher([parse(query)]).matches(Heard("", text)) == [0]


@pytest.mark.parametrize(("page", "query", "finds", "passes_over"), LINES)
def test_each_line_of_the_cheat_sheet_is_true(page: str, query: str, finds: str, passes_over: str) -> None:
    require_sound(parse(query))
    assert is_mention(query, finds), page
    assert not is_mention(query, passes_over), page


@pytest.mark.parametrize("page", PAGES)
def test_each_field_is_one(page: str) -> None:
    rows = FIELD.findall((DOCS / page).read_text(encoding="utf-8"))
    assert len(rows) == 8
    for query in (query for row in rows for query in re.findall(r"`([^`]+)`", row)):
        require_sound(parse(f"Vélinor AND {query}"))


def test_both_pages_say_the_same() -> None:
    english, french = ([row[1:] for row in LINES if row[0] == page] for page in PAGES)
    assert [str(parse(query).tree) for query, *_ in english] == [
        str(parse(query).tree) for query, *_ in french
    ]
    assert len(english) == 18
