"""Sample posts: each shown for a reason, copies folded."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from app.reading.amplification import AuthoredText, amplified
from app.reading.novelty import new_words
from app.reading.samples import Choice, Text, choose

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)


def text(
    number: int, sentence: str, *, author: str | None = None, relayed: int = 0, followers: int = 0
) -> Text:
    return Text(number, author or f"@a{number}", sentence, AT + timedelta(minutes=number), relayed, followers)


def chosen_of(texts: list[Text], **given: Any) -> tuple[Choice, ...]:  # noqa: ANN401 - as choose
    amplification = amplified([AuthoredText(t.author, t.published_at, t.text) for t in texts])
    return choose(texts, amplification.group, organic=amplification.organic, **given)


def test_the_first_and_the_most_relayed_are_shown_and_say_so() -> None:
    texts = [text(1, "lot 4417 sent le solvant"), text(2, "rappel enfin", relayed=40), text(3, "une honte")]
    why = {c.post_id: c.why for c in chosen_of(texts)}
    assert why[1] == "first"
    assert why[2] == "most_relayed"


def test_copies_are_folded_into_one() -> None:
    copies = [text(i, f"RT @x{i}: le lot 4417 est en cause https://t.co/{i}") for i in range(1, 43)]
    chosen = chosen_of([*copies, text(90, "tout autre chose, vraiment")])
    first = next(c for c in chosen if c.post_id == 1)
    assert first.alike == 41
    assert len([c for c in chosen if c.post_id < 90]) == 1


def test_the_most_negative_is_shown_where_one_surely_is() -> None:
    texts = [text(1, "lot 4417 vu au magasin"), text(2, "une honte, écoeurant"), text(3, "le rappel arrive")]
    worst = chosen_of(texts, negative=np.asarray([0.2, 0.9, 0.4]))
    assert {c.post_id: c.why for c in worst}[2] == "most_negative"
    none = chosen_of(texts, negative=np.asarray([0.2, 0.5, 0.4]))
    assert "most_negative" not in {c.why for c in none}


def test_a_flood_of_one_account_does_not_hide_the_others() -> None:
    flood = [
        text(i, f"achetez mon livre numéro {i} sur la marque {'abcdefghij'[i]}", author="@x")
        for i in range(9)
    ]
    crowd = [text(20, "le pot sent le solvant depuis lundi"), text(21, "ma fille est malade, lot 4417")]
    shown = {c.post_id for c in chosen_of([*flood, *crowd])}
    assert {20, 21} <= shown
    assert len(shown & set(range(9))) == 1


def test_each_topic_has_its_most_typical_post() -> None:
    recall = [text(i, f"rappel du lot 4417 au magasin de {'abcdefgh'[i] * 4}") for i in range(8)]
    strike = [text(20 + i, f"grève à l'usine, piquet devant le portail {'abcd'[i] * 4}") for i in range(4)]
    group = np.arange(12)
    shown = choose([*recall, *strike], group, topics=[range(8, 12), range(8)], most=2)
    assert [choice.why for choice in shown] == ["first", "typical"]
    assert shown[1].post_id >= 20


def test_what_is_looked_at_keeps_its_place_and_what_is_new_comes_behind() -> None:
    before = [text(i, f"lot {i} sent {'abcdefghij'[i] * 5} mauvais") for i in range(10)]
    shown = chosen_of(before)
    after = [
        *before,
        *(text(50 + i, f"les urgences de {'klmnopqrst'[i] * 5}", relayed=99) for i in range(10)),
    ]
    again = chosen_of(after, shown=[(c.post_id, c.why) for c in shown])
    assert [(c.post_id, c.why) for c in again[:5]] == [(c.post_id, c.why) for c in shown]
    assert [(c.post_id, c.why) for c in again[5:]] == [(59, "latest"), (58, "latest")]


def test_what_is_taken_back_gives_its_place_to_another() -> None:
    texts = [text(i, f"lot {i} sent {'abcdefghij'[i] * 5} mauvais") for i in range(10)]
    shown = [(c.post_id, c.why) for c in chosen_of(texts)]
    gone = shown[0][0]
    again = chosen_of([t for t in texts if t.post_id != gone], shown=shown)
    assert gone not in {c.post_id for c in again}
    assert [c.post_id for c in again[:4]] == [post_id for post_id, _ in shown[1:]]


def test_one_author_is_shown_once() -> None:
    texts = [text(i, f"message numéro {i} sur {'abcdefghij'[i]}", author="@loud") for i in range(8)]
    assert len(chosen_of(texts)) == 1


def test_posts_of_only_emoji_or_links_do_no_harm() -> None:
    chosen = chosen_of([text(1, "🔥🔥"), text(2, "https://x.example/1"), text(3, "!!!")])
    assert len(chosen) >= 2


def test_no_posts_give_no_samples() -> None:
    assert chosen_of([]) == ()


def test_the_words_that_are_new_are_those_of_the_fire() -> None:
    usual = [f"yaourt {w} très bon au petit déjeuner" for w in ("fraise", "vanille", "nature", "citron")] * 10
    now = [f"le lot 4417 sent le solvant, {w}" for w in ("rappel", "honte", "urgences")] * 5
    words = new_words(now, usual, leave_out=["yaourt"])
    assert "solvant" in " ".join(words)
    assert "yaourt" not in words


def test_nothing_is_new_where_nothing_is_known_of_before() -> None:
    assert new_words(["solvant"] * 9, ["yaourt"] * 3) == ()
