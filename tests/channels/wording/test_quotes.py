"""A post in another language than the reader's: in which one it is, and what it is like."""

from app.channels.facts import Sample
from app.channels.wording.documents import quote_of
from app.channels.wording.words import Words
from tests.channels.factory import NOW, sample

FRENCH, ENGLISH = Words("fr", "Europe/Paris"), Words("en", "Europe/Paris")


def why(shown: Sample, words: Words) -> str:
    return quote_of(shown, words, seen_from=NOW).why


def test_it_says_so_to_who_reads_another_language_and_to_nobody_else() -> None:
    spanish = sample(spoken="es", says="negative")
    assert why(spanish, FRENCH).endswith(" · en espagnol, négatif")
    assert why(spanish, ENGLISH).endswith(" · in Spanish, negative")
    assert why(sample(spoken="fr", says="harm"), FRENCH) == why(sample(), FRENCH)
    assert why(sample(spoken="de", says="harm"), FRENCH).endswith(" · en allemand, parle d’un dommage")
    assert why(sample(spoken="de"), FRENCH).endswith(" · en allemand")


def test_what_nobody_knows_or_may_know_is_not_said() -> None:
    assert why(sample(says="negative"), FRENCH) == why(sample(), FRENCH), "its language is not plain"
    assert why(sample(spoken="zz"), FRENCH).endswith(" · en zz")
    gone = sample(spoken="es", says="harm", text="", title="", forgotten="request")
    assert "espagnol" not in why(gone, FRENCH)
