"""What is special to a Page and to an Instagram account of one's own."""

from datetime import timedelta
from typing import Any

import pytest

from app.errors import SourceError
from app.sources.base import Batch, Item, Kind
from app.sources.meta.facebook import KIND as FACEBOOK
from app.sources.meta.instagram import KIND as INSTAGRAM
from tests.sources.far_ends.base import NOW, Post, Reply, later, play
from tests.sources.far_ends.graph import FACEBOOK as PAGE_FAR_END
from tests.sources.far_ends.graph import INSTAGRAM as ACCOUNT_FAR_END
from tests.sources.street import ReceivedRequest, says, street

AT = "2026-11-22T08:30:00+0000"
COMMENT = {
    "id": "77_1", "message": "Le yaourt est moisi", "created_time": AT, "from": {"id": "5", "name": "Ana"},
    "like_count": 12, "comment_count": 3, "permalink_url": "https://www.facebook.com/77/posts/1",
}  # fmt: skip
SAID = {"id": "178", "text": "Berk", "timestamp": AT, "username": "ana", "like_count": 4}


def run(
    kind: Kind,
    own: list[dict[str, Any]],
    elsewhere: list[dict[str, Any]],
    secret: str | None = "token",  # noqa: S107 - of a test
) -> tuple[list[Item], list[ReceivedRequest]]:
    """What the first run brings of an account's own posts and of those that name it, and what it asked."""

    def answer(request: ReceivedRequest) -> Any:  # noqa: ANN401 - the street's
        return says({"data": own if request.path.endswith(("/feed", "/media")) else elsewhere})

    name = "page" if kind is FACEBOOK else "account"
    settings = kind.settings.model_validate({name: "10158000", "about": "Vélinor", "version": "v26.0"})
    assert kind.build
    with street(answer) as (server, client):
        return kind.build(settings, client, secret).fetch({}, now=NOW).items, server.asked


def test_a_comment_on_the_page_says_who_when_where_and_below_what() -> None:
    post = {"id": "77", "message": "Notre nouveau yaourt", "comments": {"data": [COMMENT]}}
    (item,), requests = run(FACEBOOK, [post], [])
    assert (item.external_id, item.title, item.text) == ("77_1", "Vélinor", "Le yaourt est moisi")
    assert (item.author, item.likes, item.replies) == ("Ana", 12, 3)
    assert item.published_at == later(-30)
    assert item.url == "https://www.facebook.com/77/posts/1"
    assert item.extra == {"below": "Notre nouveau yaourt", "post": "77"}
    assert requests[0].path == "/v26.0/10158000/feed"


def test_what_the_brand_says_itself_and_what_has_no_words_is_no_comment() -> None:
    own = COMMENT | {"id": "2", "from": {"id": "10158000", "name": "Vélinor"}}
    sticker = COMMENT | {"id": "3", "message": ""}
    unknown = COMMENT | {"id": "4", "from": None}
    items, _ = run(FACEBOOK, [{"id": "77", "comments": {"data": [own, sticker, unknown]}}], [own])
    assert [(item.external_id, item.author) for item in items] == [("4", None)]
    replies = {"data": [SAID | {"id": "6", "from": {"id": "10158000"}}, SAID | {"id": "7"}]}
    media = {"id": "9", "caption": "Neuf", "permalink": "https://www.instagram.com/p/9/"}
    items, _ = run(INSTAGRAM, [media | {"comments": {"data": [SAID | {"replies": replies}]}}], [])
    assert [item.external_id for item in items] == ["178", "7"]
    assert items[1].url == "https://www.instagram.com/p/9/"


def test_a_post_elsewhere_that_names_the_account_is_brought() -> None:
    tagged = {"id": "55", "caption": "@velinor c'est fini", "timestamp": AT, "username": "bob",
              "permalink": "https://www.instagram.com/p/55/", "comments_count": 8}  # fmt: skip
    (item,), requests = run(INSTAGRAM, [], [tagged])
    assert (item.text, item.author, item.replies) == ("@velinor c'est fini", "bob", 8)
    assert item.url == "https://www.instagram.com/p/55/"
    assert [one.path for one in requests] == ["/v26.0/10158000/media", "/v26.0/10158000/tags"]


def test_the_token_is_in_no_address_and_is_proved_only_where_the_app_asks_for_it() -> None:
    for secret, proved in (("token", False), ("token:app", True)):
        _, requests = run(FACEBOOK, [], [], secret)
        assert {one.headers["authorization"] for one in requests} == {"Bearer token"}
        assert all(("appsecret_proof" in one.query) == proved for one in requests)
        assert not any("token" in value or value == "app" for one in requests for value in one.query.values())


def test_without_a_token_nobody_is_asked() -> None:
    with pytest.raises(SourceError, match="no access token") as caught:
        run(INSTAGRAM, [], [], None)
    assert caught.value.permanent


@pytest.mark.parametrize("far_end", [PAGE_FAR_END, ACCOUNT_FAR_END], ids=lambda one: one.kind)
def test_a_comment_that_was_deleted_is_taken_back_and_one_that_is_only_hidden_is_not(far_end: Any) -> None:  # noqa: ANN401
    with play(far_end) as far:
        far.server.posts = [Post(n, later(-10 - n)) for n in (1, 2, 4, 5)]
        far.run(NOW)
        (gone,) = far.ids(1)
        far.server.posts = [post for post in far.server.posts if post.n != 1]
        assert deleted(far.run(later(5))) == [gone]
        assert deleted(far.run(later(10))) == []

        def hides(_number: int, reply: Reply) -> Reply:
            return Reply(without(reply.body, far.ids(5)[0])) if "data" in reply.body else reply

        far.server.spoil = hides
        asked = len(far.server.asked)
        assert deleted(far.run(later(15))) == []
        assert far.ids(5)[0] in far.server.asked[-1].path
        assert len(far.server.asked) > asked
        far.run(later(20))
        assert not any(far.ids(5)[0] in one.path for one in far.server.asked[asked + 4 :])


def test_an_interface_that_shows_comments_of_any_age_is_not_walked_to_its_end() -> None:
    with play(ACCOUNT_FAR_END) as far:
        far.server.posts = [Post(n * 4 + 1, NOW - timedelta(hours=n)) for n in range(400)]
        far.run(NOW)
        assert len(far.server.asked) <= 4


def deleted(batch: Batch) -> list[str]:
    return list(batch.deleted)


def without(body: Any, one: str) -> Any:  # noqa: ANN401 - whatever JSON holds
    """The JSON without the row of that id."""
    if isinstance(body, list):
        return [without(row, one) for row in body if not (isinstance(row, dict) and row.get("id") == one)]
    return {name: without(value, one) for name, value in body.items()} if isinstance(body, dict) else body
