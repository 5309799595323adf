"""Reviews of an app in one country's App Store, from the public feed of customer reviews."""

import re
from datetime import datetime, timedelta
from typing import Any

import httpx
from pydantic import BaseModel, ConfigDict, Field

from app import http_client
from app.errors import SourceError
from app.sources.base import Batch, Item, Kind, Past, StepBack
from app.sources.toolkit import loose
from app.sources.toolkit.past import page_back
from app.sources.toolkit.text import MAX_AUTHOR, MAX_TITLE, clean, fit_id, web_url
from app.sources.toolkit.walk import Terms, gather, last

_SHOWN = 500  # reviews
_HOST = "https://itunes.apple.com"
# Reviews are published hours after they were written, and stay among the newest 500.
_TERMS = Terms(overlap=timedelta(hours=24), one_date=True, stays=True)


class AppStoreSettings(BaseModel):
    """Which app, in which country."""

    model_config = ConfigDict(extra="forbid")

    app: str = Field(
        description="number of the app: the digits after “id” in its App Store address",
        pattern=r"^[0-9]{1,15}$",
    )
    country: str = Field(
        "fr", description="country of the store, two letters: fr, be, ch, de…", pattern=r"^[a-z]{2}$"
    )


class AppStore:
    """The newest 500 reviews of an app, read until one that was there before."""

    def __init__(self, settings: AppStoreSettings, client: httpx.Client) -> None:
        self._app, self._country = settings.app, settings.country
        self._client = client

    def fetch(self, cursor: dict[str, Any], *, now: datetime) -> Batch:
        """The reviews that are new or edited since the cursor."""
        newest = self._page(1, now)
        if not newest:
            return self._nothing(cursor, now)

        def page(number: int | None) -> tuple[list[Item], int | None]:
            items = self._page(number, now) if number else newest
            return items, (number or 1) + 1 if items else None

        return gather({"reviews": page}, cursor, now=now, terms=_TERMS)

    def look_back(self, step: StepBack) -> Past:
        """The next page of older reviews; the store shows ten."""

        def page(number: int | None) -> tuple[list[Item], int | None]:
            items = self._page(number or 1, step.now)
            if not items and not number:
                raise SourceError("the store gives no review of this app: that is not taken for calm")
            return items, (number or 1) + 1 if items else None

        return page_back({"reviews": page}, step, most=_SHOWN)

    def _nothing(self, cursor: dict[str, Any], now: datetime) -> Batch:
        """The batch of an empty feed, which is how the store fails at times: it says nothing of calm."""
        since = last(cursor)
        had = "although it had some before" if since else "perhaps because nobody wrote one yet"
        return Batch(
            items=[],
            cursor=cursor,
            window_from=since,
            window_to=since or now,  # what could not be seen now may be seen by the next run
            status="partial" if since else "empty",
            coverage=0.0,
            note=f"the store gives no review of this app, {had}: that is not taken for calm",
        )

    def _page(self, number: int, now: datetime) -> list[Item]:
        """The reviews of a page, asked for in each way to write its address, for at times only one works."""
        ways = (f"page={number}/id={self._app}", f"id={self._app}/page={number}", f"id={self._app}")
        failures: list[SourceError] = []
        for which in ways if number == 1 else ways[:2]:
            try:
                if items := self._read(which, now):
                    return items
            except SourceError as error:
                if error.retry_after:  # it wants to be left alone
                    raise
                failures.append(error)
            else:
                if number > 1:
                    break  # the end of the list
        if len(failures) == (len(ways) if number == 1 else len(ways) - 1):
            raise failures[0]
        return []

    def _read(self, which: str, now: datetime) -> list[Item]:
        url = f"{_HOST}/{self._country}/rss/customerreviews/{which}/sortBy=mostRecent/json"
        response = http_client.ask(self._client, url, now=now)
        if response.status == 403:  # there is no login, so nobody could mend it
            raise SourceError("The App Store refuses its feed (403), as it does at times for hours.")
        feed = http_client.good(response, now=now).json()
        if not isinstance(loose.inner(feed, "feed"), dict):
            raise SourceError(
                f"{http_client.shown(url)} gives JSON, but no reviews. It is asked again later."
            )
        entries = loose.inner(feed, "feed", "entry")
        entries = [entries] if isinstance(entries, dict) else entries  # as one review alone comes
        return [item for entry in loose.rows(entries) if (item := self._item(entry))]

    def _item(self, entry: dict[str, Any]) -> Item | None:
        review, rating = clean(_label(entry, "id")), loose.whole(_label(entry, "im:rating"))
        title, text = clean(_label(entry, "title"), MAX_TITLE), clean(_label(entry, "content"))
        if not review or rating is None or not (title or text):  # without a rating it is the app itself
            return None
        version = clean(_label(entry, "im:version"), 50)
        return Item(
            external_id=fit_id(review),
            text=text,
            published_at=loose.instant(_label(entry, "updated")),
            title=title,
            author=clean(_label(entry, "author", "name"), MAX_AUTHOR) or None,
            url=web_url(loose.inner(entry, "link", "attributes", "href")),
            likes=loose.whole(_label(entry, "im:voteSum")),
            extra={"rating": rating, "country": self._country} | ({"version": version} if version else {}),
        )


def _label(entry: dict[str, Any], *path: str) -> str:
    return loose.word(loose.inner(entry, *path, "label"))


def _from_url(url: str) -> dict[str, str] | None:
    match = re.search(
        r"://itunes\.apple\.com/([a-z]{2})/rss/customerreviews/\S*?\bid=(\d+)", url, re.IGNORECASE
    )
    return {"country": match[1].lower(), "app": match[2]} if match else None


def _build(settings: AppStoreSettings, client: httpx.Client, _secret: str | None) -> AppStore:
    return AppStore(settings, client)


KIND = Kind(
    name="app_store",
    summary="What people write of an app in the App Store of one country.",
    settings=AppStoreSettings,
    build=_build,
    cadence=timedelta(minutes=15),
    gives="stars, votes, the version of the app",
    looks_back=timedelta(days=90),
    from_url=_from_url,
)
