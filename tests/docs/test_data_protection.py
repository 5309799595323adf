"""The page on data protection says the same in both languages, and names what holds what people wrote."""

import re
from pathlib import Path

import pytest

from app.models import Base

DOCS = Path(__file__).resolve().parents[2] / "docs"
ENGLISH = (DOCS / "data-protection.md").read_text(encoding="utf-8")
FRENCH = (DOCS / "data-protection.fr.md").read_text(encoding="utf-8")


def shape(page: str) -> list[str]:
    """The beginnings of its headings, rows and items, in order."""
    return re.findall(r"^(#+ |\| |- )", page, re.MULTILINE)


def test_both_languages_have_the_same_parts_and_name_the_same_things() -> None:
    assert shape(ENGLISH) == shape(FRENCH)
    named = [set(re.findall(r"`([a-zA-Z_.]+)`", page)) for page in (ENGLISH, FRENCH)]
    assert named[0] == named[1]


@pytest.mark.parametrize("column", ["author", "text", "facts", "payload"])
def test_each_table_that_may_hold_what_people_wrote_is_named(column: str) -> None:
    quiet = {"notice", "proposal"}  # their facts are figures, and words that many posts have in common
    for table in Base.metadata.sorted_tables:
        if column in table.columns and table.name not in quiet:
            assert f"`{table.name}`" in ENGLISH or f"`{table.name}.{column}`" in ENGLISH
