"""The services that polled kinds ask, played on loopback: one file for each, and one line here."""

from tests.sources.far_ends import (
    app_store,
    bluesky,
    discourse,
    gdelt,
    google_news,
    google_play,
    hackernews,
    lemmy,
    mastodon,
    rappelconso,
    reddit,
    stackexchange,
    threads,
    x,
    youtube,
)
from tests.sources.far_ends.base import FarEnd

FAR_ENDS: tuple[FarEnd, ...] = (
    app_store.FAR_END,
    bluesky.FAR_END,
    discourse.FAR_END,
    gdelt.FAR_END,
    google_news.FAR_END,
    google_play.FAR_END,
    hackernews.FAR_END,
    lemmy.FAR_END,
    mastodon.FAR_END,
    rappelconso.FAR_END,
    reddit.FAR_END,
    stackexchange.FAR_END,
    threads.FAR_END,
    x.FAR_END,
    youtube.FAR_END,
)
