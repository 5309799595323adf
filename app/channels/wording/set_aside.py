"""What is said of posts that are set aside as not about a watch."""

from app.channels.document import Inline, join
from app.channels.facts import Facts
from app.channels.notices import SetAside
from app.channels.wording.sentences import name
from app.channels.wording.words import Words


def set_aside(news: SetAside, words: Words) -> Inline:
    """That posts are set aside from now on, or that far more are than usual, in a few sentences."""
    watch = name(news.watch)
    if news.begins:
        said = words.write(
            "*{watch}: posts that are not about it are set aside from now on*, as your labels taught: "
            "{found} of them, and {lost} of those that are about it, on posts that it did not learn from.",
            watch=watch,
            found=words.share(news.found or 0, 1),
            lost=words.share(news.lost or 0, 1),
        )
        kept = words.write(
            "They are kept and counted apart. What speaks of harm always counts, and where it would ring "
            "with them they all count again."
        )
        return join(" ", [said, kept])
    said = words.write_count(
        "*{watch}: far more is set aside than usual:* {n} post in the hour to {until}, {usual} usual.",
        "*{watch}: far more is set aside than usual:* {n} posts in the hour to {until}, {usual} usual.",
        news.observed or 0,
        watch=watch,
        until=words.clock(news.at, seen_from=news.at),
        usual=words.number(news.usual or 0),
    )
    look = words.write(
        "They are taken for posts that are not about it: {look} lists them. If they are about it, {off} lets "
        "every post count again.",
        look=f"tocsin relevance {news.watch_id} --aside",
        off=f"tocsin relevance {news.watch_id} --off",
    )
    return join(" ", [said, look])


def apart(facts: Facts, words: Words) -> list[Inline]:
    """What of an incident is set aside, or counts although it is as a rule; nothing where neither is."""
    if facts.apart is None:
        return []
    said: list[Inline] = []
    if facts.apart.again:
        said.append(
            words.write_count(
                "*Counted again:* {n} of the mentions would be set aside as not about you, but with such "
                "posts it rings.",
                "*Counted again:* {n} of the mentions would be set aside as not about you, but with such "
                "posts it rings.",
                facts.apart.again,
            )
        )
    if facts.apart.posts:
        mentions = words.count("{n} mention", "{n} mentions", facts.mentions)
        said.append(
            words.write_count(
                "{mentions} since the start, {n} more post set aside as not about you.",
                "{mentions} since the start, {n} more posts set aside as not about you.",
                facts.apart.posts,
                mentions=mentions,
            )
        )
    return said
