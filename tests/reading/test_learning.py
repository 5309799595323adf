"""What a team teaches of its own watch."""

import itertools
import random

import numpy as np
import pytest

from app.reading.learning import LEAST_LABELS, Learnt, Lesson, Tone, corrected, learn, of_verdict
from app.reading.negativity import judge


def _lessons(said: list[tuple[str, Tone]], weight: float = 1.0) -> list[Lesson]:
    likely = judge([text for text, _ in said], ["en"] * len(said))
    return [
        Lesson(text=text, likely=(float(a), float(b), float(c)), tone=tone, weight=weight)
        for (text, tone), (a, b, c) in zip(said, likely, strict=True)
    ]


def _team(tones: bool = True) -> list[tuple[str, Tone]]:
    """A brewery: "flat" is a complaint there, "sour" a style that they like."""
    kinds = ("lager", "stout", "ale", "cider", "pilsner", "porter")
    places = ("at the station", "in Lyon", "from the shop", "on Monday", "with lunch", "again")
    said: list[tuple[str, Tone]] = []
    for kind, place in itertools.product(kinds, places):
        said.append((f"the {kind} {place} was flat", "negative"))
        said.append((f"had a sour {kind} {place}", "positive"))
        said.append((f"{kind} is sold {place}", "neutral"))
    if not tones:
        draw = random.Random(4)
        shuffled = [tone for _, tone in said]
        draw.shuffle(shuffled)
        said = [(text, tone) for (text, _), tone in zip(said, shuffled, strict=True)]
    return said


def test_what_the_team_says_is_learnt_and_its_gain_is_known() -> None:
    learnt = learn(_lessons(_team()))
    assert learnt is not None
    assert learnt.better
    assert learnt.after > learnt.before + 0.3
    assert "flat" in learnt.telling("negative", 3)
    text = "my porter came flat"
    default = judge([text], ["en"])
    assert corrected(learnt, [text], default)[0, 0] > 2 * default[0, 0]


def test_labels_without_sense_are_not_used() -> None:
    learnt = learn(_lessons(_team(tones=False)))
    assert learnt is not None
    assert not learnt.better


def test_few_labels_teach_nothing() -> None:
    assert learn(_lessons(_team()[: LEAST_LABELS - 1])) is None


def test_copies_of_one_post_measure_nothing() -> None:
    assert learn(_lessons([("the lager was flat", "negative")] * 100)) is None


def test_verdicts_alone_measure_nothing_and_weigh_little() -> None:
    weak = _lessons(_team(), weight=0.2)
    assert learn(weak) is None


def test_a_fire_has_negative_posts_and_a_false_alarm_neutral_ones_but_praise_stays() -> None:
    posts = [("flat", (0.2, 0.6, 0.2)), ("great", (0.1, 0.1, 0.8))]
    assert [lesson.tone for lesson in of_verdict("fire", posts)] == ["negative"]
    assert [lesson.tone for lesson in of_verdict("false_alarm", posts)] == ["neutral"]


def test_it_is_the_same_in_any_order_and_survives_as_json() -> None:
    lessons = _lessons(_team())
    learnt = learn(lessons)
    assert learnt == learn(lessons[::-1])
    assert learnt is not None
    assert Learnt.model_validate_json(learnt.model_dump_json()) == learnt


def test_probabilities_stay_probabilities() -> None:
    learnt = learn(_lessons(_team()))
    assert learnt is not None
    texts = ["", "flat flat flat", "😡", "nothing known"]
    likely = corrected(learnt, texts, np.asarray([[1.0, 0, 0], [0, 1, 0], [0, 0, 1], [0.2, 0.3, 0.5]]))
    assert likely.sum(axis=1) == pytest.approx(1)
    assert np.isfinite(likely).all()
    assert corrected(learnt, [], np.zeros((0, 3))).shape == (0, 3)
