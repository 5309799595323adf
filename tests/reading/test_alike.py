"""Near-duplicates: the same post in other clothes."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.reading.alike import groups
from benchmarks.reading.alike import measure

RECALL = "Yaourts Vélinor : le lot 4417 retiré de plusieurs magasins"


@pytest.mark.parametrize(
    "copy",
    [
        f"RT @anna: {RECALL} https://t.example/x",
        f"{RECALL} - Le Monde",
        f"URGENT | {RECALL}",
        f"incroyable !! {RECALL} #rappel 😱",
        RECALL.upper(),
        "Yaourts Vélinor : le lot 4417 retiré de pl…",
        "Yaourts Velinor: le lot 4417 retire de plusieurs magasins",
    ],
)
def test_a_copy_in_other_clothes_is_the_same(copy: str) -> None:
    assert groups([RECALL, copy]).tolist() == [0, 0]


@pytest.mark.parametrize(
    "other",
    [
        "Yaourts Vélinor : le lot 4418 retiré de plusieurs magasins",
        "Yaourts Vélinor : le lot 4417 n'est pas retiré des magasins",
        "J'ai goûté le nouveau skyr ce matin, pas mal du tout",
        "",
    ],
)
def test_another_number_or_a_denial_makes_another_post(other: str) -> None:
    assert groups([RECALL, other]).tolist() == [0, 1]


def test_what_was_cut_before_the_number_does_not_join_two_posts() -> None:
    texts = [
        "Incendie chez Armoral près de Lille, 13 blessés",
        "Incendie chez Armoral près de Lille, 20 blessés",
    ]
    first, second, cut = groups([*texts, "Incendie chez Armoral près de Li…"]).tolist()
    assert first != second
    assert cut in {first, second}


def test_an_article_through_three_feeds_is_one() -> None:
    texts = [
        "Le lot 4417 retiré des rayons de Lyon",
        "Lot 4417 : retiré des rayons à Lyon ce matin",
        "Tout autre chose",
    ]
    urls = ["https://www.lemonde.fr/a?utm_source=x", "http://lemonde.fr/a/", "https://lemonde.fr/b"]
    assert groups(texts, urls).tolist() == [0, 0, 1]


def test_the_order_of_posts_makes_no_difference() -> None:
    texts = [RECALL, f"{RECALL} | Info 24", "tout autre chose, vraiment", f"RT @x {RECALL}", "une honte"]
    found = groups(texts)
    order = list(range(len(texts)))
    random.Random(3).shuffle(order)
    again = groups([texts[i] for i in order])
    assert all((found[order[i]] == found[order[j]]) == (again[i] == again[j]) for i in order for j in order)


@given(st.lists(st.text(max_size=80), max_size=12))
def test_whatever_is_written_does_no_harm(said: list[str]) -> None:
    found = groups(said)
    assert len(found) == len(said)
    for i, text in enumerate(said):
        assert found[i] == found[said.index(text)]


def test_it_does_on_the_set_of_the_benchmark_what_is_wanted() -> None:
    found = measure(seed=5)
    assert found.relays >= 0.95
    assert found.headlines >= 0.95
    assert found.posts <= 0.01
