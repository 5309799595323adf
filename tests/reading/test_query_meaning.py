"""What each part of the query language means for a post."""

import pytest

from app.reading.matching import Heard, Matcher
from app.reading.query import parse


def is_mention(query: str, text: str = "", **said: object) -> bool:
    given = {"title": "", **said}
    return Matcher([parse(query)]).matches(Heard(text=text, **given)) == [0]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("query", "yes", "no"),
    [
        ("Orange AND (réseau OR fibre)", ["orange, la fibre", "plus de RESEAU Orange"], ["orange", "fibre"]),
        ("Orange ET réseau SAUF jus", ["Orange réseau"], ["Orange réseau jus", "Orange"]),
        ("Orange NOT (jus OR fruit)", ["Orange"], ["Orange jus", "fruit Orange"]),
        ("NOT Orange", ["rien"], ["Orange"]),
        ("a1 OR b1 AND c1", ["a1", "b1 c1"], ["b1", "c1"]),
        ("=Orange", ["Panne chez Orange", "ORANGE? Orange!"], ["jus d'orange", "ORANGE", "oranges"]),
        ("=SFR", ["SFR"], ["sfr", "Sfr"]),
        ('="Orange Bank"', ["Orange Bank", "Orange-Bank"], ["orange bank", "Orange bank"]),
        ("Vélin*", ["Vélinor", "velin", "VELINORIEN"], ["evelin", "vel"]),
        ("#stop*", ["#stopvelinor", "#Stop"], ["stop", "stopvelinor"]),
        ('"rappel* produit*"', ["rappels produits", "rappel produit"], ["rappel des produits"]),
        ("Free~", ["les Frees"], ["freedom"]),
        ("Orange NEAR/2 panne", ["Orange : une grosse panne"], ["Orange et la très longue panne"]),
        ("Orange NEAR/0 panne", ["panne Orange", "Orange-panne"], ["panne chez Orange"]),
        (
            "Orange NEAR/5 (réseau OR fibre OR box)",
            ["ma box Orange", "Orange a coupé ma fibre"],
            ["Orange. " + "mot " * 9 + "fibre", "jus d'orange"],
        ),
        ("ベリノール NEAR/3 回収", ["ベリノールの回収"], ["ベリノール" + "の" * 20 + "回収"]),
    ],
)  # fmt: skip
def test_operators(query: str, yes: list[str], no: list[str]) -> None:
    assert [text for text in yes if not is_mention(query, text)] == []
    assert [text for text in no if is_mention(query, text)] == []


@pytest.mark.parametrize(
    ("query", "yes", "no"),
    [
        (
            'Vélinor -"rue Vélinor"',
            ["Scandale chez Vélinor, manifestation rue Vélinor", "Vélinor; la rue Vélinor"],
            ["Accident rue Vélinor ce matin", "RUE-VELINOR", "#RueVelinor"],
        ),
        ('"iPhone 6S" -"iPhone 6S Plus"', ["L'iPhone 6S, pas le iPhone 6S Plus"], ["iPhone 6S Plus"]),
        ('Orange AND fibre -"rue Orange"', ["Orange, rue Orange, fibre"], ["rue Orange, fibre"]),
        ('Orange -"carte bancaire"', ["Orange"], ["Orange, carte bancaire"]),
        ("Orange -jus", ["Orange"], ["jus d'orange"]),
        ('Orange* -"orange amère"', ["Oranger, orange amère"], ["orange amère"]),
        ('(Orange OR Free) -"free jazz"', ["Free, le free jazz", "Orange"], ["du free jazz"]),
        ('Orange NEAR/3 panne -"orange mécanique"', ["panne Orange"], ["panne orange mécanique"]),
        ("any of: Vélinor; none of: rue Vélinor, jus", ["Vélinor, rue Vélinor"], ["Vélinor jus"]),
        ('Orange NOT "rue Orange"', ["Orange"], ["Orange, rue Orange"]),
    ],
)  # fmt: skip
def test_a_phrase_that_is_left_out_hides_the_phrase_and_not_the_post(
    query: str, yes: list[str], no: list[str]
) -> None:
    assert [text for text in yes if not is_mention(query, text)] == []
    assert [text for text in no if is_mention(query, text)] == []


@pytest.mark.parametrize(
    ("query", "yes", "no"),
    [
        ("x author:velinor", {"author": "@Velinor"}, {"author": "velinorfan"}),
        ("x author:velinor", {"author": "velinor@social.example"}, {"author": None}),
        ("x author:velin*", {"author": "velinor"}, {"author": "evelin"}),
        ('x author:"Jean Martin"', {"author": "jean martin"}, {"author": "jean"}),
        ("x -author:velinor", {"author": "jean"}, {"author": "Vélinor"}),
        ("x site:lemonde.fr", {"url": "https://www.lemonde.fr/a"}, {"url": "https://pas-lemonde.fr/a"}),
        ("x site:lemonde.fr", {"url": "http://blog.lemonde.fr"}, {"url": "https://lemonde.fr.evil.example/"}),
        ("x site:a.fr/forum", {"url": "https://a.fr/forum/3"}, {"url": "https://a.fr/forums"}),
        ("x -site:velinor.com", {"url": "https://a.fr"}, {"url": "https://shop.velinor.com/x"}),
        ("x url:rappel", {"url": "https://a.fr/rappel-lots"}, {"url": "https://a.fr/x"}),
        (
            "x url:social.example/@a",
            {"url": "https://social.example/@a/1"},
            {"url": "https://social.example/@b"},
        ),
        ("x lang:fr", {"lang": "fr-CA"}, {"lang": "en"}),
        ("x lang:fr", {"lang": None}, {"lang": "de"}),
        ("x lang:fr", {"lang": "fra"}, {"lang": "fry"}),
        ("x lang:fi", {"lang": "und"}, {"lang": "fil"}),
        ("x NOT lang:fr", {"lang": None}, {"lang": "fr"}),
        ("x -lang:fr", {"lang": "en"}, {"lang": "fr"}),
        ("x source:mastodon", {"source": ("Fil", "mastodon")}, {"source": ("Fil", "rss")}),
        ("x source:fi*", {"source": ("Fil", "rss")}, {"source": ("Le Fil", "rss")}),
        ("title:rappel x", {"title": "Rappel de lots"}, {"title": "lots"}),
        ("x likes>10", {"likes": 11}, {"likes": 10}),
        ("x likes>=10", {"likes": 10}, {"likes": None}),
        ("x reach>5k", {"reach": 5001}, {"reach": 5000}),
        ("x followers<100", {"followers": 5}, {"followers": 100}),
        ("x engagement>=3", {"likes": 1, "replies": 2}, {"likes": 1}),
        ("x shares=0", {"shares": 0}, {"shares": 1}),
    ],
)
def test_fields(query: str, yes: dict[str, object], no: dict[str, object]) -> None:
    assert is_mention(query, "x", **yes)
    assert not is_mention(query, "x", **no)
    assert not is_mention(query, "", **yes), "the word is asked for as well"


def test_a_title_is_no_text_and_a_length_is_that_of_both() -> None:
    assert not is_mention("title:rappel", "rappel")
    assert is_mention("title:(rappel OR retrait) AND Vélinor", "Vélinor", title="Retrait")
    assert is_mention("x length>=3", "x y")
    assert not is_mention("x length>3", "x y")


def test_queries_of_many_watches_are_asked_at_once() -> None:
    queries = ["Orange", "Orange AND fibre", "lang:fr", "", "fibre -Orange", "Orange OR author:jean"]
    matcher = Matcher([parse(query) for query in queries])
    assert matcher.matches(Heard("", "Orange", lang="en")) == [0, 3, 5]
    assert matcher.matches(Heard("", "la fibre", lang="fr", author="jean")) == [2, 3, 4, 5]
    assert matcher.matches(Heard("", "Orange fibre", lang="fr")) == [0, 1, 2, 3, 5]


def test_a_post_that_says_a_word_thousands_of_times_is_read_as_any_other() -> None:
    often = "orange " * 4000 + "mot " * 9 + "panne " * 4000
    assert not is_mention("orange NEAR/8 panne", often)
    assert is_mention("orange NEAR/9 panne", often)
    assert not is_mention('orange -"rue orange"', "rue orange, " * 4000)
    assert is_mention('orange -"rue orange"', "rue orange, " * 4000 + "orange")
