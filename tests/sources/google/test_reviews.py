"""A review of a place on Google, and the consent that opens it."""

from typing import Any

import pytest

from app.errors import SourceError
from app.sources.base import Batch
from app.sources.google import login as google_login
from app.sources.google.login import Login
from app.sources.google.reviews import KIND, GoogleReviewsSettings
from app.sources.toolkit.tokens import Tokens
from tests.sources.far_ends.base import NOW, Post, later, play
from tests.sources.far_ends.google_reviews import FAR_END, SECRET
from tests.sources.street import ReceivedRequest, Reply, says, street

REVIEW = {
    "reviewId": "r1", "starRating": "TWO", "comment": "Attente interminable",
    "reviewer": {"displayName": "Ana"},
    "createTime": "2026-11-22T08:00:00Z", "updateTime": "2026-11-22T08:30:00Z",
}  # fmt: skip


@pytest.fixture(autouse=True)
def no_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(google_login, "_tokens", Tokens())


def run(
    *reviews: dict[str, Any],
    places: tuple[str, ...] = ("222",),
    secret: str = SECRET,
    token: Reply | None = None,
) -> tuple[Batch, list[ReceivedRequest]]:
    """What the first run brings, and what it asked."""

    def answer(request: ReceivedRequest) -> Reply:
        if request.path == "/token":
            return token or says({"access_token": "lent", "expires_in": 3599})
        return says({"reviews": list(reviews)} if "/222/" in request.path else {})

    assert KIND.build
    with street(answer) as (server, client):
        settings = GoogleReviewsSettings(account="111", locations=list(places), about="Vélinor")
        return KIND.build(settings, client, secret).fetch({}, now=NOW), server.asked


def test_a_review_has_its_stars_its_instants_and_the_answer_to_it() -> None:
    (item,) = run(REVIEW | {"reviewReply": {"comment": "Désolés"}})[0].items
    assert (item.external_id, item.title, item.text, item.author) == (
        "r1",
        "Vélinor",
        REVIEW["comment"],
        "Ana",
    )
    assert item.published_at == later(-30)
    assert item.extra == {
        "rating": 2, "place": "222", "answered": True, "answer": "Désolés",
        "first_written": "2026-11-22T08:00:00+00:00",
    }  # fmt: skip


def test_only_what_the_reviewer_wrote_counts_as_its_words() -> None:
    for comment in (
        "(Translated by Google) Endless queue\n\n(Original)\nAttente interminable",
        "Attente interminable\n\n(Translated by Google)\nEndless queue",
    ):
        assert [item.text for item in run(REVIEW | {"comment": comment})[0].items] == ["Attente interminable"]


def test_stars_without_words_are_no_post_and_an_anonymous_reviewer_has_no_name() -> None:
    hidden = {"reviewer": {"isAnonymous": True, "displayName": "A Google user"}, "starRating": "NONE"}
    items = run(REVIEW | {"comment": ""}, REVIEW | hidden | {"reviewId": "r2"})[0].items
    assert [(item.external_id, item.author, (item.extra or {}).get("rating")) for item in items] == [
        ("r2", None, None)
    ]


def test_every_place_is_asked_with_one_token() -> None:
    _, requests = run(REVIEW, places=("222", "333"))
    assert [one.path.rpartition("/locations/")[2] for one in requests] == [
        "/token",
        "222/reviews",
        "333/reviews",
    ]


def test_a_review_that_was_deleted_is_taken_back_and_one_pushed_down_is_not() -> None:
    with play(FAR_END) as far:
        far.server.posts = [Post(n, later(-n)) for n in range(1, 4)]
        far.run(NOW)
        far.server.posts = [post for post in far.server.posts if post.n != 2]
        far.server.posts += [Post(100 + n, later(2)) for n in range(60)]
        assert far.run(later(5)).deleted == ["r2"]
        assert far.run(later(10)).deleted == []


def test_a_consent_that_was_taken_back_is_told_with_what_to_do() -> None:
    no = says({"error": "invalid_grant", "error_description": "Token has been expired or revoked."}, 400)
    with pytest.raises(SourceError, match=r"expired or revoked.*consent again") as caught:
        run(token=no)
    assert caught.value.permanent
    assert "a-refresh-token" not in str(caught.value)


def test_a_secret_that_is_no_login_is_told_without_showing_it() -> None:
    for secret in ("", "x", "[]", '{"client_id": "a", "refresh_token": "do-not-show"}'):
        with pytest.raises(SourceError, match="client_id, client_secret and refresh_token") as caught:
            run(secret=secret)
        assert caught.value.permanent
        assert "do-not-show" not in str(caught.value)
    assert "a-client-secret" not in repr(Login.of(SECRET))
