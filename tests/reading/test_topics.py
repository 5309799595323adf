"""What an excess is about."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from app.reading.topics import DatedText, topics
from benchmarks.reading.topics import window

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
USUAL = [
    f"Vélinor {what} {k}" for k in range(10) for what in ("très bon", "en promo", "rayon vide", "à la fraise")
]
RECALL = (
    "Rappel des yaourts Vélinor dans les magasins", "le rappel des yaourts ne concerne que le lot breton",
    "Ma fille est malade, rappel des yaourts enfin", "rappel des yaourts : le magasin refuse de reprendre",
    "toujours rien dans mon magasin sur le rappel des yaourts",
)  # fmt: skip
STRIKE = (
    "Grève à l'usine de Rennes", "L'usine de Rennes en grève, le syndicat appelle au soutien",
    "le syndicat de l'usine de Rennes dénonce la direction", "grève : le syndicat bloque l'usine",
)  # fmt: skip


def said(texts: list[str], *, minutes: float = 1.0) -> list[DatedText]:
    return [DatedText(text, AT + timedelta(minutes=minutes * k)) for k, text in enumerate(texts)]


def two_things() -> list[DatedText]:
    rng = random.Random(3)
    texts = [f"{rng.choice(RECALL)} {rng.choice(('!', '…', '', '#velinor'))}{' ' * k}" for k in range(30)]
    texts += [f"{rng.choice(STRIKE)} {rng.choice(('!', '…', ''))}{' ' * k}" for k in range(15)]
    rng.shuffle(texts)
    return said(texts)


def test_topics_are_named_as_people_write_and_the_largest_comes_first() -> None:
    first, second = topics(two_things(), USUAL, leave_out=["Vélinor"])
    assert first.words[0] == "rappel des yaourts"
    assert "usine de Rennes" in second.words
    assert (round(first.share, 2), round(second.share, 2)) == (0.67, 0.33)


def test_each_post_is_of_the_topic_that_it_speaks_of() -> None:
    now = two_things()
    first, second = topics(now, USUAL, leave_out=["Vélinor"])
    assert all(now[i].text.startswith(STRIKE) for i in second.posts)
    assert not set(first.posts) & set(second.posts)


def test_a_number_names_a_topic_with_its_word_only() -> None:
    rest = (
        "sent mauvais",
        "jeté ce matin",
        "vu en rayon",
        "encore en vente",
        "dans mon frigo",
        "chez ma mère",
    )
    texts = [f"{one}, le lot 4417 {two}" for one in rest for two in rest]
    names = [word for topic in topics(said(texts), USUAL, leave_out=["Vélinor"]) for word in topic.words]
    assert "lot 4417" in " ".join(names)
    assert "4417" not in names


def test_what_the_watch_looks_for_names_no_topic() -> None:
    names = {word for topic in topics(two_things(), [], leave_out=["Vélinor"]) for word in topic.words}
    assert names
    assert not any("vélinor" in name.lower() for name in names)


def test_what_is_usual_is_no_topic() -> None:
    assert topics(said(USUAL[:30]), USUAL, leave_out=["Vélinor"]) == ()


def test_a_topic_that_comes_up_late_grows_and_one_that_is_over_falls() -> None:
    now = said(
        [
            *(f"{RECALL[k % 5]} {'.' * k}" for k in range(20)),
            *(f"{STRIKE[k % 4]} {'.' * k}" for k in range(20)),
        ]
    )
    slopes = {topic.words[0]: topic.slope for topic in topics(now, USUAL, leave_out=["Vélinor"])}
    assert slopes["rappel des yaourts"] < -1
    assert max(slopes.values()) > 1


def test_a_copy_counts_for_the_share_and_not_for_the_name() -> None:
    texts = [*(f"{text} {k}" for k, text in enumerate(RECALL * 3)), *["un concours chez le boulanger"] * 200]
    found_topics = topics(said(texts), USUAL, leave_out=["Vélinor"])
    assert [topic.words[0] for topic in found_topics] == ["rappel des yaourts"]
    assert found_topics[0].share < 0.1


def test_few_posts_have_no_topics() -> None:
    assert topics([], USUAL) == ()
    assert topics(said(list(RECALL)), USUAL) == ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "😱😱😱",
        "\ud800\ud801 x",
        "a" * 10_000,
        "@x @y https://a.example",
        "\u202eبيان\u202c عاجل",
        "' ' '",
        "2026 10 000",
    ],
    ids=[
        "empty",
        "emoji",
        "half characters",
        "long",
        "names and links",
        "right to left",
        "quotes",
        "numbers",
    ],
)
def test_hostile_text_breaks_nothing(text: str) -> None:
    now = said([f"{text} {k}" for k in range(20)] + [f"{one} {k}" for k, one in enumerate(RECALL * 4)])
    assert topics(now, USUAL, leave_out=["Vélinor"])


def test_the_same_posts_have_the_same_topics() -> None:
    assert topics(two_things(), USUAL) == topics(two_things(), USUAL)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_what_is_said_in_four_fires_at_once_is_told_apart(language: str) -> None:
    now, labels, usual = window(language, 400, random.Random(77))
    found_topics = topics(now, usual, leave_out=["Vélinor"])
    assert len(found_topics) >= 3
    for topic in found_topics:
        of = [labels[i] for i in topic.posts]
        assert max(of.count(label) for label in set(of)) >= 0.9 * len(of)


def test_of_very_many_some_are_read() -> None:
    now, _, usual = window("fr", 20_000, random.Random(78))
    found_topics = topics(now, usual, leave_out=["Vélinor"])
    assert 0.6 < sum(topic.share for topic in found_topics) <= 1.0
    assert max(i for topic in found_topics for i in topic.posts) > 19_000
