"""An Instagram account of one's own: comments below its media, answers to them, and media that tag it."""

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
    "The token must be one of a person who runs the account, with instagram_basic, instagram_manage_comments "
    "and pages_read_engagement."
)
_WRITTEN = "id,text,timestamp,username,like_count,from"
_COMMENT = f"{_WRITTEN},replies.limit(50){{{_WRITTEN}}}"


class InstagramSettings(BaseModel):
    """Which account, and what its comments are about."""

    model_config = ConfigDict(extra="forbid")

    account: str = Field(
        description="id of your professional account at Instagram, in digits", pattern=r"^[0-9]{5,25}$"
    )
    about: About
    posts: int = Field(25, ge=1, le=100, description="how many of the newest media are looked below")
    version: str = Field(VERSION, description="version of the Graph API", pattern=r"^v[0-9]{1,3}\.[0-9]$")


class Instagram:
    """One account."""

    def __init__(self, settings: InstagramSettings, client: httpx.Client, secret: str | None) -> None:
        self._at = settings
        self._graph = Graph(client, secret, settings.version, _RIGHTS)
        self._place = below.Place(
            account=settings.account,
            own="media",
            post_fields="id,caption,permalink,timestamp",
            comments="comments",
            comment_fields=_COMMENT,
            dated=False,
            tagged="tags",
            tagged_fields="id,caption,permalink,timestamp,username,like_count,comments_count",
            posts=settings.posts,
        )

    def fetch(self, cursor: dict[str, Any], *, now: datetime) -> Batch:
        """What others wrote since the cursor."""
        return below.fetch(self._place, self._graph, self._read, cursor, now=now)

    def _read(self, row: dict[str, Any], post: dict[str, Any]) -> list[Item]:
        answers = loose.rows(loose.inner(row, "replies", "data"))
        return [item for one in (row, *answers) if (item := self._item(one, post))]

    def _item(self, row: dict[str, Any], post: dict[str, Any]) -> Item | None:
        found = clean(loose.word(row.get("id")))
        text = clean(loose.word(row.get("text"))) or clean(loose.word(row.get("caption")))
        own = loose.word(loose.inner(row, "from", "id")) == self._at.account
        if not found or not text or own:
            return None
        extra = {"below": clean(loose.word(post.get("caption")), 100), "post": loose.word(post.get("id"))}
        return Item(
            external_id=fit_id(found),
            text=text,
            published_at=loose.instant(row.get("timestamp")),
            title=clean(self._at.about, MAX_TITLE),
            author=clean(loose.word(row.get("username")), MAX_AUTHOR) or None,
            url=web_url(row.get("permalink")) or web_url(post.get("permalink")),
            likes=loose.whole(row.get("like_count")),
            replies=loose.whole(row.get("comments_count")),
            extra={name: value for name, value in extra.items() if value} or None,
        )


def _from_url(url: str) -> dict[str, str] | None:
    found = account_in(url, "media", "tags")
    return {"version": found[0], "account": found[1]} if found else None


def _build(settings: InstagramSettings, client: httpx.Client, secret: str | None) -> Instagram:
    return Instagram(settings, client, secret)


KIND = Kind(
    name="instagram",
    summary="Comments on your own Instagram account's media, and media in which it is tagged.",
    settings=InstagramSettings,
    build=_build,
    cadence=timedelta(minutes=5),
    secret="needed",  # noqa: S106 - a word, not a secret
    gives="text, author, likes, deletions",
    needs=(
        "A professional account of your own, and an app at Meta with instagram_basic and "
        f"instagram_manage_comments granted by its review; {SECRET}."
    ),
    starts=False,
    stand_in=lambda: "nothing",
    from_url=_from_url,
)
