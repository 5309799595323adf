"""Posts as Discourse lists them and as its search finds them."""

from collections.abc import Mapping
from typing import Any

from app.sources.base import Item
from app.sources.toolkit import loose
from app.sources.toolkit.markup import plain
from app.sources.toolkit.text import MAX_AUTHOR, MAX_TITLE, clean, web_url

_REGULAR = 1  # others are notes of what moderators did, and whispers among them


def post_id(post: Mapping[str, Any]) -> int | None:
    """The number of the post in its forum."""
    number = post.get("id")
    return number if isinstance(number, int) and not isinstance(number, bool) and number > 0 else None


def taken_back(post: Mapping[str, Any]) -> bool:
    """Whether its author or a moderator deleted it, although it is still listed."""
    return post.get("user_deleted") is True or bool(post.get("deleted_at"))


def item_of(post: Mapping[str, Any], forum: str, lang: str) -> Item | None:
    """A post of the list of newest posts; None if it is hidden, taken back, or no post of a person."""
    number = post_id(post)
    text = plain(loose.word(post.get("cooked"))) or clean(loose.word(post.get("raw")))
    text = text or plain(loose.word(post.get("excerpt")))
    if number is None or taken_back(post) or post.get("hidden") is True or not text:
        return None
    if loose.whole(post.get("post_type")) not in (None, _REGULAR):
        return None
    published, updated = loose.instant(post.get("created_at")), loose.instant(post.get("updated_at"))
    version = loose.whole(post.get("version"))
    edited = version > 1 if version is not None else False
    place = f"{loose.word(post.get('topic_id'))}/{loose.word(post.get('post_number'))}"
    return Item(
        external_id=str(number),
        text=text,
        published_at=published,
        # Only the first post carries the title of the topic, or a title would count again with each reply.
        title=_title(post.get("topic_title")) if loose.whole(post.get("post_number")) == 1 else "",
        author=clean(loose.word(post.get("username")), MAX_AUTHOR) or None,
        url=web_url(f"{forum}/t/{clean(loose.word(post.get('topic_slug')), 300) or '-'}/{place}"),
        lang=lang or None,
        edited_at=updated if edited and published and updated and updated > published else None,
        likes=_likes(post),
        replies=loose.whole(post.get("reply_count")),
        reach=loose.whole(post.get("reads")),
        extra=_extra(post.get("topic_title"), post.get("category_id")),
    )


def found_item(
    post: Mapping[str, Any], topics: Mapping[str, Mapping[str, Any]], forum: str, lang: str
) -> Item | None:
    """A post that a search found: a piece of its text, and its topic beside it."""
    number, text = post_id(post), plain(loose.word(post.get("blurb")))
    if number is None or not text:
        return None
    topic = loose.word(post.get("topic_id"))
    about = topics.get(topic, {})
    slug = clean(loose.word(about.get("slug")), 300) or "-"
    first = loose.whole(post.get("post_number")) == 1
    return Item(
        external_id=str(number),
        text=text,
        published_at=loose.instant(post.get("created_at")),
        title=_title(about.get("title")) if first else "",
        author=clean(loose.word(post.get("username")), MAX_AUTHOR) or None,
        url=web_url(f"{forum}/t/{slug}/{topic}/{loose.word(post.get('post_number'))}"),
        lang=lang or None,
        likes=loose.whole(post.get("like_count")),
        extra=_extra(about.get("title"), about.get("category_id")),
    )


def _title(value: object) -> str:
    return plain(loose.word(value), MAX_TITLE)


def _likes(post: Mapping[str, Any]) -> int | None:
    for act in loose.rows(post.get("actions_summary")):
        if loose.whole(act.get("id")) == 2:  # the like, of the things that one can do to a post
            return loose.whole(act.get("count"))
    return loose.whole(post.get("like_count"))


def _extra(topic: object, category: object) -> dict[str, Any] | None:
    extra = {"topic": _title(topic), "category": loose.whole(category)}
    return {name: value for name, value in extra.items() if value} or None
