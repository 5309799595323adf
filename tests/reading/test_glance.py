"""What a post says at a first glance."""

from app.reading.glance import glance_of, toned


def test_each_post_is_read_in_its_language() -> None:
    texts = [
        "C'est une honte, plus jamais",
        "J'adore, c'est excellent",
        "This is terrible",
        "Great stuff, love it",
    ]
    seen = glance_of(toned(texts, ["fr", "fr", "en", "en"]))
    assert seen.negative.tolist() == [True, False, True, False]
    assert seen.positive.tolist() == [False, True, False, True]


def test_harm_outweighs_a_launch_in_one_post() -> None:
    seen = glance_of(toned(["Launch event cancelled after an outage", "Launch event tonight"], ["en", "en"]))
    assert (seen.harm.tolist(), seen.launch.tolist()) == ([True, False], [False, True])
    assert seen.parts == (1, 1, 0)


def test_no_tag_or_a_strange_one_is_no_hindrance() -> None:
    assert toned(["C'est une honte", "terrible service, awful"], [None, "xx-Unknown"]).negative.tolist() == [
        True,
        True,
    ]


def test_nothing_to_read_is_neutral() -> None:
    assert (
        toned(["", " ", "https://example.org", "\u202e\u200b"], [None] * 4).negative.tolist() == [False] * 4
    )
    assert glance_of(toned([], [])).parts == (0, 0, 0)
