"""Reddit is asked with a lent token, brings what is new, and takes back what was taken back."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from app.errors import SourceError
from app.sources.base import Batch
from app.sources.reddit import source as reddit
from app.sources.reddit.source import KIND, RedditSettings
from app.sources.toolkit.tokens import Tokens
from tests.sources.street import ReceivedRequest, Reply, says, street

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SECRET = "client:hush-hush"


@pytest.fixture(autouse=True)
def no_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reddit, "_tokens", Tokens())


def post(n: int, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever JSON holds
    data = {"name": f"t3_{n}", "created_utc": NOW.timestamp() - 60 + n, "title": f"Post {n}", "selftext": ""}
    return {"kind": "t3", "data": data | {"subreddit": "france", "is_self": True} | more}


def comment(n: int, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever JSON holds
    data = {
        "name": f"t1_{n}",
        "created_utc": NOW.timestamp() - 60 + n,
        "body": f"Comment {n}",
        "edited": False,
    }
    return {
        "kind": "t1",
        "data": data | {"subreddit": "france", "link_id": "t3_1", "link_title": "Post"} | more,
    }


def listing(*children: dict[str, Any], after: str | None = None, **headers: str) -> Reply:
    return says({"kind": "Listing", "data": {"after": after, "children": children}}, 200, **headers)


Pages = dict[str, Reply | Callable[[ReceivedRequest], Reply]]


class Site:
    """Reddit, with an answer for each path."""

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401 - whatever settings hold
        self.settings = RedditSettings.model_validate(settings or {"subreddits": ["france"]})
        self.pages: Pages = {}
        self.asked: list[ReceivedRequest] = []
        self.cursor: dict[str, Any] = {}

    def __call__(self, request: ReceivedRequest) -> Reply:
        if request.path == "/api/v1/access_token":
            return says(
                {"access_token": f"token-{len(self.asked)}", "expires_in": 3600, "token_type": "bearer"}
            )
        page = self.pages[request.path]
        return page(request) if callable(page) else page

    def run(self, at: datetime = NOW, secret: str | None = SECRET) -> Batch:
        assert KIND.build
        with street(self) as (server, client):
            server.asked = self.asked
            batch = KIND.build(self.settings, client, secret).fetch(self.cursor, now=at)
            self.cursor = batch.cursor
            return batch


def ids(batch: Batch) -> list[str]:
    return [item.external_id for item in batch.items]


def test_a_post_and_a_comment_have_their_names_their_times_and_their_words() -> None:
    site = Site(subreddits=["r/france", "/r/paris/"], comments=True, user="tocsin_fr")
    site.pages = {
        "/r/france+paris/new": listing(
            post(1, author="ana", selftext="Et vous & moi ?", permalink="/r/france/comments/1/x/", score=-3,
                 num_comments=4, num_crossposts=2, subreddit_subscribers=2_000_000, edited=NOW.timestamp()),
            post(2, is_self=False, url="https://brand.example/recall", author="[deleted]"),
        ),
        "/r/france+paris/comments": listing(comment(3)),
    }  # fmt: skip
    text, link, reply = site.run().items
    assert (text.external_id, text.title, text.text, text.author) == (
        "t3_1",
        "Post 1",
        "Et vous & moi ?",
        "ana",
    )
    assert text.published_at == NOW - timedelta(seconds=59)
    assert (text.url, text.edited_at) == ("https://www.reddit.com/r/france/comments/1/x/", NOW)
    assert (text.likes, text.replies, text.shares, text.reach) == (0, 4, 2, 2_000_000)
    assert (link.text, link.author) == ("https://brand.example/recall", None)
    assert (reply.external_id, reply.text, reply.title) == ("t1_3", "Comment 3", "")
    assert reply.url == "https://www.reddit.com/r/france/comments/1/_/3/"
    assert reply.extra == {"subreddit": "france", "story": "Post"}
    assert site.asked[1].headers["user-agent"].startswith("server:tocsin:")
    assert site.asked[1].headers["user-agent"].endswith(" (by /u/tocsin_fr)")


def test_one_token_serves_many_runs_and_a_refused_one_is_replaced_once() -> None:
    site = Site()
    site.pages["/r/france/new"] = listing(post(1))
    site.run()
    site.run(NOW + timedelta(minutes=2))
    assert [request.path for request in site.asked].count("/api/v1/access_token") == 1
    used = site.asked[-1].headers["authorization"]

    def picky(received: ReceivedRequest) -> Reply:
        if received.headers["authorization"] == used:
            return says({"message": "Unauthorized", "error": 401}, 401)
        return listing(post(1))

    site.pages["/r/france/new"] = picky
    assert site.run(NOW + timedelta(minutes=4)).status == "unchanged"
    site.pages["/r/france/new"] = says({"message": "Unauthorized", "error": 401}, 401)
    with pytest.raises(SourceError, match="CLIENT_ID:CLIENT_SECRET") as caught:
        site.run(NOW + timedelta(minutes=6))
    assert caught.value.permanent
    assert "hush" not in str(caught.value)


def test_a_search_looks_back_further_after_a_long_silence() -> None:
    site = Site(query="brand", subreddits=["france"])
    site.pages["/r/france/search"] = listing(post(1))
    site.run()
    site.run(NOW + timedelta(hours=30))
    first, second = (request.query for request in site.asked if request.path.endswith("search"))
    assert (first["q"], first["sort"], first["t"], first["restrict_sr"]) == ("brand", "new", "day", "1")
    assert second["t"] == "week"
    everywhere = Site(query="brand")
    everywhere.pages["/search"] = listing()
    everywhere.run()
    assert "restrict_sr" not in everywhere.asked[-1].query


def test_a_known_post_that_was_removed_is_taken_back() -> None:
    site = Site()
    site.pages["/r/france/new"] = listing(post(2), post(1))
    assert ids(site.run()) == ["t3_2", "t3_1"]
    site.pages["/r/france/new"] = listing(
        post(2, selftext="[removed]", removed_by_category="moderator"), post(1)
    )
    batch = site.run(NOW + timedelta(minutes=2))
    assert (batch.items, batch.deleted) == ([], ["t3_2"])
    assert site.run(NOW + timedelta(minutes=4)).deleted == []


def test_once_an_hour_what_left_the_list_is_looked_at_again() -> None:
    site = Site()
    site.pages = {
        "/r/france/new": listing(post(2), post(1)),
        "/api/info": listing(
            post(2, selftext="[deleted]"), post(1, selftext="Now", edited=NOW.timestamp() + 600)
        ),
    }
    site.run()
    assert not site.run(NOW + timedelta(minutes=50)).deleted
    batch = site.run(NOW + timedelta(minutes=61))
    assert site.asked[-1].query["id"] == "t3_2,t3_1"
    assert (batch.deleted, ids(batch)) == (["t3_2"], ["t3_1"])
    assert batch.items[0].edited_at == NOW + timedelta(minutes=10)
    site.pages["/api/info"] = says("", 500)
    assert site.run(NOW + timedelta(minutes=130)).coverage == 1.0


def test_when_the_last_known_post_was_removed_nothing_is_lost() -> None:
    site = Site()
    site.pages["/r/france/new"] = listing(post(2), post(1))
    site.run()
    site.pages["/r/france/new"] = listing(post(3), post(1))
    assert ids(site.run(NOW + timedelta(minutes=2))) == ["t3_3"]


def test_when_few_requests_are_left_the_next_run_waits() -> None:
    site = Site()
    site.pages["/r/france/new"] = listing(post(1), x_ratelimit_remaining="3.0", x_ratelimit_reset="420")
    assert site.run().next_in == timedelta(seconds=420)


@pytest.mark.parametrize(
    ("reply", "permanent", "why"),
    [
        pytest.param(
            says({"reason": "private", "message": "Forbidden"}, 403), True, "Forbidden", id="private"
        ),
        pytest.param(says({"message": "Not Found", "error": 404}, 404), True, "does not exist", id="banned"),
        pytest.param(says("", 302, Location="/subreddits/search?q=x"), True, "Check the names", id="unknown"),
    ],
)
def test_a_subreddit_that_is_closed_to_us_is_told(reply: Reply, permanent: bool, why: str) -> None:
    site = Site()
    site.pages = {"/r/france/new": reply, "/subreddits/search": listing({"kind": "t5", "data": {}})}
    with pytest.raises(SourceError, match=why) as caught:
        site.run()
    assert caught.value.permanent == permanent


@pytest.mark.parametrize("secret", [None, "", "no colon"])
def test_a_secret_of_another_shape_is_told_before_anybody_is_asked(secret: str | None) -> None:
    site = Site()
    with pytest.raises(SourceError, match="CLIENT_ID:CLIENT_SECRET"):
        site.run(secret=secret)
    assert site.asked == []


@pytest.mark.parametrize(
    "settings", [{}, {"subreddits": ["fran ce"]}, {"query": "x", "comments": True}, {"subreddits": ["a/b"]}]
)
def test_settings_that_ask_for_nothing_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        RedditSettings.model_validate(settings)


@pytest.mark.parametrize(
    ("url", "settings"),
    [
        ("https://oauth.reddit.com/r/a+b/new?limit=100", {"subreddits": ["a", "b"], "comments": False}),
        ("https://oauth.reddit.com/r/a/comments?limit=9", {"subreddits": ["a"], "comments": True}),
        ("https://www.reddit.com/search.json?q=brand", {"query": "brand", "subreddits": []}),
        ("https://www.reddit.com/api/v1/access_token", None),
    ],
)
def test_the_settings_of_a_saved_address_are_known(url: str, settings: dict[str, Any] | None) -> None:
    assert KIND.from_url
    assert KIND.from_url(url) == settings
