"""The Graph API as a Page and an Instagram account see it: comments inside posts, cursors, error codes."""

import hmac
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from re import search
from typing import Any

from tests.sources.far_ends.base import FarEnd, Post, ReceivedRequest, Reply

PAGE, ACCOUNT, SECRET = "10158000", "17841400", "a-token-of-the-page:a-secret-of-the-app"
_THREADS = 3  # posts of the account; every fourth post is one that names it elsewhere


def _place(post: Post) -> int:
    """Below which of the account's posts it stands; 0: it names the account elsewhere."""
    return post.n % (_THREADS + 1)


def _comment(post: Post) -> dict[str, Any]:
    return {
        "id": f"77_{post.n}",
        "message": post.edit or post.text,
        "created_time": f"{post.at:%Y-%m-%dT%H:%M:%S}+0000",
        "from": {"id": "555", "name": "Ana"},
        "like_count": 2,
        "comment_count": 0,
        "permalink_url": f"https://www.facebook.com/77/posts/{post.n}",
    }


def _media_comment(post: Post) -> dict[str, Any]:
    return {
        "id": f"178{post.n:06}",
        "text": post.edit or post.text,
        "timestamp": f"{post.at:%Y-%m-%dT%H:%M:%S}+0000",
        "username": "ana",
        "like_count": 2,
        "from": {"id": "555", "username": "ana"},
    }


def _listed(rows: list[dict[str, Any]], after: str, size: int) -> dict[str, Any]:
    start = int(after) if after.isdigit() and len(after) < 9 else len(rows) if after else 0
    here = rows[start : start + size]
    paging: dict[str, Any] = {"cursors": {"before": f"{start}", "after": f"{start + len(here)}"}}
    if start + size < len(rows):
        paging["next"] = "https://graph.facebook.com/next?access_token=a-token-of-the-page"
    return {"data": here, "paging": paging} if here else {"data": []}


def _answer(account: str, row: Callable[[Post], dict[str, Any]], own: str, tagged: str) -> Any:  # noqa: ANN401
    def answer(request: ReceivedRequest, posts: Sequence[Post]) -> Reply:
        token, _, app_secret = SECRET.partition(":")
        assert request.host == "graph.facebook.com"
        assert request.headers["authorization"] == f"Bearer {token}"
        proof = hmac.new(app_secret.encode(), token.encode(), sha256).hexdigest()
        assert request.param("appsecret_proof") == proof
        _, version, one, *path = request.path.split("/")
        assert version == "v25.0"
        fields, newest = request.param("fields"), list(reversed(posts))
        dated = search(r"\.since\((\d+)\)", fields) or search(r"^(\d+)$", request.param("since"))
        since = datetime.fromtimestamp(int(dated[1]), UTC) if dated else posts[0].at if posts else None
        below = [
            [row(post) for post in newest if _place(post) == number and since and post.at >= since]
            for number in range(_THREADS + 1)
        ]
        size = int(request.param("limit") or 0)
        if not path:
            return (
                Reply({"id": one})
                if any(row(p)["id"] == one for p in posts)
                else _error(100, "Gone", 400, 33)
            )
        if (one, path) == (account, [own]):
            inner = int(fields.partition("limit(")[2].partition(")")[0])
            rows = [
                {"id": f"post-{n}", "message": "News", "comments": _listed(below[n], "", inner)}
                for n in range(1, _THREADS + 1)
            ]
            return Reply(_listed(rows, request.param("after"), size))
        if (one, path) == (account, [tagged]):
            return Reply(_listed([row(p) for p in newest if not _place(p)], request.param("after"), size))
        assert path == ["comments"], request.path
        return Reply(_listed(below[int(one.removeprefix("post-"))], request.param("after"), size))

    return answer


def _error(code: int, message: str, status: int, subcode: int = 0) -> Reply:
    error = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "A1"}
    return Reply({"error": error | ({"error_subcode": subcode} if subcode else {})}, status)


def _throttled() -> Reply:
    used = '{"10158000": [{"type": "pages", "call_count": 100, "estimated_time_to_regain_access": 19}]}'
    body = _error(80001, "There have been too many calls to this Page account", 400).body
    return Reply(body, 400, {"X-Business-Use-Case-Usage": used})


FACEBOOK = FarEnd(
    kind="facebook_page",
    settings={"page": PAGE, "about": "brand"},
    answer=_answer(PAGE, _comment, "feed", "tagged"),
    external_id=lambda post: f"77_{post.n}",
    throttled=_throttled(),
    wait=timedelta(minutes=19),
    secret=SECRET,
    refused=_error(190, "Error validating access token: the session has expired", 400, 463),
    mistaken=_error(100, "The id of the Page is too short", 200),
    burst=600,
)
INSTAGRAM = FarEnd(
    kind="instagram",
    settings={"account": ACCOUNT, "about": "brand"},
    answer=_answer(ACCOUNT, _media_comment, "media", "tags"),
    external_id=lambda post: f"178{post.n:06}",
    throttled=_throttled(),
    wait=timedelta(minutes=19),
    secret=SECRET,
    refused=_error(190, "Error validating access token: the session has expired", 400, 463),
    mistaken=_error(100, "The id of the account is too short", 200),
    burst=600,
)
