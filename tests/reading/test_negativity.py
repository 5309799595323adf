"""Whether a post is negative, neutral or positive."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.reading.lexicon import lexicon
from app.reading.negativity import CLASSES, judge
from app.reading.readable import readable


def _class(text: str, language: str) -> str:
    return CLASSES[int(judge([readable(text)], [language])[0].argmax())]


@pytest.mark.parametrize(
    ("language", "text", "heard"),
    [
        ("en", "Your app crashed again and nobody answers, I want my money back", "negative"),
        ("en", "not happy with this bank at all", "negative"),
        ("en", "the new store is not good", "negative"),
        ("en", "worst customer service EVER 😡", "negative"),
        ("en", "Thanks for nothing, @brand", "negative"),
        ("en", "Sooooo bad :(", "negative"),
        ("en", "I love this, thank you so much!", "positive"),
        ("en", "Great service, friendly staff ❤️", "positive"),
        ("en", "The shop opens at nine on Tuesday", "neutral"),
        ("en", "Quarterly results will be published on 4 May https://a.example/x", "neutral"),
        ("fr", "Toujours aucune réponse du service client, c'est une honte", "negative"),
        ("fr", "J'aime pas du tout la nouvelle appli", "negative"),
        ("fr", "L’application ne marche plus depuis hier", "negative"),
        ("fr", "Merci pour rien @marque", "negative"),
        ("fr", "Arnaque totale, fuyez", "negative"),
        ("fr", "Une usine pollue la rivière, la direction accusée de mensonge", "negative"),
        ("fr", "Bravo à toute l'équipe, j'adore ! 👏", "positive"),
        ("fr", "Service rapide et efficace, je recommande", "positive"),
        ("fr", "Le magasin ouvre à neuf heures mardi", "neutral"),
        ("fr", "L'assemblée générale se tiendra le 4 mai à Lyon http", "neutral"),
    ],
)
def test_a_post_is_heard_as_it_is_meant(language: str, text: str, heard: str) -> None:
    assert _class(text, language) == heard


def test_case_and_accents_change_nothing() -> None:
    texts = ["Quelle DÉCEPTION, c’est honteux", "quelle deception, c'est honteux"]
    first, second = judge(texts, ["fr", "fr"])
    assert np.allclose(first, second)


def test_what_comes_after_but_weighs_more() -> None:
    bad_last, good_last = judge(["it is good but broken", "it is broken but good"], ["en", "en"])
    assert bad_last[0] > good_last[0]


def test_words_of_the_other_language_are_heard_too() -> None:
    assert _class("total scam", "fr") == "negative"


def test_no_posts_are_no_judgements() -> None:
    assert judge([], []).shape == (0, 3)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_lists_hold_strengths_within_their_bounds(language: str) -> None:
    known = lexicon(language)
    strengths = [
        *known._exact.values(),
        *known._stems.values(),
        *(strength for phrases in known.phrases.values() for _, strength in phrases),
    ]
    assert len(strengths) > 1_500
    assert all(abs(strength) in (0, 1, 2, 3, 4) for strength in strengths)


@given(st.lists(st.tuples(st.text(), st.sampled_from(["en", "fr", "de", None])), max_size=5))
def test_any_text_has_probabilities(posts: list[tuple[str, str | None]]) -> None:
    likely = judge([text for text, _ in posts], [language for _, language in posts])
    assert likely.shape == (len(posts), 3)
    assert np.isfinite(likely).all()
    assert np.allclose(likely.sum(axis=1), 1)
    assert (likely >= 0).all()


@pytest.mark.parametrize("piece", ["a", "a ", "!", ":-", "pas ", "can t ", "😡", "ooo", "ab" * 50_000 + " "])
def test_a_long_post_takes_no_time(piece: str) -> None:
    judge(["warm up"], ["en"])
    text = readable(piece * (1_000_000 // len(piece)))
    began = time.thread_time()
    judge([text], ["fr"])
    assert time.thread_time() - began < 0.5
