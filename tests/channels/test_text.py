import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.channels.text import clean, cut, isolate, line, link

FAMILY = "👩‍👩‍👧‍👦"


@pytest.mark.parametrize(
    ("hostile", "left"),
    [
        ("a\u202eb\u2066c\u2069", "abc"),  # overrides and isolates
        ("a\u200b\u200c\u200d\u200bb", "ab"),  # a run of zero-width characters
        ("می\u200cخواهم", "می\u200cخواهم"),  # one that Persian needs
        (FAMILY, FAMILY),
        ("\x1b]8;;http://x\x07y\x1b[2J", "]8;;http://xy[2J"),
        ("a\r\nb\n \n\n\n\nc", "a\nb\n\nc"),
        ("z" + "\u0301" * 40, "z" + "\u0301" * 4),
        ("a\ud800b\x00c", "abc"),
        ("a\U000e0041\U000e0042b", "ab"),  # tags
    ],
)
def test_what_plays_with_the_screen_goes_and_scripts_stay(hostile: str, left: str) -> None:
    assert clean(hostile) == left


@given(st.text(max_size=200), st.integers(1, 60))
def test_a_cut_keeps_its_limit_and_its_beginning(text: str, limit: int) -> None:
    short = cut(text, limit)
    assert len(short) <= limit
    assert short == text or text.startswith(short.removesuffix("…"))


@given(st.text(max_size=300))
def test_cleaning_twice_changes_nothing_and_the_result_can_be_sent(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    once.encode()
    assert "\n" not in line(text)


@pytest.mark.parametrize("limit", range(1, 9))
def test_no_emoji_is_cut_in_two(limit: int) -> None:
    assert cut(f"{FAMILY} {FAMILY}", limit).removesuffix("…") in {"", FAMILY, f"{FAMILY} "}
    assert cut("🇫🇷🇫🇷 allez", limit).removesuffix("…").count("🇫") * 2 <= limit


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://xn--example-9ua.com", "xn--example-9ua.com"),
        ("https://еxample.com/a", "xn--xample-2of.com"),  # a Cyrillic letter
        ("HTTPS://Example.com", None),
        ("javascript:alert(1)", None),
        ("https://", None),
        ("http://[::1", None),
        ("https://a.example/" + "x" * 3000, None),
        (None, None),
    ],
)
def test_a_link_shows_where_it_leads_or_is_none(url: str | None, shown: str | None) -> None:
    there = link(url)
    assert (there[1] if there else None) == shown


def test_only_text_from_right_to_left_is_fenced_in() -> None:
    assert isolate("Nimbus") == "Nimbus"
    assert isolate("نيمبوس") == "\u2068نيمبوس\u2069"
