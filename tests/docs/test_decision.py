"""The tables of docs/decision.md are those by which it is decided."""

from docs.decision import PAGE, page


def test_the_page_shows_the_tables_that_the_code_goes_by() -> None:
    shown = PAGE.read_text(encoding="utf-8")
    assert page(shown) == shown, "write it anew: .venv/bin/python -m docs.decision"
