"""What is passed on, and what is pushed: the same volume, another meaning."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from app.reading.amplification import AuthoredText, amplified

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
CRY = "le lot 4417 des yaourts est en cause, faites tourner"
SAID = "lait pot prix goût rayon dessert matin crèche livraison promo magasin caisse sac bus quai"
WORDS = SAID.split()


def told(minute: float, author: str, text: str = CRY, url: str | None = None) -> AuthoredText:
    return AuthoredText(author, AT + timedelta(minutes=minute), text, url)


def archive(n: int = 40) -> list[AuthoredText]:
    rng = random.Random(7)
    return [told(20 * k, f"@c{k}", " ".join(rng.sample(WORDS, 7)) + f" {k}") for k in range(n)]


def test_what_thousands_pass_on_within_minutes_and_name_is_passed_on() -> None:
    amplification = amplified(
        [told(0, "@a"), *(told(k / 100, f"@u{k}", f"RT @a: {CRY}") for k in range(1, 900))]
    )
    assert [(p.kind, p.accounts) for p in amplification.patterns] == [("relay", 900)]
    assert not amplification.pushed.any()


def test_a_source_that_says_so_needs_no_word_of_it() -> None:
    posts = [replace(told(k / 100, f"@u{k}"), relays=k > 0) for k in range(500)]
    assert [p.kind for p in amplified(posts).patterns] == ["relay"]


def test_what_many_say_as_their_own_within_minutes_is_pushed() -> None:
    amplification = amplified([told(k / 20, f"@bot{k}") for k in range(100)])
    assert [(p.kind, p.accounts) for p in amplification.patterns] == [("burst", 100)]
    assert amplification.pushed.sum() == 99


def test_every_post_of_an_archive_repeated_by_a_hundred_accounts_is_a_ring_of_a_hundred() -> None:
    posts = archive()
    slowly = [replace(post, author=f"@bot{k}", at=post.at + timedelta(minutes=13 * k))
              for post in posts for k in range(1, 101)]  # fmt: skip
    amplification = amplified([*posts, *slowly])
    assert (amplification.patterns[0].kind, amplification.patterns[0].accounts) == ("ring", 100)
    assert amplification.pushed.mean() > 0.98
    assert not amplification.pushed[: len(posts)].any()


def test_an_archive_shuffled_in_time_is_not_pushed() -> None:
    posts = archive()
    times = [post.at for post in posts]
    random.Random(8).shuffle(times)
    assert not amplified([replace(post, at=at) for post, at in zip(posts, times, strict=True)]).pushed.any()


def test_an_archive_repeated_tenfold_by_one_account_is_pushed_but_for_what_was_there() -> None:
    posts = archive()
    again = [replace(post, author="@echo", at=post.at + timedelta(seconds=5 * k))
             for post in posts for k in range(1, 10)]  # fmt: skip
    amplification = amplified([*posts, *again])
    assert amplification.patterns[0].kind == "flood"
    assert not amplification.pushed[: len(posts)].any()
    assert amplification.pushed.sum() >= len(again) - 1


def test_people_who_pass_on_some_of_what_everybody_does_are_no_ring() -> None:
    rng = random.Random(9)
    popular = [post.text for post in archive(20)]
    posts = [told(rng.uniform(0, 600), f"@u{k}", f"RT @press: {text}")
             for k in range(300) for text in rng.sample(popular, 4)]  # fmt: skip
    amplification = amplified(posts)
    assert "ring" not in {p.kind for p in amplification.patterns}
    assert amplification.pushed.mean() < 0.01


def test_a_crowd_that_says_the_same_over_hours_is_pushed_but_not_if_it_links_what_it_shares() -> None:
    own = [told(4 * k, f"@u{k}") for k in range(60)]
    assert amplified(own).pushed.sum() == 59
    linked = [replace(post, text=f"{post.text} https://lemonde.fr/a") for post in own]
    assert not amplified(linked).pushed.any()


def test_where_every_text_is_repeated_by_other_accounts_each_time_nobody_speaks() -> None:
    posts = archive(12)
    slowly = [replace(post, author=f"@{k}of{post.author}", at=post.at + timedelta(minutes=7 * k))
              for post in posts for k in range(1, 16)]  # fmt: skip
    amplification = amplified([*posts, *slowly])
    assert {pattern.kind for pattern in amplification.patterns} == {"relay"}
    assert amplification.pushed.mean() > 0.9
    assert not amplification.pushed[: len(posts)].any()


def test_few_words_are_repeated_where_a_crowd_says_them_at_once() -> None:
    crowd = [told(k / 10, f"@bot{k}", "boycott Vélinor") for k in range(40)]
    assert [p.kind for p in amplified(crowd).patterns] == ["burst"]
    hours = [told(30 * k, f"@u{k}", "boycott Vélinor") for k in range(40)]
    assert amplified(hours).patterns == ()


def test_a_short_headline_that_leads_to_one_page_is_repeated() -> None:
    posts = [told(60 * k, f"@u{k}", "Vélinor: rappel", "https://lemonde.fr/a") for k in range(3)]
    assert [p.kind for p in amplified(posts).patterns] == ["relay"]
