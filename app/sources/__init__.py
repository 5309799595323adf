"""Where posts come from: one file for each kind of source, and one line here."""

from app.errors import NotFound
from app.sources import (
    app_store,
    archive,
    bluesky,
    discourse,
    gdelt,
    google_news,
    google_play,
    hackernews,
    jetstream,
    lemmy,
    mastodon,
    push,
    rappelconso,
    reddit,
    rss,
    stackexchange,
    threads,
    x,
    youtube,
)
from app.sources.base import Kind

KINDS: tuple[Kind, ...] = (
    app_store.KIND,
    archive.KIND,
    bluesky.KIND,
    discourse.KIND,
    gdelt.KIND,
    google_news.KIND,
    google_play.KIND,
    hackernews.KIND,
    jetstream.KIND,
    lemmy.KIND,
    mastodon.KIND,
    push.KIND,
    rappelconso.KIND,
    reddit.KIND,
    rss.KIND,
    stackexchange.KIND,
    threads.KIND,
    x.KIND,
    youtube.KIND,
)


def kind(name: str) -> Kind:
    """The kind of that name; a NotFound that lists what there is."""
    for one in KINDS:
        if one.name == name:
            return one
    known = ", ".join(one.name for one in KINDS)
    raise NotFound(f"there is no kind of source {name[:40]!r}; there are: {known}")
