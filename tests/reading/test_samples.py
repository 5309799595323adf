"""Sample posts: each shown for a reason, copies folded."""

from datetime import UTC, datetime, timedelta

from app.reading.novelty import new_words
from app.reading.samples import Text, choose

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)


def text(number: int, said: str, *, author: str | None = None, relayed: int = 0, followers: int = 0) -> Text:
    return Text(number, author or f"@a{number}", said, AT + timedelta(minutes=number), relayed, followers)


def test_the_first_and_the_most_relayed_are_shown_and_say_so() -> None:
    texts = [text(1, "lot 4417 sent le solvant"), text(2, "rappel enfin", relayed=40), text(3, "une honte")]
    why = {c.post_id: c.why for c in choose(texts).choices}
    assert why[1] == "first"
    assert why[2] == "most_relayed"


def test_copies_are_folded_into_one() -> None:
    copies = [text(i, f"RT @x{i}: le lot 4417 est en cause https://t.co/{i}") for i in range(1, 43)]
    chosen = choose([*copies, text(90, "tout autre chose, vraiment")])
    first = next(c for c in chosen.choices if c.post_id == 1)
    assert first.alike == 41
    assert chosen.copies == 41
    assert len([c for c in chosen.choices if c.post_id < 90]) == 1


def test_one_author_is_shown_once() -> None:
    texts = [text(i, f"message numéro {i} sur {'abcdefghij'[i]}", author="@loud") for i in range(8)]
    assert len(choose(texts).choices) == 1


def test_posts_of_only_emoji_or_links_do_no_harm() -> None:
    chosen = choose([text(1, "🔥🔥"), text(2, "https://x.example/1"), text(3, "!!!")])
    assert len(chosen.choices) >= 2


def test_no_posts_give_no_samples() -> None:
    assert choose([]).choices == ()


def test_the_words_that_are_new_are_those_of_the_fire() -> None:
    usual = [f"yaourt {w} très bon au petit déjeuner" for w in ("fraise", "vanille", "nature", "citron")] * 10
    now = [f"le lot 4417 sent le solvant, {w}" for w in ("rappel", "honte", "urgences")] * 5
    words = new_words(now, usual, leave_out=["yaourt"])
    assert "solvant" in " ".join(words)
    assert "yaourt" not in words


def test_nothing_is_new_where_nothing_is_known_of_before() -> None:
    assert new_words(["solvant"] * 9, ["yaourt"] * 3) == ()
