"""A status as Mastodon and its kin describe it, read into a post."""

from collections.abc import Iterator
from typing import Any

from app.sources.base import Item
from app.sources.toolkit import loose
from app.sources.toolkit.markup import plain
from app.sources.toolkit.pictures import pictures
from app.sources.toolkit.text import MAX_AUTHOR, MAX_TITLE, clean, fit_id, language, web_url

_MOST_SHOWN, _LONGEST_SHOWN = 20, 2_000


def item_of(status: dict[str, Any]) -> Item | None:
    """The post; None if it is not public, is a mere boost of another, or has no id."""
    uri = clean(loose.word(status.get("uri"))) or clean(loose.word(status.get("url")))
    if not uri or isinstance(status.get("reblog"), dict):
        return None
    if loose.word(status.get("visibility")) not in ("", "public"):
        return None
    account = status.get("account")
    return Item(
        external_id=fit_id(uri),  # the same on every instance that knows the post
        text="\n\n".join(dict.fromkeys(filter(None, _texts(status)))),
        published_at=loose.instant(status.get("created_at")),
        title=clean(loose.word(status.get("spoiler_text")), MAX_TITLE),
        author=clean(loose.word(loose.inner(account, "acct")), MAX_AUTHOR) or None,
        url=web_url(status.get("url")) or web_url(uri),
        lang=language(status.get("language")),
        edited_at=loose.instant(status.get("edited_at")),
        likes=loose.whole(status.get("favourites_count")),
        shares=loose.whole(status.get("reblogs_count")),
        replies=loose.whole(status.get("replies_count")),
        followers=loose.whole(loose.inner(account, "followers_count")),
        extra=_extra(status, account),
    )


def _texts(status: dict[str, Any]) -> Iterator[str]:
    """What is written in it, below its pictures, on the card of its link, and to choose from in its poll."""
    yield plain(loose.word(status.get("content")))
    for attachment in loose.rows(status.get("media_attachments"))[:_MOST_SHOWN]:
        yield clean(loose.word(attachment.get("description")), _LONGEST_SHOWN)
    card = status.get("card")
    yield clean(loose.word(loose.inner(card, "title")), _LONGEST_SHOWN)
    yield clean(loose.word(loose.inner(card, "description")), _LONGEST_SHOWN)
    options = loose.rows(loose.inner(status.get("poll"), "options"))[:_MOST_SHOWN]
    yield "\n".join(clean(loose.word(option.get("title")), _LONGEST_SHOWN) for option in options)


def order(status_id: str) -> tuple[int, str]:
    """Ids rise with time: by length first, then as text."""
    return len(status_id), status_id


def status_id(status: dict[str, Any]) -> str:
    """The id that the status has on this instance; empty if it has none."""
    return clean(loose.word(status.get("id")), 64)


def _extra(status: dict[str, Any], account: object) -> dict[str, Any] | None:
    tags = [clean(loose.word(tag.get("name")), 100) for tag in loose.rows(status.get("tags"))[:50]]
    extra = {
        "name": clean(loose.word(loose.inner(account, "display_name")), MAX_AUTHOR),
        "bot": loose.inner(account, "bot") is True,
        "tags": [tag for tag in tags if tag],
        "reply_to": clean(loose.word(status.get("in_reply_to_id")), 64),
        "quotes": loose.whole(status.get("quotes_count")),
        "pictures": pictures(
            attachment.get("preview_url") or attachment.get("url")
            for attachment in loose.rows(status.get("media_attachments"))
            if attachment.get("type") == "image"
        ),
    }
    return {name: value for name, value in extra.items() if value} or None
