"""Which of many posts may have much in common; and what makes two of two that do."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.pages import page
from app.reading.alike import groups
from app.reading.minhash import met, told_apart


def test_who_shares_most_words_meets_and_who_shares_none_does_not() -> None:
    rng = random.Random(1)
    posts = [rng.sample(range(10_000), 12) for _ in range(300)]
    near = [[*post[:11], 10_000 + i] for i, post in enumerate(posts)]
    said = [[str(word) for word in post] for post in posts + near]
    pairs = {(int(a), int(b)) for a, b in met(told_apart(said), 4)}
    assert sum((i, i + 300) in pairs for i in range(300)) >= 297
    assert len(pairs) < 400


@pytest.mark.parametrize("said", [[], [["a"]], [["a"] * 5], [[], ["a", "b", "c", "d"], []]])
def test_few_posts_meet_nobody(said: list[list[str]]) -> None:
    assert len(met(told_apart(said), 4)) == 0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("Vélinor va fermer les magasins dont celui de Lyon",
                     "Vélinor ne va pas fermer les magasins dont celui de Lyon", id="dont is no denial"),
        pytest.param("the app works again since the update this morning",
                     "the app doesn't work again since the update this morning", id="n't"),
        pytest.param("l'usine va fermer demain selon le syndicat",
                     "l'usine ne va plus fermer demain selon le syndicat", id="ne plus"),
        pytest.param("un blessé dans l'incendie de l'entrepôt ce matin",
                     "aucun blessé dans l'incendie de l'entrepôt ce matin", id="aucun"),
        pytest.param("two people died after eating it in the shop today",
                     "three people died after eating it in the shop today", id="numbers in words"),
        pytest.param("Vélinor denies recalling the yoghurts sold in Lyon",
                     "Vélinor confirms recalling the yoghurts sold in Lyon", id="denies"),
    ],
)  # fmt: skip
def test_a_denial_or_a_number_makes_another_post(one: str, other: str) -> None:
    assert groups([one, other]).tolist() == [0, 1]


def test_scripts_without_spaces_are_compared_too() -> None:
    text = "ヴェリノールのヨーグルトを食べて具合が悪くなりました"
    assert groups([text, f"{text}！！ 拡散希望", "ヴェリノールのヨーグルトはとても美味しい"]).tolist() == [
        0,
        0,
        1,
    ]


@given(st.text(st.sampled_from("/?#:@%&=. \t\nl.facebook.com/l.php?u=http\ud800é｡٣amp"), max_size=40))
def test_the_key_of_a_page_is_the_key_of_its_key(text: str) -> None:
    key = page(f"https://{text}")
    assert key is None or page(f"https://{key}") == key


@pytest.mark.parametrize(
    "url",
    [
        "https://www.google.fr/amp/s/www.lemonde.fr/A?b=1&c=2",
        "https://www-lemonde-fr.cdn.ampproject.org/c/s/www.lemonde.fr/A?b=1&c=2",
        "https://eur02.safelinks.protection.outlook.com/?url=https%3A%2F%2Flemonde.fr%2FA%3Fb=1%26c=2&data=x",
        "https://lemonde.fr./A/?c=2&b=1&ns_mchannel=rss&output=amp",
    ],
)
def test_copies_for_telephones_and_wrappers_lead_to_the_page(url: str) -> None:
    assert page(url) == "lemonde.fr/A?b=1&c=2"


def test_one_post_under_two_names_of_its_network_is_one() -> None:
    assert page("https://x.com/a/status/12?s=20&t=q") == page("https://twitter.com/a/status/12")
