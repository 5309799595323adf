"""A Facebook Page of one's own: comments below its posts, visitors' posts on it, posts that name it."""

from datetime import datetime, timedelta
from typing import Any

import httpx
from pydantic import BaseModel, ConfigDict, Field

from app.sources.base import Batch, Item, Kind
from app.sources.meta import below
from app.sources.meta.graph import SECRET, VERSION, Graph, account_in
from app.sources.toolkit import loose
from app.sources.toolkit.about import About
from app.sources.toolkit.text import MAX_AUTHOR, MAX_TITLE, clean, fit_id, web_url

_RIGHTS = (
    "The token must be one of the Page, with pages_read_engagement and pages_read_user_content, of a "
    "person who has the task MODERATE there."
)
_COMMENT = "id,message,created_time,from,like_count,comment_count,permalink_url"
_POST = "id,message,created_time,from,permalink_url"


class FacebookPageSettings(BaseModel):
    """Which Page, and what its comments are about."""

    model_config = ConfigDict(extra="forbid")

    page: str = Field(description="id of your Page, in digits", pattern=r"^[0-9]{5,25}$")
    about: About
    posts: int = Field(25, ge=1, le=100, description="how many of the Page's newest posts are looked below")
    version: str = Field(VERSION, description="version of the Graph API", pattern=r"^v[0-9]{1,3}\.[0-9]$")


class FacebookPage:
    """One Page."""

    def __init__(self, settings: FacebookPageSettings, client: httpx.Client, secret: str | None) -> None:
        self._at = settings
        self._graph = Graph(client, secret, settings.version, _RIGHTS)
        self._place = below.Place(
            account=settings.page,
            own="feed",
            post_fields=_POST,
            comments="comments.filter(stream).order(reverse_chronological)",
            comment_fields=_COMMENT,
            dated=True,
            tagged="tagged",
            tagged_fields=_POST,
            posts=settings.posts,
        )

    def fetch(self, cursor: dict[str, Any], *, now: datetime) -> Batch:
        """What others wrote since the cursor."""
        return below.fetch(self._place, self._graph, self._read, cursor, now=now)

    def _read(self, row: dict[str, Any], post: dict[str, Any]) -> list[Item]:
        found, text = clean(loose.word(row.get("id"))), clean(loose.word(row.get("message")))
        own = loose.word(loose.inner(row, "from", "id")) == self._at.page
        if not found or not text or own:  # a sticker alone says nothing that could be matched
            return []
        extra = {"below": clean(loose.word(post.get("message")), 100), "post": loose.word(post.get("id"))}
        item = Item(
            external_id=fit_id(found),
            text=text,
            published_at=loose.instant(row.get("created_time")),
            title=clean(self._at.about, MAX_TITLE),
            author=clean(loose.word(loose.inner(row, "from", "name")), MAX_AUTHOR) or None,
            url=web_url(row.get("permalink_url")) or f"https://www.facebook.com/{found}",
            likes=loose.whole(row.get("like_count")),
            replies=loose.whole(row.get("comment_count")),
            extra={name: value for name, value in extra.items() if value} or None,
        )
        return [item]


def _from_url(url: str) -> dict[str, str] | None:
    found = account_in(url, "feed", "tagged")
    return {"version": found[0], "page": found[1]} if found else None


def _build(settings: FacebookPageSettings, client: httpx.Client, secret: str | None) -> FacebookPage:
    return FacebookPage(settings, client, secret)


KIND = Kind(
    name="facebook_page",
    summary="Comments on your own Facebook Page, visitors' posts on it, and posts that name it.",
    settings=FacebookPageSettings,
    build=_build,
    cadence=timedelta(minutes=5),
    secret="needed",  # noqa: S106 - a word, not a secret
    gives="text, author, likes, replies, deletions",
    needs=(
        "Your own Page, and an app at Meta with pages_read_engagement and pages_read_user_content granted by "
        f"its review; {SECRET}."
    ),
    starts=False,
    stand_in=lambda: "nothing",
    from_url=_from_url,
)
