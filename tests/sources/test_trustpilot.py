"""A review on Trustpilot."""

from typing import Any

from app.sources.base import Item
from app.sources.trustpilot import KIND
from tests.sources.far_ends.base import NOW, Post, later, play
from tests.sources.far_ends.trustpilot import BUSINESS, FAR_END
from tests.sources.street import says, street

REVIEW = {
    "id": "r1", "stars": 2, "title": "Nul", "text": "Colis perdu", "language": "fr", "isVerified": False,
    "createdAt": "2026-11-22T08:30:00Z", "updatedAt": "2026-11-22T08:45:00Z", "numberOfLikes": 4,
    "consumer": {"displayName": "Ana"}, "companyReply": {"text": "Désolés"},
}  # fmt: skip


def run(*reviews: dict[str, Any]) -> list[Item]:
    """What the first run brings."""
    assert KIND.build
    with street(lambda _asked: says({"reviews": list(reviews), "links": []})) as (_, client):
        settings = KIND.settings.model_validate({"business": BUSINESS, "about": "Vélinor"})
        return KIND.build(settings, client, "key").fetch({}, now=NOW).items


def test_a_review_has_its_stars_its_words_and_what_was_answered() -> None:
    (item,) = run(REVIEW)
    assert (item.external_id, item.title, item.text, item.author) == (
        "r1",
        "Vélinor · Nul",
        "Colis perdu",
        "Ana",
    )
    assert (item.published_at, item.edited_at, item.likes) == (later(-30), later(-15), 4)
    assert item.url == "https://www.trustpilot.com/reviews/r1"
    assert item.extra == {"rating": 2, "answered": True, "answer": "Désolés"}


def test_stars_without_words_are_no_post_and_a_title_alone_is_the_text() -> None:
    (item,) = run(REVIEW | {"text": "", "title": None}, REVIEW | {"id": "r2", "text": None})
    assert (item.external_id, item.title, item.text) == ("r2", "Vélinor", "Nul")


def test_a_review_that_was_deleted_is_taken_back() -> None:
    with play(FAR_END) as far:
        far.server.posts = [Post(n, later(-n)) for n in range(1, 4)]
        far.run(NOW)
        far.server.posts = [post for post in far.server.posts if post.n != 2]
        assert far.run(later(5)).deleted == ["r2"]
        assert far.run(later(10)).deleted == []
