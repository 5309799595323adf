"""Where posts come from: one file or folder for each kind of source, and one line here."""

from app.errors import NotFound
from app.sources import (
    app_store,
    archive,
    hackernews,
    lemmy,
    rappelconso,
    stackexchange,
    telegram,
    threads,
    trustpilot,
    wikipedia,
)
from app.sources.base import Kind
from app.sources.bluesky import jetstream
from app.sources.bluesky import source as bluesky_source
from app.sources.discourse import source as discourse_source
from app.sources.feed import rss
from app.sources.gdelt import source as gdelt_source
from app.sources.google import news as google_news
from app.sources.google import play as google_play
from app.sources.google import reviews as google_reviews
from app.sources.mastodon import source as mastodon_source
from app.sources.meta import facebook, instagram
from app.sources.push import source as push_source
from app.sources.reddit import source as reddit_source
from app.sources.x import source as x_source
from app.sources.youtube import source as youtube_source

KINDS: tuple[Kind, ...] = (
    app_store.KIND,
    archive.KIND,
    bluesky_source.KIND,
    discourse_source.KIND,
    facebook.KIND,
    gdelt_source.KIND,
    google_news.KIND,
    google_play.KIND,
    google_reviews.KIND,
    hackernews.KIND,
    instagram.KIND,
    jetstream.KIND,
    lemmy.KIND,
    mastodon_source.KIND,
    push_source.KIND,
    rappelconso.KIND,
    reddit_source.KIND,
    rss.KIND,
    stackexchange.KIND,
    telegram.KIND,
    threads.KIND,
    trustpilot.KIND,
    wikipedia.KIND,
    x_source.KIND,
    youtube_source.KIND,
)
WITH_HUB = frozenset(one.name for one in KINDS if one.hub)


def kind(name: str) -> Kind:
    """The kind of that name; a NotFound that lists what there is."""
    for one in KINDS:
        if one.name == name:
            return one
    known = ", ".join(one.name for one in KINDS)
    raise NotFound(f"there is no kind of source {name[:40]!r}; there are: {known}")
