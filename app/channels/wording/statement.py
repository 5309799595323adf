"""Statements: the team's own templates, with the facts of an incident in their places.

The places are a closed list. A template is read once; what stands in a place is never read, so that no word
of a stranger becomes a place of its own.
"""

import re
from datetime import datetime

from app.channels.facts import Facts
from app.channels.wording.sentences import name
from app.channels.wording.words import Words

PLACES = ("watch", "what", "since", "how_many", "where")
_PLACE = re.compile(r"\{([^{}]*)\}|[{}]")
_MOST = 3  # words of what burns, and sources


def wrong_places(template: str) -> list[str]:
    """A sentence for each place that there is none of, and each brace that stands alone.

    >>> wrong_places("{what} since {when}")
    ['line 1: there is no {when}; there are {watch}, {what}, {since}, {how_many}, {where}']
    """
    known = ", ".join(f"{{{place}}}" for place in PLACES)
    wrong = []
    for found in _PLACE.finditer(template):
        at = f"line {template.count(chr(10), 0, found.start()) + 1}"
        if found[1] is None:
            wrong.append(f"{at}: “{found[0]}” stands alone; a place is written as {{what}}")
        elif found[1] not in PLACES:
            wrong.append(f"{at}: there is no {{{found[1][:40]}}}; there are {known}")
    return wrong


def filled(
    template: str,
    facts: Facts,
    watch: str,
    mentions: int,
    words: Words,
    *,
    since: datetime,
    now: datetime,
) -> str:
    """The template with the facts of now; what is not known of an incident is said by its watch's name."""
    spoken = facts.topics[0].words if facts.topics else facts.new_words
    what = words.all_of([words.say("“{word}”", word=name(word)) for word in spoken[:_MOST]])
    values = {
        "watch": name(watch),
        "what": what or name(watch),
        "since": _said_time(since, words, now),
        "how_many": words.count("{n} post", "{n} posts", mentions),
        "where": words.all_of([name(source.name) for source in facts.sources[:_MOST]]),
    }
    return _PLACE.sub(lambda found: values.get(found[1] or "", found[0]), template)


def _said_time(at: datetime, words: Words, now: datetime) -> str:
    """The time as one says it, with its day unless that is today."""
    clock = words.clock(at, seen_from=at)
    if words.local(at).date() == words.local(now).date():
        return clock
    return words.say("{day}, {time}", day=words.day(at), time=clock)
