"""What a channel says of a source that went deaf, or is heard again."""

from app.channels.document import Inline, join
from app.channels.notices import News
from app.channels.wording.sentences import name, stands_in
from app.channels.wording.words import Words

_WHY = 300  # code points


def told(news: News) -> Inline:
    """The notice in one or two sentences, in its language."""
    words = Words(news.language, news.time_zone)
    instead = stands_in(news.instead_of, words) if news.instead_of else ""
    source, since = name(news.source), words.date(news.since, seen_from=news.at)
    if news.health == "ok":
        span = words.span(news.at - news.since)
        said = words.write("*{source} is heard again*, after {span}.", source=source, span=span)
        return join(" ", [said, instead])
    if news.health == "down":
        said = words.write("*{source} cannot be heard* since {since}.", source=source, since=since)
    else:
        said = words.write("*{source} is heard only in part* since {since}.", source=source, since=since)
    calm = words.write("Its silence is not taken for calm.")
    why = name(news.why, _WHY)
    # The reason is the source's own, in English; where that is not the reader's language it says so.
    quoted = words.write("{why}", why=why) if why else ()
    return join(" ", [said, quoted, calm, instead])
