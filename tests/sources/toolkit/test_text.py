"""Strangers' text, made safe to store and to show."""

import time

import pytest

from app.sources.toolkit.text import clean, fit_id, language, plain, web_url


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        pytest.param("just words", "just words", id="no markup"),
        pytest.param("a < b && c > d", "a < b && c > d", id="signs that are no tags"),
        pytest.param("&lt;b&gt; &eacute;&#8364;&#x1F525;", "<b> é€🔥", id="entities"),
        pytest.param("<p>one</p><p>two</p>", "one\n\ntwo", id="paragraphs"),
        pytest.param("<ul><li>one<li>two</ul>", "one\ntwo", id="list"),
        pytest.param("one<br>two<br />three<br></br>four", "one\ntwo\nthree\nfour", id="breaks"),
        pytest.param("<b>bold</b>er <i>and</i>\n  on", "bolder and on", id="inside a line"),
        pytest.param("a<script>if (a<b) x()</SCRIPT >b<style>p{}</style>c", "abc", id="script and style"),
        pytest.param("a<!-- <p> -->b<!doctype x>c<?php x ?>d", "abcd", id="comments"),
        pytest.param("a<!-- never closed", "a", id="open comment"),
        pytest.param("a<script>never closed", "a", id="open script"),
        pytest.param('<img alt="a > b" src=x>c', "c", id="sign inside an attribute"),
        pytest.param("<a href=x>link</a", "link</a", id="open tag"),
        pytest.param("12\xa0%\u202f!\t\r\n?", "12 % ! ?", id="spaces of all kinds"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_markup_becomes_what_a_reader_would_see(markup: str, text: str) -> None:
    assert plain(markup) == text


@pytest.mark.parametrize(
    "piece", ["<", "<a ", "<a x='", '<a "', "<!--", "<!", "&#", "</", "<script></", "<svg></svg <"]
)
def test_hostile_markup_takes_no_longer_than_other_markup(piece: str) -> None:
    start = time.thread_time()
    plain(piece * (1_000_000 // len(piece)))
    assert time.thread_time() - start < 2


def test_a_long_text_is_cut() -> None:
    assert len(plain("x" * 500_000)) == 50_000
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
