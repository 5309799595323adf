"""Tone by meaning."""

import json
from collections import Counter

import numpy as np
import numpy.typing as npt
import pytest

from app.reading import semantic
from app.reading.negativity import CLASSES
from app.reading.negativity import judge as by_words


def _far_end(texts: list[str]) -> npt.NDArray[np.float64]:
    """Embeddings that say nothing: those of the middle."""
    return np.tile(semantic._weights()[1], (len(texts), 1))


def test_sentences_that_mean_nothing_leave_the_default_about_as_it_is() -> None:
    default = np.asarray([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8]])
    joined = semantic.judge(["a", "b", "c"], default, _far_end)
    assert joined.sum(axis=1) == pytest.approx(1)
    assert (joined.argmax(axis=1) == [0, 1, 2]).all()


def test_no_posts_ask_nothing() -> None:
    assert semantic.judge([], np.zeros((0, 3)), _far_end).shape == (0, 3)


def test_our_sentences_have_each_tone_often_enough_and_none_twice() -> None:
    said = semantic.sentences()
    assert len({text for text, _ in said}) == len(said)
    assert min(Counter(tone for _, tone in said)[name] for name in CLASSES) >= 90


def test_the_weights_that_ship_have_the_shape_that_a_fit_gives() -> None:
    draw = np.random.default_rng(1)
    size = len(semantic._weights()[1])
    fitted = json.loads(semantic.fit(lambda texts: draw.normal(size=(len(texts), size))))
    assert np.asarray(fitted["weights"]).shape == semantic._weights()[0].shape


@pytest.mark.skipif(not semantic.installed(), reason="the extra `semantic` is not installed")
def test_a_complaint_without_a_bad_word_is_heard() -> None:
    texts = ["I have called nine times and they put the phone down", "neuf appels et on me raccroche au nez"]
    default = by_words(texts, ["en", "fr"])
    assert (semantic.judge(texts, default)[:, 0] > default[:, 0]).all()
