"""The figures of an alert since its onset, each with what it is called."""

from app.channels.base import Alert
from app.channels.document import Figure, Figures
from app.channels.facts import Facts, Picture, Share
from app.channels.wording.about import about, carried
from app.channels.wording.kinds import repeated
from app.channels.wording.sentences import name
from app.channels.wording.words import Words

_SHOWN = 3  # names in a row


def figures(alert: Alert, words: Words) -> Figures:
    """The figures since the onset, of which strangers wrote some."""
    facts = alert.facts
    mentions = words.count("{n} mention", "{n} mentions", facts.mentions)
    rows = [Figure(words.say("Since the start"), ", ".join(filter(None, (mentions, people(facts, words)))))]
    if alert.peak > facts.observed:  # else the headline has it
        rows.append(Figure(words.say("Peak"), _peak(alert, words)))
    if facts.negative is not None:
        rows.append(Figure(words.say("Negative"), _negative(alert, words)))
    rows.append(Figure(words.say("Relayed in bulk"), _relayed(alert, words)))
    if facts.picture is not None:
        rows.append(Figure(words.say("Picture"), _picture(facts.picture, words)))
    if facts.loudest is not None:
        rows.append(Figure(words.say("Loudest voice"), _loudest(facts.loudest, facts, words)))
    if len(facts.sources) > 1:
        rows.append(Figure(words.say("Where"), _shares(facts.sources, words)))
    carriers = carried(facts, words)
    if carriers:
        rows.append(Figure(words.say("Voices"), carriers))
    if facts.topics:
        rows.append(Figure(words.say("What it is about"), about(facts, words)))
    elif facts.new_words:
        rows.append(Figure(words.say("New words"), ", ".join(name(word, 40) for word in facts.new_words[:8])))
    return Figures(tuple(rows))


def people(facts: Facts, words: Words) -> str:
    """How many wrote it: of a long incident, at least so many; empty where no post says whose it is."""
    if not facts.authors:
        return ""
    if facts.recent is not None:
        return words.count("at least {n} author", "at least {n} authors", facts.authors)
    return words.count("{n} author", "{n} authors", facts.authors)


def _loudest(loudest: Share, facts: Facts, words: Words) -> str:
    author = name(loudest.name, 60) if loudest.name else words.say("one account")
    if facts.recent is not None:
        share, newest = words.share(loudest.mentions, facts.recent.mentions), facts.recent.mentions
        return words.say(
            "{author}: {share} of the newest {n} mentions", author=author, share=share, n=words.number(newest)
        )
    share = words.share(loudest.mentions, facts.mentions)
    return words.say("{author}: {share} of the mentions", author=author, share=share)


def _peak(alert: Alert, words: Words) -> str:
    at = words.clock(alert.peak_at, seen_from=alert.at)
    return words.say("{peak} an hour ({at})", peak=words.number(alert.peak), at=at)


def _negative(alert: Alert, words: Words) -> str:
    facts = alert.facts
    share = words.share(facts.negative or 0, facts.mentions)
    if facts.usual_negative_share is None:
        return share
    return words.say("{share} (usual {usual})", share=share, usual=words.share(facts.usual_negative_share, 1))


def _relayed(alert: Alert, words: Words) -> str:
    facts = alert.facts
    share = words.share(facts.amplified, facts.mentions)
    text = words.say(
        "{relayed} ({share}); {organic} spontaneous",
        relayed=words.number(facts.amplified),
        share=share,
        organic=words.number(max(facts.mentions - facts.amplified, 0)),
    )
    return " · ".join([text, *(how for one in facts.repeated[:1] if (how := repeated(one, words)))])


def _picture(picture: Picture, words: Words) -> str:
    sources = words.count("{n} source", "{n} sources", picture.sources)
    return words.say(
        "the same one in {posts} posts ({sources})", posts=words.number(picture.posts), sources=sources
    )


def _shares(shares: tuple[Share, ...], words: Words) -> str:
    whole = sum(share.mentions for share in shares)
    return ", ".join(f"{name(s.name, 40)} {words.share(s.mentions, whole)}" for s in shares[:_SHOWN])
