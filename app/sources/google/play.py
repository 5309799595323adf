"""Reviews of one's own app on Google Play, by the interface for publishers."""

import re
from datetime import datetime, timedelta
from typing import Any

import httpx
from pydantic import BaseModel, ConfigDict, Field

from app import http_client
from app.clock import EPOCH
from app.sources.base import Batch, Item, Kind, Past, StepBack
from app.sources.google import account as google_account
from app.sources.google.account import Account
from app.sources.toolkit import loose
from app.sources.toolkit.text import MAX_AUTHOR, MAX_TITLE, clean, fit_id, language
from app.sources.toolkit.walk import Terms, gather

_API = "https://androidpublisher.googleapis.com/androidpublisher/v3/applications"
_SCOPE = "https://www.googleapis.com/auth/androidpublisher"
_RIGHTS = "that the service account may “view app information” in the Play Console (the secret of the source)"
# Google shows the reviews of a week; their order is not promised, so a day is read beyond the known ones.
_TERMS = Terms(overlap=timedelta(hours=24), pages=20, one_date=True)


class GooglePlaySettings(BaseModel):
    """Which app."""

    model_config = ConfigDict(extra="forbid")

    package: str = Field(
        description="name of the app's package, as in its address on Google Play: com.brand.app",
        pattern=r"^[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z0-9_]+)+$",
        max_length=200,
    )


class GooglePlay:
    """The reviews with words of the last week, until those that are known."""

    def __init__(self, settings: GooglePlaySettings, client: httpx.Client, secret: str | None) -> None:
        self._package, self._client, self._secret = settings.package, client, secret

    def fetch(self, cursor: dict[str, Any], *, now: datetime) -> Batch:
        """The reviews that are new or edited since the cursor."""
        account = Account.of(self._secret)
        return gather(
            {"reviews": lambda token: self._page(account, token, now)}, cursor, now=now, terms=_TERMS
        )

    def look_back(self, step: StepBack) -> Past:
        """The next page of what it shows; in no promised order: with the last one the week is whole."""
        items, token = self._page(Account.of(self._secret), step.mark.get("token"), step.now)
        return Past(items, step.until, {"token": token}) if token else Past(items, step.since, None)

    def _page(self, account: Account, token: str | None, now: datetime) -> tuple[list[Item], str | None]:
        params: dict[str, str | int] = {"maxResults": 100} | ({"token": token} if token else {})
        url = f"{_API}/{self._package}/reviews"
        for last_try in (False, True):
            headers = {"Authorization": f"Bearer {account.token(self._client, _SCOPE, now=now)}"}
            response = http_client.ask(self._client, url, params=params, headers=headers, now=now)
            if response.status != 401 or last_try:
                break
            account.forget(_SCOPE)
        found = loose.document(http_client.good(response, now=now, secret=_RIGHTS))
        if found.get("reviews") is None and "error" in found:
            loose.listed(response, "reviews")  # which tells the error
        items = [item for row in loose.rows(found.get("reviews")) if (item := self._item(row))]
        return items, loose.word(loose.inner(found, "tokenPagination", "nextPageToken")) or None

    def _item(self, row: dict[str, Any]) -> Item | None:
        comments = loose.rows(row.get("comments"))
        said = [
            comment["userComment"] for comment in comments if isinstance(comment.get("userComment"), dict)
        ]
        review = clean(loose.word(row.get("reviewId")))
        if not said or not review:
            return None
        comment = max(said, key=lambda one: _instant(one.get("lastModified")) or EPOCH)
        title, tab, body = loose.word(comment.get("text")).partition("\t")
        title, text = (title, body) if tab else ("", title)
        if not clean(title + text):
            return None
        extra = {
            "rating": loose.whole(comment.get("starRating")),
            "version": clean(loose.word(comment.get("appVersionName")), 50),
            "device": clean(loose.word(comment.get("device")), 50),
            "answered": any(isinstance(one.get("developerComment"), dict) for one in comments),
        }
        return Item(
            external_id=fit_id(review),
            text=clean(text),
            published_at=_instant(comment.get("lastModified")),
            title=clean(title, MAX_TITLE),
            author=clean(loose.word(row.get("authorName")), MAX_AUTHOR) or None,
            url=f"https://play.google.com/store/apps/details?id={self._package}&reviewId={review}",
            lang=language(comment.get("reviewerLanguage")),
            likes=loose.whole(comment.get("thumbsUpCount")),
            extra={name: value for name, value in extra.items() if value} or None,
        )


def _instant(value: object) -> datetime | None:
    at = loose.epoch(loose.inner(value, "seconds"))
    nanos = loose.whole(loose.inner(value, "nanos")) or 0
    return at + timedelta(microseconds=min(nanos, 999_999_999) // 1_000) if at else None


def _from_url(url: str) -> dict[str, str] | None:
    match = re.search(r"/androidpublisher/v3/applications/([\w.]+)/reviews", url)
    return {"package": match[1]} if match else None


def _build(settings: GooglePlaySettings, client: httpx.Client, secret: str | None) -> GooglePlay:
    return GooglePlay(settings, client, secret)


KIND = Kind(
    name="google_play",
    summary="What people write of your own app on Google Play.",
    settings=GooglePlaySettings,
    build=_build,
    cadence=timedelta(minutes=15),
    secret="needed",  # noqa: S106 - a word, not a secret
    gives="stars, thumbs up, language, the version of the app",
    looks_back=timedelta(days=6),
    needs=(
        "Your own app, and the JSON key of a service account that may view its information in the Play "
        "Console; the secret is that JSON."
    ),
    stand_in=google_account.stand_in,
    from_url=_from_url,
)
