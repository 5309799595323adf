"""Names that sound like praise or blame say nothing of a post about them."""

import pytest

from app.reading.glance import toned
from app.reading.own_words import own_words, without


@pytest.mark.parametrize(
    ("terms", "name", "text", "negative"),
    [
        (["Bonne Maman", "#bonnemaman"], "Andros", "Bonne Maman rappelle dix lots de confiture moisie", True),
        (["Super U"], "Système U", "super u : la caisse est en panne, on attend", True),
        (["La Haine"], "La Haine", "La Haine repasse ce soir au cinéma du quartier", False),
        (["Best Western"], "Best Western", "Best Western Lyon, room 12, check-in at three", False),
    ],
)
def test_the_name_of_what_is_watched_has_no_tone(
    terms: list[str], name: str, text: str, negative: bool
) -> None:
    names = own_words(terms, name)
    assert names is not None
    heard = toned([without(names, text)], ["en" if "check-in" in text else "fr"])
    assert (heard.negative.tolist(), heard.positive.tolist()) == ([negative], [False])


def test_what_has_no_tone_and_what_is_no_name_stay() -> None:
    assert own_words(["Vélinor", "#BoycottVelinor", "scandale", "panne"], "Vélinor") is None
    assert own_words([], "Génial") is None
    names = own_words(["Free"], "Iliad")
    assert names is not None
    assert without(names, "Free, freedom and FREE!") == "@user, freedom and @user!"
