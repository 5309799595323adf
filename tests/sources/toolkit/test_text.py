"""Strangers' text, made safe to store and to show."""

import pytest

from app.sources.toolkit.text import clean, fit_id, language, web_url


def test_a_long_text_is_cut() -> None:
    assert clean("x" * 20, 10) == "x" * 10


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://x.example/é?a=1", True),
        ("HTTP://x.example", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//x.example", False),
        ("https://", False),
        ("https://x.example/a b", False),
        ("https://x.example/<b>|x", False),
        ("https://x.example/" + "x" * 2_000, False),
        (None, False),
        (7, False),
    ],
)
def test_only_addresses_of_the_web_become_links(url: object, kept: bool) -> None:
    assert web_url(url) == (url if kept else None)


@pytest.mark.parametrize(
    ("tag", "read_as"),
    [
        ("fr", "fr"),
        ("en_US", "en-US"),
        (" zh-Hans ", "zh-Hans"),
        ("français", None),
        ("x" * 13, None),
        (3, None),
    ],
)
def test_only_language_tags_become_languages(tag: object, read_as: str | None) -> None:
    assert language(tag) == read_as


def test_an_id_is_kept_or_digested_to_fit() -> None:
    assert fit_id("x" * 512) == "x" * 512
    assert len(fit_id("x" * 513)) == 64
    assert fit_id("\ud800" * 513) != fit_id("\ud801" * 513)
