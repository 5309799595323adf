"""Posts and comments as Reddit's listings hold them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from app.sources.base import Item
from app.sources.toolkit import loose
from app.sources.toolkit.text import MAX_AUTHOR, MAX_TITLE, clean, fit_id, web_url

_SITE = "https://www.reddit.com"
_TAKEN_BACK = ("[removed]", "[deleted]")


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen beside the posts: full names of those that were taken back."""

    removed: set[str] = field(default_factory=set)


def read(children: Iterable[dict[str, Any]], seen: Seen) -> list[Item]:
    """The posts (t3) and comments (t1) of a listing; those that were taken back are noted in `seen`."""
    items = []
    for child in children:
        data = child.get("data")
        if child.get("kind") not in ("t1", "t3") or not isinstance(data, dict):
            continue
        name = clean(loose.word(data.get("name"))) or f"{child['kind']}_{clean(loose.word(data.get('id')))}"
        if name in ("t1_", "t3_"):
            continue
        text = clean(loose.word(data.get("body") if child["kind"] == "t1" else data.get("selftext")))
        if text in _TAKEN_BACK or loose.word(data.get("removed_by_category")):
            seen.removed.add(name)
        elif item := _item(name, text, data):
            items.append(item)
    return items


def _item(name: str, text: str, data: dict[str, Any]) -> Item | None:
    title = clean(loose.word(data.get("title")), MAX_TITLE)
    if not (title or text):
        return None
    author = clean(loose.word(data.get("author")), MAX_AUTHOR)
    subreddit = clean(loose.word(data.get("subreddit")), 100)
    link = None if data.get("is_self") or name.startswith("t1_") else web_url(data.get("url"))
    story = clean(loose.word(data.get("link_title")), MAX_TITLE)
    extra = {"subreddit": subreddit, "link": link, "story": story, "over_18": data.get("over_18") is True}
    return Item(
        external_id=fit_id(name),
        # Where a post leads to is part of what it says: a watch may listen for the domain.
        text="\n\n".join(filter(None, (text, link if link and link not in text else ""))),
        published_at=loose.epoch(data.get("created_utc")),
        title=title,
        author=author if author not in ("", *_TAKEN_BACK) else None,
        url=_address(name, subreddit, data),
        edited_at=None if data.get("edited") is True else loose.epoch(data.get("edited")),
        likes=loose.whole(data.get("score")),
        shares=loose.whole(data.get("num_crossposts")),
        replies=loose.whole(data.get("num_comments")),
        reach=loose.whole(data.get("subreddit_subscribers")),
        extra={key: value for key, value in extra.items() if value} or None,
    )


def _address(name: str, subreddit: str, data: dict[str, Any]) -> str | None:
    path = loose.word(data.get("permalink"))
    if not path.startswith("/") and name.startswith("t1_"):  # old answers have no address for a comment
        post = loose.word(data.get("link_id")).removeprefix("t3_")
        path = f"/r/{subreddit}/comments/{post}/_/{name.removeprefix('t1_')}/" if post and subreddit else ""
    return web_url(_SITE + path) if path.startswith("/") else None
