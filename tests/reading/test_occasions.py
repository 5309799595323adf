"""Words of a launch, of harm and of a feast."""

import pytest

from app.reading.occasions import MOST_TOKENS, occasions


def found(text: str) -> tuple[bool, bool]:
    launch, harm, _ = occasions([text])[0]
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


def test_a_feast_is_what_people_gather_for_in_both_languages_and_mockery_is_none() -> None:
    for text, feast in (
        ("They beat the champions on penalties in the cup final", True),
        ("Qualifiés en demi-finale après les tirs au but", True),
        ("Fireworks and a parade for the jubilee", True),
        ("Une recette de Noël au yaourt", True),
        ("The best deals of the day", True),
        ("C'est une blague ? Trois semaines sans réponse", False),
        ("What a joke of a company", False),
        ("The final straw: they lost my parcel again", False),
        ("La cour tranche enfin", False),
        ("", False),
    ):
        assert bool(occasions([text])[0, 2]) is feast, text
