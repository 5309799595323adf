"""What people mean who write of brands: irony, idioms, negation and emoji, in five sets of sentences.

What tells praise that is meant was fitted on four of them; the fifth was written afterwards, and of how well
others are read it tells most. It is a floor and no aim.
"""

from functools import cache
from pathlib import Path

import pytest

from app.reading.folding import fold
from app.reading.irony import Praise, believed, names, signs
from app.reading.language import language
from app.reading.lexicon import tokens
from app.reading.negativity import CLASSES, heard, judge
from app.reading.readable import readable

HERE = Path(__file__).parent / "meant"


@cache
def sentences(half: str) -> list[tuple[str, str, str, str]]:
    """(language, kind, tone that is meant: negative or other, what it is heard as)."""
    lines = (HERE / f"{half}.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines]
    texts = [readable(row[3]) for row in rows]
    heard = judge(texts, [language(text, row[0]) for text, row in zip(texts, rows, strict=True)])
    classes = [CLASSES[int(at)] for at in heard.argmax(axis=1)]
    return [(row[0], row[1], row[2], found) for row, found in zip(rows, classes, strict=True)]


@pytest.mark.parametrize(
    ("half", "least", "most_praise"),
    [("first", 88, 1), ("second", 60, 3), ("third", 118, 11), ("fourth", 66, 20), ("fifth", 42, 8)],
)
def test_most_of_them_are_heard_as_they_are_meant(half: str, least: int, most_praise: int) -> None:
    said = sentences(half)
    right = sum((found == "negative") == (tone == "negative") for _, _, tone, found in said)
    praise = sum(kind == "irony" and found == "positive" for _, kind, _, found in said)
    assert right >= least, right
    assert praise <= most_praise, praise


@pytest.mark.parametrize(("half", "least"), [("third", 37), ("fourth", 22), ("fifth", 18)])
def test_praise_that_is_meant_stays_praise(half: str, least: int) -> None:
    praise = [found for _, kind, _, found in sentences(half) if kind == "praise"]
    assert praise.count("positive") >= least, praise.count("positive")


@pytest.mark.parametrize("half", ["first", "second"])
def test_plain_praise_and_plain_news_are_no_blame(half: str) -> None:
    plain = [found for _, kind, _, found in sentences(half) if kind == "plain"]
    assert plain.count("negative") <= 1


@pytest.mark.parametrize(
    "text",
    [
        "Bravo, encore une panne, trois heures dans le noir",
        "Merci pour les 40 minutes d'attente au téléphone",
        "Great, logged me out again, thanks a lot",
        "love how the chatbot sends me the same reply",
        "clap clap, on me débite deux fois",
    ],
)
def test_praise_beside_what_went_wrong_is_not_meant(text: str) -> None:
    assert read(text) == "blame"


@pytest.mark.parametrize(
    "text",
    [
        "Merci à toute l'équipe, colis reçu en 2 jours",
        "Bravo pour la réparation, la panne est réglée en une heure",
        "Merci pour votre réactivité",
        "thanks for the quick fix after 3 hours",
        "Thanks for replacing my broken kettle free of charge",
        "Love it, the third one I bought in ten years",
        "Super concert hier soir",
        "Great, no delays and no hidden fees, lovely staff",
        "",
    ],
)
def test_praise_of_what_was_mended_is_meant(text: str) -> None:
    assert read(text) in {"meant", "open"}


def test_each_sign_has_a_weight_and_a_post_a_number_for_each() -> None:
    assert len(signs(["merci"], 0.0, 2.0)) == len(names()) == len(set(names()))


def read(text: str) -> Praise:
    words = tokens(fold(text))
    return believed(words, *heard(words, language(text, None) or "fr"))


def test_an_apostrophe_parts_words_and_hides_none() -> None:
    assert tokens(fold("I can’t stand n'importe quoi")) == ["i", "can", "t", "stand", "n", "importe", "quoi"]
    assert tokens(":'( d-:")[0] == ":'("
