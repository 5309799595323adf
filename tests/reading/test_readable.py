"""Text as it is read."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.reading.readable import MOST, readable


@pytest.mark.parametrize(
    ("given", "read"),
    [
        pytest.param("<p>Fish &amp; chips<br>for <b>two</b></p>", "Fish & chips for two", id="markup"),
        pytest.param("a<script>x('<b>')</script>b<!-- c -->d", "a b d", id="what no page shows"),
        pytest.param("5 < 6 and 7 > 3, I <3 you", "5 < 6 and 7 > 3, I <3 you", id="signs that are no markup"),
        pytest.param("l&amp;#39;ami &amp;gt; tout", "l'ami > tout", id="entities escaped twice"),
        pytest.param("it\\u2019s\\u002c well", "it’s, well", id="escapes left by an export"),
        pytest.param("see https://a.example/b?c=d#e now", "see http now", id="a link"),
        pytest.param("WWW.example.com/x et HTTP://B.example", "http et http", id="links in capitals"),
        pytest.param("http and @user", "http and @user", id="tokens of a corpus"),
        pytest.param("via pic.twitter.com/AbC", "via http", id="a picture"),
        pytest.param("@Anna.B merci @b@masto.example!", "@user merci @user!", id="names"),
        pytest.param("écrire à aide@example.com", "écrire à aide@example.com", id="an address is no name"),
        pytest.param("ar\u200bna\u00adque \u202eevil\u202c \x00\x1b[0m", "arnaque evil [0m", id="the unseen"),
        pytest.param("cafe\u0301 !", "café !", id="accents apart"),
        pytest.param("  a \n\n b\tc\u00a0d ", "a b c d", id="white space"),
        pytest.param("❤️ 👩‍🚒", "❤ 👩🚒", id="emoji without their joints"),
    ],
)
def test_a_post_is_read_as_a_person_sees_it(given: str, read: str) -> None:
    assert readable(given) == read


@given(st.text())
def test_what_was_read_reads_alike(text: str) -> None:
    once = readable(text)
    assert len(once) <= MOST
    assert once == once.strip()
    assert once.isprintable() or not once.isascii()


@pytest.mark.parametrize(
    "piece",
    ["<", "<a ", "&amp;", "<!--", "<script>", "@a.", "http://", "\\u0041", "\u200b", "a" * 9, "<b 'x\">"],
)
def test_a_hostile_post_takes_no_time(piece: str) -> None:
    began = time.thread_time()
    readable(piece * (1_000_000 // len(piece)))
    assert time.thread_time() - began < 0.5
