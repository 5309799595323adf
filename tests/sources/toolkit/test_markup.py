"""HTML of strangers, turned into text."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sources.toolkit.markup import plain


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        pytest.param("just words", "just words", id="no markup"),
        pytest.param("a < b && c > d", "a < b && c > d", id="signs that are no tags"),
        pytest.param("&lt;b&gt; &eacute;&#8364;&#x1F525;", "<b> é€🔥", id="entities"),
        pytest.param("<p>&lt;b&gt; &eacute;</p>", "<b> é", id="entities beside tags"),
        pytest.param("<p>V&amp;eacute;linor &amp;#8364;</p>", "Vélinor €", id="entities escaped twice"),
        pytest.param("&lt;p&gt;V&amp;amp;eacute;linor&lt;/p&gt;", "Vélinor", id="markup escaped twice"),
        pytest.param("<p>one</p><p>two</p>", "one\n\ntwo", id="paragraphs"),
        pytest.param("<div><div><p>one</p></div></div>two", "one\n\ntwo", id="blocks in blocks"),
        pytest.param("<details><summary>a</summary>b</details>c", "a\n\nb\n\nc", id="details"),
        pytest.param("<ul><li>one<li>two</ul>", "one\ntwo", id="list"),
        pytest.param("<dl><dt>a</dt><dd>b</dd></dl>", "a\nb", id="definitions"),
        pytest.param("one<br>two<br />three<br></br>four", "one\ntwo\nthree\nfour", id="breaks"),
        pytest.param("a</br>b", "a\nb", id="a break closed"),
        pytest.param("<b>bold</b>er <i>and</i>\n  on", "bolder and on", id="inside a line"),
        pytest.param("<table><tr><td>a<td>b<tr><td>c</table>", "a b\nc", id="table"),
        pytest.param("<th>a</th><th>b</th>", "a b", id="cells without their table"),
        pytest.param("<select><option>a<option>b</select><button>c</button>d", "a b c d", id="a form"),
        pytest.param("<a href=x>a</a><a href=y>b</a>, <a href=z>c</a>", "a b, c", id="links that touch"),
        pytest.param("<span>a</span><span>b</span>c", "a bc", id="spans that touch"),
        pytest.param("a<script>if (a<b) x()</SCRIPT >b<style>p{}</style>c", "abc", id="script and style"),
        pytest.param("a<template>x</template><svg><text>y</text></svg>b", "ab", id="templates and drawings"),
        pytest.param("a<!-- <p> -->b<!doctype x>c<?php x ?>d", "abcd", id="comments"),
        pytest.param("a<!-- never closed", "a", id="open comment"),
        pytest.param("a<script>never closed", "a", id="open script"),
        pytest.param("<p>a<b>c<p>d", "ac\n\nd", id="nothing closed"),
        pytest.param("<a href=x>link</a", "link", id="open tag"),
        pytest.param('a<p hidden>b</p><i style="Display : none">c</i>d', "ad", id="what a page hides"),
        pytest.param('<img alt="a > b" src=x>c', "a > b c", id="a picture's words"),
        pytest.param('a <img src=x><img alt=" " src=x>b', "a b", id="a picture without words"),
        pytest.param('so<img class="emoji" alt="😡">', "so 😡", id="an emoji that is a picture"),
        pytest.param("Veli&shy;nor Ve<wbr>linor Ve\u200blinor", "Velinor Velinor Velinor", id="soft hyphens"),
        pytest.param("12\xa0%\u202f!\t\r\n?", "12 % ! ?", id="spaces of all kinds"),
        pytest.param("<b>12\xa0%\u202f!\t\r\n?</b>", "12 % ! ?", id="spaces of all kinds in tags"),
        pytest.param("a\x00\ud800<b>b\x1b</b>\ud83d", "ab", id="what no database holds"),
        pytest.param("<head><title>t</title></head><body>b</body>", "b", id="a whole page"),
        pytest.param("<frameset><frame src=x></frameset>", "", id="a page without a body"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_markup_becomes_what_a_reader_would_see(markup: str, text: str) -> None:
    assert plain(markup) == text


def test_an_address_that_is_shown_shortened_stands_there_whole() -> None:
    shown = '<span class="invisible">https://</span><span class="ellipsis">a.example/lo</span>'
    rest = '<span class="invisible">ng</span>'
    assert plain(f'<a href="https://a.example/long">{shown}{rest}</a>!') == "https://a.example/long!"
    assert plain(f'<a href="javascript:x">{shown}{rest}</a>!') == "a.example/lo!"


@pytest.mark.parametrize(
    "piece",
    [
        "<", "<a ", "<a x='", '<a "', "<!--", "<!", "&#", "</", "<script></", "<svg></svg <", "<div>", "<b>",
        "<b x><p>", "<a><table>", "<ul><li>", "<div hidden>", "<table><td>", "<svg><desc>", "</p>",
        "&lt;p&gt;", "<a><span class=invisible>", "<p><a>", "<img alt=x>", "&amp;" * 3,
    ],
)  # fmt: skip
def test_hostile_markup_takes_no_longer_than_other_markup(piece: str) -> None:
    start = time.thread_time()
    plain(piece * (1_000_000 // len(piece)))
    assert time.thread_time() - start < 2


def test_a_page_of_too_many_tags_is_read_up_to_there() -> None:
    assert plain("<p>a" * 4_000).count("a") == 4_000
    assert 7_000 < plain("<p>a" * 100_000).count("a") <= 8_000


@given(st.text(alphabet="<>/&;!-'\"= abpdivsn\n\x00\ud800é"))
def test_any_markup_is_answered_with_text(markup: str) -> None:
    text = plain(markup)
    assert text == text.strip()
    assert "\n\n\n" not in text
    text.encode()


def test_a_long_text_is_cut() -> None:
    assert len(plain("x" * 500_000)) == 50_000
    assert len(plain("<b>" + "x" * 500_000)) == 50_000
