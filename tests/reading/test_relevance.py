"""What a team teaches of what its watch is about, on ten brands that are words of every day."""

from functools import cache

import numpy as np

from app.reading.glance import glance_of, toned
from app.reading.relevance import Example, Relevance, learn_relevance, set_aside
from tests.reading.ambiguous import BRANDS, Brand
from tests.reading.ambiguous_others import OTHERS

LABELS = 20  # of each kind
EVERY = (*BRANDS, *OTHERS)


@cache
def learnt(brand: Brand) -> Relevance:
    """Learnt from forty labels, beside what the watch has stored, which nobody labelled."""
    labels = [
        Example(text=text, about=kind == "about")
        for kind in ("about", "noise")
        for text in brand.posts(kind, LABELS, seed=1, part=0)
    ]
    stored = [text for kind in ("about", "noise") for text in brand.posts(kind, 250, seed=2)]
    found = learn_relevance(labels, stored)
    assert found is not None
    return found


def apart(brand: Brand, texts: list[str], *, wary: bool = False) -> float:
    """The part of the posts that is set aside."""
    read = toned(texts, [None] * len(texts))
    return float(set_aside(learnt(brand), read.texts, glance_of(read).harm, wary=wary).mean())


def test_most_noise_is_set_aside_what_is_about_the_brand_hardly_and_nothing_of_a_fire() -> None:
    noise = {brand.name: apart(brand, brand.posts("noise", 120, seed=3, part=1)) for brand in EVERY}
    about = {brand.name: apart(brand, brand.posts("about", 120, seed=3, part=1)) for brand in EVERY}
    assert min(noise.values()) >= 0.7, noise
    assert np.mean(list(noise.values())) >= 0.85, noise
    assert max(about.values()) <= 0.02, about
    assert np.mean(list(about.values())) <= 0.005, about
    assert {brand.name: apart(brand, brand.posts("fire", 80, seed=4)) for brand in EVERY} == dict.fromkeys(
        noise, 0.0
    )


def test_a_post_of_which_few_words_are_known_and_speak_for_both_counts() -> None:
    pomelo = BRANDS[0]
    assert apart(pomelo, ["Pomelo"]) == 0.0
    assert apart(pomelo, ["Pomelo juice with my mobile plan from the store"]) == 0.0
    assert apart(pomelo, ["Fresh pomelo juice with breakfast"]) == 1.0


def test_the_same_labels_teach_the_same_in_whatever_order() -> None:
    labels = [
        Example(text=text, about=kind == "about")
        for kind in ("about", "noise")
        for text in BRANDS[1].posts(kind, LABELS, seed=1, part=0)
    ]
    assert learn_relevance(labels, []) == learn_relevance(labels[::-1], [])
    assert learn_relevance(labels[1:], []) is None, "too few of one kind measure nothing"
