"""What a fire comes to on its way: another source or topic, the press, a wide audience, another tone."""

from app.channels.base import Alert
from app.channels.document import Inline, Run
from app.channels.wording.sentences import last_hour, name, where
from app.channels.wording.words import Words
from app.models import Reason


def milestone(alert: Alert, words: Words) -> Inline:
    """What it came to, in one or two sentences."""
    match alert.reason:
        case Reason.spread:
            return words.write(
                "*It spreads to another source:* {sources}. {last_hour}.",
                sources=where(alert.facts.sources, words),
                last_hour=last_hour(alert, words),
            )
        case Reason.turned:
            return words.write(
                "*It turns:* people now speak of something else. {last_hour}.",
                last_hour=last_hour(alert, words),
            )
        case Reason.press:
            articles = alert.facts.voices.press if alert.facts.voices else 0
            return words.write_count(
                "*The press picks it up:* {n} post from feeds and the press so far. {last_hour}.",
                "*The press picks it up:* {n} posts from feeds and the press so far. {last_hour}.",
                articles,
                last_hour=last_hour(alert, words),
            )
        case Reason.joined:
            voice = alert.facts.joined
            if voice is None or not voice.name:
                return words.write(
                    "*A wide audience hears of it.* {last_hour}.", last_hour=last_hour(alert, words)
                )
            return words.write_count(
                "*A wide audience hears of it:* {who} joins in ({n} follower). {last_hour}.",
                "*A wide audience hears of it:* {who} joins in ({n} followers). {last_hour}.",
                voice.followers,
                who=Run(name(voice.name, 60), foreign=True),
                last_hour=last_hour(alert, words),
            )
        case Reason.soured:
            share = words.share(alert.facts.negative or 0, alert.facts.mentions)
            return words.write(
                "*The tone turns:* the last hour is much more negative than what came before; "
                "{share} so far. {last_hour}.",
                share=share,
                last_hour=last_hour(alert, words),
            )
        case _:
            return words.write(
                "*It slows down:* {last_hour}. The peak was {peak} an hour ({at}).",
                last_hour=last_hour(alert, words),
                peak=words.number(alert.peak),
                at=words.date(alert.peak_at, seen_from=alert.at),
            )
