"""One form for the address of a page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.pages import page

PAGE = "lemonde.fr/eco/a.html"


@pytest.mark.parametrize(
    "url",
    [
        "https://www.lemonde.fr/eco/a.html",
        "http://lemonde.fr:80/eco/a.html/",
        "https://m.lemonde.fr/eco/a.html?utm_source=x&fbclid=1#top",
        "https://amp.lemonde.fr/eco/a.html",
        "https://LEMONDE.fr/eco/a.html?xtor=RSS-1",
        "https://www.google.com/url?q=https://www.lemonde.fr/eco/a.html&sa=D",
        "https://l.facebook.com/l.php?u=https%3A%2F%2Flemonde.fr%2Feco%2Fa.html&h=x",
    ],
)
def test_one_page_has_one_key(url: str) -> None:
    assert page(url) == PAGE


@pytest.mark.parametrize("url", ["https://lemonde.fr/eco/b.html", "https://lemonde.fr/eco/a.html?page=2"])
def test_another_page_has_another(url: str) -> None:
    assert page(url) != PAGE


@pytest.mark.parametrize(
    "url", [None, "", "ftp://x.example/a", "not an address", "http://[", "https://" + "a" * 9000]
)
def test_what_is_no_address_has_none(url: str | None) -> None:
    assert page(url) is None


@given(st.text(max_size=200))
def test_whatever_is_written_does_no_harm(text: str) -> None:
    page(text)
    page(f"https://{text}")
