"""Reviews of one's own places on Google, by the interface of Business Profile."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated, Any
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ConfigDict, Field

from app import http_client
from app.clock import EPOCH
from app.sources.base import Batch, Item, Kind
from app.sources.google import login as google_login
from app.sources.google.login import Login
from app.sources.toolkit import loose
from app.sources.toolkit.about import About
from app.sources.toolkit.text import MAX_AUTHOR, MAX_TITLE, clean, fit_id
from app.sources.toolkit.vanished import Listed
from app.sources.toolkit.walk import Read, Terms, gather

_API = "https://mybusiness.googleapis.com/v4/accounts"
_RIGHTS = (
    "that the person who consented manages these places, that Google has opened the interface to your project"
)
_STARS = {name: stars for stars, name in enumerate(("ONE", "TWO", "THREE", "FOUR", "FIVE"), start=1)}
_TERMS = Terms(overlap=timedelta(hours=24), pages=20, kept=300, one_date=True, stays=True)
# A review in another language than its reader's comes as the translation, and the words themselves behind it.
_ORIGINAL = re.compile(r"^\(Translated by Google\).*?\n\s*\(Original\)\s*", re.DOTALL)
_TRANSLATION = re.compile(r"\n\s*\(Translated by Google\).*\Z", re.DOTALL)


class GoogleReviewsSettings(BaseModel):
    """Which places, and what their reviews are about."""

    model_config = ConfigDict(extra="forbid")

    account: str = Field(
        description="id of the Business Profile account, in digits", pattern=r"^[0-9]{3,30}$"
    )
    locations: list[Annotated[str, Field(pattern=r"^[0-9]{3,30}$")]] = Field(
        description="ids of its verified places, in digits", min_length=1, max_length=50
    )
    about: About


class GoogleReviews:
    """The reviews with words of all places, the last changed first, until those that are known."""

    def __init__(self, settings: GoogleReviewsSettings, client: httpx.Client, secret: str | None) -> None:
        self._at, self._client, self._secret = settings, client, secret

    def fetch(self, cursor: dict[str, Any], *, now: datetime) -> Batch:
        """The reviews that are new, edited or deleted since the cursor."""
        login, listed = Login.of(self._secret), Listed(cursor.get("recent", {}))
        lists = {one: self._list(login, one, listed, now) for one in dict.fromkeys(self._at.locations)}
        batch = gather(lists, cursor, now=now, terms=_TERMS)
        gone = listed.gone(lambda place, one: self._is_gone(login, place, one, now))
        return replace(batch, cursor=batch.cursor | {"recent": listed.recent(now)}, deleted=gone)

    def _list(self, login: Login, place: str, listed: Listed, now: datetime) -> Read:
        def page(token: str | None) -> tuple[list[Item], str | None]:
            params: dict[str, str | int] = {"pageSize": 50, "orderBy": "updateTime desc"}
            response = self._ask(login, place, params | ({"pageToken": token} if token else {}), now)
            found = loose.document(http_client.good(response, now=now, secret=_RIGHTS))
            if found.get("reviews") is None and "error" in found:
                loose.listed(response, "reviews")  # which tells the error
            items = [item for row in loose.rows(found.get("reviews")) if (item := self._item(row, place))]
            following = loose.word(found.get("nextPageToken")) or None
            dates = [item.published_at for item in items if item.published_at]
            listed.add(place, items)
            listed.shown(place, min(dates, default=now) if following else EPOCH)
            return items, following

        return page

    def _is_gone(self, login: Login, place: str, review: str, now: datetime) -> bool:
        response = self._ask(login, f"{place}/reviews/{quote(review, safe='')}", {}, now)
        return response.status in (404, 410) or not http_client.good(response, now=now, secret=_RIGHTS)

    def _ask(
        self, login: Login, path: str, params: dict[str, str | int], now: datetime
    ) -> http_client.HttpResponse:
        url = f"{_API}/{self._at.account}/locations/{path}{'' if '/' in path else '/reviews'}"
        for _ in range(2):
            headers = {"Authorization": f"Bearer {login.token(self._client, now=now)}"}
            response = http_client.ask(self._client, url, params=params, headers=headers, now=now)
            if response.status != 401:
                break
            login.forget()
        return response

    def _item(self, row: dict[str, Any], place: str) -> Item | None:
        review = clean(loose.word(row.get("reviewId")))
        text = clean(_own_words(loose.word(row.get("comment"))))
        if not review or not text:  # stars alone say nothing that could be matched
            return None
        written, changed = loose.instant(row.get("createTime")), loose.instant(row.get("updateTime"))
        reviewer = row.get("reviewer")
        name = "" if loose.inner(reviewer, "isAnonymous") is True else loose.inner(reviewer, "displayName")
        extra = {
            "rating": _STARS.get(loose.word(row.get("starRating")), 0),
            "place": place,
            "answered": isinstance(row.get("reviewReply"), dict),
            "answer": clean(loose.word(loose.inner(row, "reviewReply", "comment")), 500),
            "first_written": written.isoformat() if written and changed and written < changed else "",
        }
        return Item(
            external_id=fit_id(review),
            text=text,
            published_at=changed or written,
            title=clean(self._at.about, MAX_TITLE),
            author=clean(loose.word(name), MAX_AUTHOR) or None,
            extra={name: value for name, value in extra.items() if value} or None,
        )


def _own_words(comment: str) -> str:
    """What the reviewer wrote, without what Google's translator made of it.

    >>> _own_words("(Translated by Google) Very bad\\n\\n(Original)\\nTrès mauvais")
    'Très mauvais'
    >>> _own_words("Très mauvais\\n\\n(Translated by Google)\\nVery bad")
    'Très mauvais'
    """
    return _TRANSLATION.sub("", _ORIGINAL.sub("", comment))


def _from_url(url: str) -> dict[str, Any] | None:
    match = re.search(r"/v4/accounts/(\d+)/locations/(\d+)/reviews", url)
    return {"account": match[1], "locations": [match[2]]} if match else None


def _build(settings: GoogleReviewsSettings, client: httpx.Client, secret: str | None) -> GoogleReviews:
    return GoogleReviews(settings, client, secret)


KIND = Kind(
    name="google_reviews",
    summary="Reviews of your own places on Google, with their stars.",
    settings=GoogleReviewsSettings,
    build=_build,
    cadence=timedelta(minutes=15),
    secret="needed",  # noqa: S106 - a word, not a secret
    gives="stars, edits, deletions, whether and what the owner answered",
    needs=(
        "Verified places of your own, a project that Google has opened the Business Profile interface to, "
        "and a person's consent to business.manage; the secret is a JSON of client_id, client_secret and "
        "refresh_token."
    ),
    starts=False,
    stand_in=google_login.stand_in,
    from_url=_from_url,
)
