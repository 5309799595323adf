"""Which posts are mentions: by word, in any script, blind to case and accents."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.reading.folding import fold
from app.reading.matching import Heard, Matcher
from app.reading.query import Query, parse


def is_mention(query: str, text: str, *, title: str = "", url: str | None = None) -> bool:
    return Matcher([parse(query)]).matches(Heard(title, text, url)) == [0]


@pytest.mark.parametrize(
    ("term", "text"),
    [
        ("Danone", "DANONE!!"),
        ("Danone", "(danone)"),
        ("Oréal", "j'adore l'oreal"),
        ("L'Oréal", "L’ORÉAL rappelle"),
        ("cœur", "un grand coeur"),
        ("Straße", "STRASSE"),
        ("Les 2 Vaches", "les  2\nvaches"),
        ("#danone", "encore #Danone…"),
        ("danone", "encore #Danone…"),
        ("@danone", "merci @Danone."),
        ("資生堂", "株式会社資生堂の新製品"),
        ("Ναύπλιο", "ΝΑΎΠΛΙΟ"),
        ("العربية", "العَرَبِيَّة"),
        ("İstanbul", "istanbul"),
        ("🔥", "ça brûle 🔥🔥"),
        ("Dan\u200bone", "d\u200ba\u200bn\u200bone"),
        ("danone.com", "voir https://www.danone.com/rappel"),
        ("danone.com", "écrit danone.com, point"),
    ],
)
def test_it_is_a_mention(term: str, text: str) -> None:
    assert is_mention(f'any of: "{term}"', text)


@pytest.mark.parametrize(
    ("term", "text"),
    [
        ("Danone", "mydanone"),
        ("Danone", "danones"),
        ("#danone", "danone"),
        ("#danone", "#danonescandale"),
        ("@danone", "moi@danone_fr"),
        ("Danone", "https://example.com/danone/x"),
        ("danone.com", "https://mydanone.com"),
        ("danone.com", "https://danone.com.evil.net"),
        ("が", "か"),
    ],
)
def test_it_is_none(term: str, text: str) -> None:
    assert not is_mention(f'any of: "{term}"', text)


def test_a_domain_is_found_in_the_link_of_the_post_and_a_word_is_not() -> None:
    assert is_mention("any of: danone.com", "lisez", url="https://shop.danone.com/a")
    assert not is_mention("any of: danone", "lisez", url="https://shop.danone.com/a")


def test_a_term_does_not_reach_from_the_title_into_the_text() -> None:
    assert not is_mention('any of: "rappel danone"', "danone", title="rappel")


def test_all_of_none_of_and_every_post() -> None:
    queries = ["all of: danone, rappel", "any of: danone; none of: coupe", "", "none of: coupe"]
    matcher = Matcher([parse(q) for q in queries])
    assert matcher.matches(Heard("", "Danone : rappel de lots")) == [0, 1, 2, 3]
    assert matcher.matches(Heard("", "Danone, la coupe")) == [2]
    assert matcher.matches(Heard("", "rien")) == [2, 3]


def test_terms_that_are_one_when_folded_count_once() -> None:
    assert is_mention("all of: Café, CAFE", "un café")


@given(st.text(max_size=60), st.lists(st.sampled_from(["a", "b", "é", "#a", "a.fr", "資"]), max_size=4))
def test_any_text_can_be_matched(text: str, terms: list[str]) -> None:
    found = Matcher([Query(any_of=tuple(terms))]).matches(Heard(text, text, text))
    assert found in ([], [0])


@given(st.text(max_size=60))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)
