"""What a channel says of a source that went deaf, or is heard again: mrkdwn."""

from app.channels.notices import News
from app.channels.wording.sentences import safe, stands_in
from app.channels.wording.words import Words

_WHY = 300  # code points


def told(news: News) -> str:
    """The notice in one or two sentences, in its language."""
    words = Words(news.language, news.time_zone)
    instead = stands_in(news.instead_of, words) if news.instead_of else ""
    source, since = safe(news.source), words.date(news.since, seen_from=news.at)
    if news.health == "ok":
        span = words.span(news.at - news.since)
        said = words.say("*{source} is heard again*, after {span}.", source=source, span=span)
        return " ".join(filter(None, [said, instead]))
    if news.health == "down":
        said = words.say("*{source} cannot be heard* since {since}.", source=source, since=since)
    else:
        said = words.say("*{source} is heard only in part* since {since}.", source=source, since=since)
    calm = words.say("Its silence is not taken for calm.")
    why = safe(news.why, _WHY)
    # The reason is the source's own, in English; where that is not the reader's language it says so.
    quoted = words.say("{why}", why=why) if why else ""
    return " ".join(filter(None, [said, quoted, calm, instead]))
