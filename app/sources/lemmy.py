"""Lemmy: posts and comments that a search finds, as one instance knows them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
from pydantic import BaseModel, ConfigDict, Field, field_validator

from app import http_client
from app.errors import SourceError
from app.sources.base import Batch, Item, Kind, Past, StepBack
from app.sources.toolkit import loose
from app.sources.toolkit.address import path_and_query, site
from app.sources.toolkit.past import page_back
from app.sources.toolkit.progress import Gathered, Progress, gather
from app.sources.toolkit.text import MAX_AUTHOR, MAX_TITLE, clean, fit_id, language, web_url
from app.sources.toolkit.walk import Read

_SEARCH = "/api/v3/search"
_LIMIT = 50
_MOST_PAGES = 20
_THROTTLED = timedelta(minutes=10)  # it never says for how long; this is the usual window


class LemmySettings(BaseModel):
    """Which instance, and what to look for there."""

    model_config = ConfigDict(extra="forbid")

    instance: str = Field(description="name of the instance: lemmy.world, jlai.lu", max_length=200)
    query: str = Field(description="words of a post or a comment", min_length=1, max_length=300)

    @field_validator("instance")
    @classmethod
    def _of_the_web(cls, instance: str) -> str:
        return site(instance)


@dataclass(slots=True)
class _Aside:
    """What the pages say beside their posts."""

    gone: list[str] = field(default_factory=list)
    languages: dict[str, str] = field(default_factory=dict)  # external id to the number of its language


class Lemmy:
    """One search on one instance, newest first, walked back until what is known."""

    def __init__(self, settings: LemmySettings, client: httpx.Client) -> None:
        self._instance, self._query = settings.instance, settings.query
        self._client = client

    def fetch(self, cursor: dict[str, Any], *, now: datetime) -> Batch:
        """The posts and comments that came since the cursor, edited ones of the last minutes included."""
        progress = Progress.of(cursor, self._instance, self._query)
        aside = _Aside()
        gathered = gather(self._pages(progress.since(now), aside, now), most=_MOST_PAGES)
        names = dict(progress.position.get("languages", {}))
        if set(aside.languages.values()) - set(names):
            names |= dict.fromkeys(aside.languages.values(), "") | self._languages(now)
        named = [
            replace(item, lang=language(names.get(aside.languages.get(item.external_id, ""))))
            for item in gathered.items
        ]
        batch = progress.batch(
            Gathered(named, gathered.stopped, gathered.capped), now=now, position={"languages": names}
        )
        return replace(batch, deleted=aside.gone)

    def look_back(self, step: StepBack) -> Past:
        """The next page of older posts or of older comments, whichever was read the least far."""
        names = Progress.of(step.cursor, self._instance, self._query).position.get("languages", {})

        def reader(kind: str, name: str) -> Read:
            def read(page: int | None) -> tuple[list[Item], int | None]:
                views = loose.listed(self._ask(page or 1, step.now, kind), f"{name}s")
                items = []
                for view in views:
                    item, own = _item(view, name), loose.inner(view, name)
                    if item and not (
                        loose.inner(own, "deleted") is True or loose.inner(own, "removed") is True
                    ):
                        spoken = names.get(loose.word(loose.inner(own, "language_id")) or "0")
                        items.append(replace(item, lang=language(spoken)))
                return items, (page or 1) + 1 if views else None

            return read

        lists = {"posts": reader("Posts", "post"), "comments": reader("Comments", "comment")}
        return page_back(lists, step)

    def _pages(self, since: datetime, aside: _Aside, now: datetime) -> Iterator[list[Item]]:
        page = 1
        while True:
            response = self._ask(page, now)
            found = loose.document(response)
            loose.listed(response, "posts", "comments")  # one of them is there, or it is no answer
            posts, comments = loose.rows(found.get("posts")), loose.rows(found.get("comments"))
            items = []
            for view, name in [*((p, "post") for p in posts), *((c, "comment") for c in comments)]:
                item = _item(view, name)
                if item is None:
                    continue
                own = loose.inner(view, name)
                if own.get("deleted") is True or own.get("removed") is True:
                    aside.gone.append(item.external_id)
                    continue
                aside.languages[item.external_id] = loose.word(own.get("language_id")) or "0"
                items.append(item)
            yield items
            if _ends(posts, "post", since) and _ends(comments, "comment", since):
                return
            page += 1

    def _ask(self, page: int, now: datetime, kind: str = "All") -> http_client.HttpResponse:
        params: dict[str, str | int] = {
            "q": self._query,
            "type_": kind,
            "sort": "New",
            "listing_type": "All",
            "page": page,
            "limit": _LIMIT,
        }
        response = http_client.ask(self._client, self._instance + _SEARCH, params=params, now=now)
        try:
            return http_client.good(response, now=now)
        except SourceError as error:
            if response.status != 429 and "rate_limit_error" not in str(error):
                raise
            wait = error.retry_after or _THROTTLED
            raise SourceError(str(error), retry_after=wait, asked=response.asked) from error

    def _languages(self, now: datetime) -> dict[str, str]:
        """Numbers of languages on this instance to their codes; nothing if it does not say."""
        try:
            response = http_client.good(
                http_client.ask(self._client, self._instance + "/api/v3/site", now=now), now=now
            )
            known = loose.listed(response, "all_languages")
        except SourceError:
            return {}
        codes = {loose.word(row.get("id")): clean(loose.word(row.get("code")), 12) for row in known}
        return {number: "" if code == "und" else code for number, code in codes.items()}


def _item(view: Mapping[str, Any], name: str) -> Item | None:
    own, counts = view.get(name), view.get("counts")
    external_id = clean(loose.word(loose.inner(own, "ap_id")))
    text = clean(loose.word(loose.inner(own, "body")) or loose.word(loose.inner(own, "content")))
    title = clean(loose.word(loose.inner(own, "name")), MAX_TITLE)
    if not isinstance(own, dict) or not external_id or not (title or text):
        return None
    link = web_url(own.get("url"))
    published = loose.instant(own.get("published"))
    about = {
        "community": clean(loose.word(loose.inner(view, "community", "name")), MAX_AUTHOR),
        "post": clean(loose.word(loose.inner(view, "post", "name")), MAX_TITLE) if name == "comment" else "",
        "bot": loose.inner(view, "creator", "bot_account") is True,
    }
    return Item(
        external_id=fit_id(external_id),
        text="\n\n".join(filter(None, (text, link if link and link not in text else ""))),
        published_at=published,
        title=title,
        author=_author(view.get("creator")),
        url=web_url(external_id),
        edited_at=loose.instant(own.get("updated")),
        likes=loose.whole(loose.inner(counts, "upvotes")),
        replies=loose.whole(loose.inner(counts, "comments" if name == "post" else "child_count")),
        extra={key: value for key, value in about.items() if value} or None,
    )


def _ends(views: list[dict[str, Any]], name: str, since: datetime) -> bool:
    """Whether the list, newest first, reaches back far enough, or has no other page."""
    times = [at for view in views if (at := loose.instant(loose.inner(view, name, "published")))]
    # An instance may give fewer at once than it was asked for: a round number looks like a full page.
    full = len(views) > 0 and len(views) % 5 == 0
    return not full or (bool(times) and min(times) < since)


def _author(creator: object) -> str | None:
    name = clean(loose.word(loose.inner(creator, "name")), MAX_AUTHOR)
    try:
        home = urlsplit(loose.word(loose.inner(creator, "actor_id"))).hostname
    except ValueError:
        home = None
    return f"{name}@{home}"[:MAX_AUTHOR] if name and home else name or None


def _from_url(url: str) -> Mapping[str, Any] | None:
    found = path_and_query(url)
    if found is None or found[1] != _SEARCH or not found[2].get("q"):
        return None
    return {"instance": found[0], "query": found[2]["q"]}


def _build(settings: LemmySettings, client: httpx.Client, _secret: str | None) -> Lemmy:
    return Lemmy(settings, client)


KIND = Kind(
    name="lemmy",
    summary="Posts and comments of Lemmy that a search finds, as one instance knows them.",
    settings=LemmySettings,
    build=_build,
    cadence=timedelta(minutes=5),
    gives="votes, number of comments, language, edits and deletions",
    looks_back=timedelta(days=90),
    from_url=_from_url,
)
