"""Words of a launch and words of harm."""

import pytest

from app.reading.occasions import MOST_TOKENS, occasions


def found(text: str) -> tuple[bool, bool]:
    launch, harm = occasions([text])[0]
    return bool(launch), bool(harm)


@pytest.mark.parametrize(
    ("text", "launch", "harm"),
    [
        ("The firm unveils its new phone", True, False),
        ("Everything announced at the keynote", True, False),
        ("La marque lance une nouvelle gamme", True, False),
        ("Jeu-concours : un an de yaourts à gagner", True, False),
        ("Yoghurts recalled after salmonella", False, True),
        ("Rappel de lots : intoxications dans une crèche", False, True),
        ("Les clients appellent au boycott", False, True),
        ("I had one for breakfast", False, False),
        ("", False, False),
        ("🔥🔥🔥", False, False),
        ("Launch event cancelled after an outage", True, True),
    ],
)
def test_words_tell_the_occasion(text: str, launch: bool, harm: bool) -> None:
    assert found(text) == (launch, harm)


def test_accents_and_case_make_no_difference() -> None:
    assert found("RAPPEL") == found("rappel") == (False, True)
    assert found("dévoile") == found("DEVOILE") == (True, False)


def test_the_beginning_of_a_long_post_tells_what_it_is_about() -> None:
    assert found("word " * MOST_TOKENS + "scandal") == (False, False)
    assert found("scandal " + "word " * 10_000) == (False, True)
