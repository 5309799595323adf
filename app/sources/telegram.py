"""Telegram: messages of given public channels, from the pages on which it shows them to everybody."""

import re
from datetime import datetime, timedelta
from typing import Annotated, Any

import httpx
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from selectolax.lexbor import LexborHTMLParser, LexborNode

from app import http_client
from app.errors import SourceError
from app.sources.base import Batch, Item, Kind
from app.sources.toolkit import loose
from app.sources.toolkit.markup import plain
from app.sources.toolkit.pictures import pictures
from app.sources.toolkit.text import MAX_AUTHOR, clean
from app.sources.toolkit.walk import Read, Terms, gather

_SITE = "https://t.me"
_TERMS = Terms(overlap=timedelta(hours=1), pages=15, kept=200, stays=True)
_POST = re.compile(r"[A-Za-z0-9_]{3,40}/\d{1,12}")
_PICTURE = re.compile(r"background-image:\s*url\('(https://[^']{1,1000})'\)")
_VIEWS = re.compile(r"([0-9]+(?:\.[0-9]+)?)([KM]?)")
_TIMES = {"": 1, "K": 1_000, "M": 1_000_000}


def _channel(written: object) -> object:
    """The name of a channel as it is written, or out of its address.

    >>> _channel("https://t.me/s/Velinor_officiel"), _channel("@velinor")
    ('velinor_officiel', 'velinor')
    """
    if not isinstance(written, str):
        return written
    return re.sub(r"^(?:https?://)?(?:t\.me/)?(?:s/)?@?", "", written.strip()).rstrip("/").lower()


class TelegramSettings(BaseModel):
    """Which channels."""

    model_config = ConfigDict(extra="forbid")

    channels: list[Annotated[str, BeforeValidator(_channel), Field(pattern=r"^[a-z][a-z0-9_]{2,39}$")]] = (
        Field(description="names of public channels, as in t.me/NAME", min_length=1, max_length=20)
    )


class Telegram:
    """The messages of each channel, newest first, until a known one."""

    def __init__(self, settings: TelegramSettings, client: httpx.Client) -> None:
        self._channels, self._client = list(dict.fromkeys(settings.channels)), client

    def fetch(self, cursor: dict[str, Any], *, now: datetime) -> Batch:
        """The messages that are new or edited since the cursor."""
        return gather({one: self._list(one, now) for one in self._channels}, cursor, now=now, terms=_TERMS)

    def _list(self, channel: str, now: datetime) -> Read:
        def read(before: str | None) -> tuple[list[Item], str | None]:
            url = f"{_SITE}/s/{channel}"
            params = {"before": before} if before else {}
            response = http_client.good(http_client.ask(self._client, url, params=params, now=now), now=now)
            page = LexborHTMLParser(response.content.decode("utf-8", "replace"))
            if page.css_first(".tgme_channel_history") is None:
                raise SourceError(
                    f"{http_client.shown(url)} shows no messages: it gives another web page, an empty one "
                    "or one that is cut short. See in a browser whether the channel is public and may be "
                    "read there. It is asked again."
                )
            items = [item for one in page.css(".tgme_widget_message[data-post]") if (item := _item(one))]
            more = page.css_first("a.tme_messages_more[data-before]")
            following = (more.attributes.get("data-before") or "") if more else ""
            return items[::-1], following if following.isdigit() and following != before else None

        return read


def _item(message: LexborNode) -> Item | None:
    post = message.attributes.get("data-post") or ""
    texts = [one for one in message.css(".tgme_widget_message_text") if not _is_quoted(one)]
    text = plain(texts[-1].html or "") if texts else ""
    if not _POST.fullmatch(post) or not text:
        return None
    time = message.css_first(".tgme_widget_message_date time[datetime]")
    owner, views = (
        message.css_first(".tgme_widget_message_owner_name"),
        message.css_first(".tgme_widget_message_views"),
    )
    forwarded = message.css_first(".tgme_widget_message_forwarded_from_name")
    shown = [
        match[1]
        for one in message.css(".tgme_widget_message_photo_wrap")
        if (match := _PICTURE.search(one.attributes.get("style") or ""))
    ]
    extra = {
        "channel": post.partition("/")[0],
        "forwarded_from": clean(forwarded.text(), MAX_AUTHOR) if forwarded else "",
        "pictures": pictures(shown),
    }
    return Item(
        external_id=post.lower(),
        text=text,
        published_at=loose.instant(time.attributes.get("datetime")) if time else None,
        author=clean(owner.text(), MAX_AUTHOR) or None if owner else None,
        url=f"{_SITE}/{post}",
        reach=_count(views.text()) if views else None,
        extra={name: value for name, value in extra.items() if value},
    )


def _is_quoted(text: LexborNode) -> bool:
    """Whether it is of the message that is answered."""
    parent = text.parent
    while parent is not None and parent.tag == "div":
        if "tgme_widget_message_reply" in (parent.attributes.get("class") or ""):
            return True
        parent = parent.parent
    return "js-message_reply_text" in (text.attributes.get("class") or "")


def _count(written: str) -> int | None:
    """How often it was seen, which is rounded from a thousand on.

    >>> _count("1.2K"), _count("87"), _count("3M"), _count("many")
    (1200, 87, 3000000, None)
    """
    match = _VIEWS.fullmatch(written.strip())
    return round(float(match[1]) * _TIMES[match[2]]) if match and len(match[1]) < 10 else None


def _from_url(url: str) -> dict[str, list[str]] | None:
    match = re.match(r"https://t\.me/s/([A-Za-z][A-Za-z0-9_]{2,39})(?:\?|$)", url)
    return {"channels": [match[1]]} if match else None


def _build(settings: TelegramSettings, client: httpx.Client, _secret: str | None) -> Telegram:
    return Telegram(settings, client)


KIND = Kind(
    name="telegram",
    summary="Messages of public channels of Telegram, from the pages that show them to everybody.",
    settings=TelegramSettings,
    build=_build,
    cadence=timedelta(minutes=5),
    gives="text, views, edits, addresses of pictures",
    needs=(
        "Your consent: these pages are made for people and are no interface; they may change or be shut off "
        "any day, and there is no search, so name the channels."
    ),
    starts=False,
    from_url=_from_url,
)
