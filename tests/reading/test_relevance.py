"""What a team teaches of what its watch is about, on five brands that are words of every day."""

from functools import cache

import numpy as np
import pytest

from app.reading.glance import glance_of, toned
from app.reading.relevance import Example, Relevance, learn_relevance, set_aside
from tests.reading.ambiguous import BRANDS, Brand

LABELS = 20  # of each kind


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


def test_most_noise_is_set_aside_and_what_is_about_the_brand_is_not() -> None:
    noise = [apart(brand, brand.posts("noise", 200, seed=3, part=1)) for brand in BRANDS]
    about = [apart(brand, brand.posts("about", 200, seed=3, part=1)) for brand in BRANDS]
    assert np.mean(noise) >= 0.8, noise
    assert np.mean(about) <= 0.01, about


@pytest.mark.parametrize("brand", BRANDS, ids=lambda brand: brand.name)
def test_no_post_of_a_fire_is_set_aside(brand: Brand) -> None:
    assert apart(brand, brand.posts("fire", 150, seed=4)) == 0.0
