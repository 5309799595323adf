"""The language of a post."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.reading.language import by_words, language, spoken, tag


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("en", "en"),
        ("en-GB", "en"),
        ("FR_ca", "fr"),
        ("zh-Hant-TW", "zh"),
        ("fra", "fr"),
        ("iw", "he"),
        (" de ", "de"),
        ("und", None),
        ("zxx", None),
        ("qme", None),
        ("english", None),
        ("utf-8", None),
        ("xx", None),
        ("", None),
        ("fr; q=0.8", None),
        (None, None),
    ],
)
def test_a_tag_counts_if_it_names_a_language(given: str | None, code: str | None) -> None:
    assert tag(given) == code


def test_the_source_is_believed_where_the_text_does_not_plainly_say_otherwise() -> None:
    assert language("closed again, no reply since", "de-AT") == "de"
    assert language("the shop is closed and they do not answer the phone", "de-AT") == "en"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("L’appli ne marche plus depuis ce matin, et personne ne répond", "fr"),
        ("the app is down and nobody answers", "en"),
        ("La aplicación no funciona y nadie responde", "es"),
        ("Die App geht seit heute früh nicht und keiner antwortet", "de"),
        ("L'app non funziona più, ed è così dalla mattina per tutti", "it"),
        ("O aplicativo não funciona e ninguém responde para mim", "pt"),
        ("De app werkt niet en er is niemand die antwoordt", "nl"),
        ("app crashed", None),
        ("quelle honte", None),
        ("Магазин закрыт", None),
        ("今日は店が閉まっています", None),
        ("오늘 가게가 문을 닫았다", None),
        ("@lemonde https://the.example/and/the/of #the 12 € !!", None),
        ("", None),
        ("ok", None),
    ],
)
def test_a_post_without_a_tag_is_judged_by_its_commonest_words(text: str, code: str | None) -> None:
    assert language(text) == code


def test_few_common_words_decide_nothing() -> None:
    assert by_words("boycott total") is None
    assert by_words("un menu") is None


@given(st.text(), st.none() | st.text())
def test_any_text_and_any_tag_are_answered(text: str, given: str | None) -> None:
    code = language(text, given)
    assert code is None or 2 <= len(code) <= 3


def test_a_long_post_takes_no_time() -> None:
    language("warm up", None)
    began = time.thread_time()
    language("zq\u00e9" * 350_000)
    language("@a https://b " * 80_000)
    assert time.thread_time() - began < 0.5


@pytest.mark.parametrize(
    ("text", "given", "is_spoken"),
    [
        (
            "La marque retire ses pots de la vente et personne ne nous répond",
            "en",
            "fr",
        ),  # a phone set to English
        ("The maker takes the pots off the shelves and nobody answers", "fr", "en"),
        ("Rappel de lots, merci de ne pas les manger", "mul", "fr"),
        ("Velinor ay nagpapabalik ng mga yogurt ngayon", "fil", "fil"),
        ("Velinor ay nagpapabalik ng mga yogurt ngayon", None, None),
        ("Scandale Vélinor", "ro", None),  # two words: a source cannot know
        ("Vélinor lol", "ht", None),
        ("Vélinor rappelle encore ses produits", "fr-CA", "fr"),
        ("Vélinor rappelle encore ses produits", "fra", "fr"),
        ("Vélinor #rappel @lea https://a.example/the-a-an-of", "und", None),
        ("", "fr", None),
    ],
)
def test_a_tag_is_believed_unless_the_text_is_plainly_in_another_language(
    text: str, given: str | None, is_spoken: str | None
) -> None:
    assert spoken(text, given) == is_spoken
