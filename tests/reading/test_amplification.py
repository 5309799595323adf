"""What is repeated, and by whom."""

import random
from datetime import UTC, datetime, timedelta

from app.reading.amplification import AuthoredText, amplified

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
RECALL = "le lot 4417 des yaourts est en cause, faites tourner"
WORDS = (
    "lait",
    "pot",
    "prix",
    "goût",
    "rayon",
    "dessert",
    "matin",
    "crèche",
    "livraison",
    "promo",
    "magasin",
)


def told(minute: float, author: str, text: str = RECALL, url: str | None = None) -> AuthoredText:
    return AuthoredText(author, AT + timedelta(minutes=minute), text, url)


def crowd(n: int, seed: int = 1) -> list[AuthoredText]:
    rng = random.Random(seed)
    return [told(k, f"@c{k}", " ".join(rng.sample(WORDS, 7)) + f" {k}") for k in range(n)]


def test_posts_of_a_crowd_are_organic() -> None:
    amplification = amplified(crowd(40))
    assert amplification.organic.all()
    assert amplification.patterns == ()


def test_a_hundred_accounts_within_minutes_are_a_burst() -> None:
    amplification = amplified([*crowd(20), *(told(k / 20, f"@bot{k}") for k in range(100))])
    assert amplification.organic.sum() == 21
    assert (amplification.patterns[0].kind, amplification.patterns[0].accounts) == ("burst", 100)
    assert amplification.patterns[0].seconds <= 600


def test_what_is_passed_on_over_hours_is_a_relay() -> None:
    amplification = amplified([told(k * 30, f"@u{k}", f"RT @a: {RECALL}") for k in range(12)])
    assert [pattern.kind for pattern in amplification.patterns] == ["relay"]
    assert amplification.organic.sum() == 1


def test_one_text_in_several_outlets_is_syndication_and_each_is_organic() -> None:
    outlets = [told(k, "", f"{RECALL} - Journal {k}", f"https://journal{k}.example/a") for k in range(6)]
    amplification = amplified(outlets)
    assert [pattern.kind for pattern in amplification.patterns] == ["syndication"]
    assert amplification.organic.all()


def test_one_account_that_posts_and_posts_is_a_flood() -> None:
    mine = [told(k, "@troll", f"{post.text} encore") for k, post in enumerate(crowd(30, seed=2))]
    amplification = amplified([*crowd(20), *mine])
    assert amplification.patterns[0].kind == "flood"
    assert amplification.organic.sum() == 21


def test_two_accounts_that_repeat_the_same_texts_are_a_pair() -> None:
    texts = [post.text for post in crowd(4, seed=3)]
    posts = [
        told(60 * k + j, who, text) for k, text in enumerate(texts) for j, who in enumerate(("@a", "@b"))
    ]
    amplification = amplified([*crowd(30), *posts])
    assert "pair" in {pattern.kind for pattern in amplification.patterns}


def test_thanks_are_no_copies_of_each_other() -> None:
    assert amplified([told(k, f"@u{k}", "Merci beaucoup !") for k in range(30)]).organic.all()


def test_the_order_of_an_archive_makes_no_difference() -> None:
    posts = [*crowd(20), *(told(k / 20, f"@bot{k}") for k in range(50))]
    shuffled = posts[:]
    random.Random(4).shuffle(shuffled)
    assert amplified(shuffled).share == amplified(posts).share
    assert [p.kind for p in amplified(shuffled).patterns] == [p.kind for p in amplified(posts).patterns]


def test_a_crowd_repeated_tenfold_by_one_account_is_called_a_flood() -> None:
    posts = crowd(30)
    again = [told(k + 0.1 * n, "@echo", post.text) for k, post in enumerate(posts) for n in range(1, 11)]
    amplification = amplified([*posts, *again])
    assert amplification.share > 0.85
    assert "flood" in {pattern.kind for pattern in amplification.patterns}


def test_nothing_said_is_nothing_repeated() -> None:
    assert amplified([]).share == 0.0
