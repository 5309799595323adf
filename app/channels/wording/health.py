"""What a channel says of a source that goes deaf or is heard again, the clock, a standstill, a channel."""

from datetime import timedelta

from app.channels.document import Inline, join
from app.channels.notices import ClockJump, HandOver, News, Outage, Restore, SetAside, Standstill, Trial
from app.channels.wording.hand_overs import handed_over
from app.channels.wording.reasons import reason
from app.channels.wording.restores import restored
from app.channels.wording.sentences import name, stands_in
from app.channels.wording.set_aside import set_aside
from app.channels.wording.words import Words

_WHY = 300  # code points


def told(news: News | ClockJump | Standstill | Outage | Restore | SetAside | HandOver | Trial) -> Inline:
    """The notice in one or two sentences, in its language."""
    words = Words(news.language, news.time_zone)
    if isinstance(news, ClockJump):
        return _jumped(news, words)
    if isinstance(news, Standstill):
        return _stands(news, words)
    if isinstance(news, Trial):
        return words.write(
            "*Test of Tocsin:* {who} tries the channel “{channel}”. Nothing burns, and nothing is to be "
            "done.",
            who=name(news.by),
            channel=name(news.channel),
        )
    if isinstance(news, Restore):
        return restored(news, words)
    if isinstance(news, Outage):
        return _fails(news, words)
    if isinstance(news, SetAside):
        return join(
            " ", [set_aside(news, words), stands_in(news.instead_of, words) if news.instead_of else ""]
        )
    instead = stands_in(news.instead_of, words) if news.instead_of else ""
    if isinstance(news, HandOver):
        return join("\n", [handed_over(news, words), instead])
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
    why = reason(news.why, words)
    quoted: str | Inline = name(why, _WHY)
    if why == news.why:
        # The reason is the source's own, in English; where that is not the reader's language it says so.
        quoted = words.write("{why}", why=quoted) if why else ()
    return join(" ", [said, quoted, calm, instead])


def _stands(news: Standstill, words: Words) -> Inline:
    if news.goes_on:
        return words.write("*Tocsin works again.* What could be caught up with is told as it stands now.")
    said = words.write(
        "*Tocsin stands still* since {since}: nothing is heard, and no fire is told, until somebody looks "
        "after the service.",
        since=words.date(news.since, seen_from=news.at),
    )
    why = name(news.why, _WHY)
    return join(" ", [said, words.write("{why}", why=why) if why else ""])


def _fails(outage: Outage, words: Words) -> Inline:
    instead = stands_in(outage.instead_of, words) if outage.instead_of else ""
    channel = name(outage.channel)
    if outage.works:
        span = words.span(outage.at - outage.since)
        said = words.write(
            "*“{channel}” can be told again*, after {span}. What waited is told there.",
            channel=channel,
            span=span,
        )
        return join(" ", [said, instead])
    since = words.date(outage.since, seen_from=outage.at)
    said = words.write("*“{channel}” cannot be told* since {since}.", channel=channel, since=since)
    why = name(outage.why, _WHY)
    quoted = words.write("{why}", why=why if why.endswith(".") else f"{why}.") if why else ()
    meanwhile = words.write("What it would be told is told here meanwhile.")
    if not outage.stands_in:
        meanwhile = words.write("No channel stands in for it: what it would be told waits until it works.")
    mend = words.write(
        "Once it is mended, the command {command} says whether it works.", command="tocsin check"
    )
    return join(" ", [said, quoted, meanwhile, mend, instead])


def _jumped(jump: ClockJump, words: Words) -> Inline:
    span = words.span(timedelta(seconds=abs(jump.seconds)))
    if jump.seconds < 0:
        said = words.write(
            "*Tocsin's clock was set back by {span}.* What lay ahead was set right, and Tocsin goes on "
            "listening. What it told shortly before may be wrong.",
            span=span,
        )
    else:
        said = words.write(
            "*Tocsin did not listen for {span}*, until {at}: it was stopped, the machine slept, or its clock "
            "was moved. What could be caught up with is told as it stands now.",
            span=span,
            at=words.date(jump.at, seen_from=jump.at),
        )
    return join(" ", [said, stands_in(jump.instead_of, words) if jump.instead_of else ""])
