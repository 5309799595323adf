"""Who carries it."""

from datetime import UTC, datetime, timedelta

from app.reading.voices import Voice, Voiced, voices

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)


def by(
    author: str | None, minute: int = 0, followers: int = 0, *, relays: bool = False, press: bool = False
) -> Voiced:
    return Voiced(author, AT + timedelta(minutes=minute), followers, relays, press)


def test_accounts_are_counted_once_and_those_that_were_not_heard_before_are_new() -> None:
    heard_voices = voices([by("@a"), by("@a", 1), by("@b", 2), by(None, 3)], {"@a", "@z"})
    assert (heard_voices.accounts, heard_voices.signed, heard_voices.new) == (2, 3, 1)
    assert heard_voices.loudest == Voice("@a", 2, 0, known=True, relays=False)


def test_the_widest_reach_leads_and_who_tells_none_does_not() -> None:
    posts = [by("@small", followers=10), by("@none"), by("@tv", followers=90_000, press=True),
             by("@mid", followers=500), by("@mid", 1, followers=700), by("@last", followers=1)]  # fmt: skip
    heard_voices = voices(posts, {"@tv"})
    assert [(v.name, v.followers, v.known) for v in heard_voices.leading] == [
        ("@tv", 90_000, True), ("@mid", 700, False), ("@small", 10, False),
    ]  # fmt: skip
    assert heard_voices.press == 1


def test_who_says_something_of_its_own_once_does_not_only_pass_on() -> None:
    posts = [by("@a", relays=True), by("@a", 1), by("@b", relays=True)]
    assert voices(posts, ()).relaying == 1


def test_of_equals_the_same_one_is_the_loudest_in_any_order() -> None:
    posts = [by("@b"), by("@a"), by(None)]
    assert voices(posts, ()) == voices(posts[::-1], ())


def test_nobody_is_nobody() -> None:
    heard_voices = voices([by(None)], {"@a"})
    assert (heard_voices.accounts, heard_voices.loudest, heard_voices.leading) == (0, None, ())
