"""What kind of stir an incident is taken for, and why, in words."""

from collections.abc import Iterable
from datetime import timedelta

from app.channels.base import Alert
from app.channels.document import Inline, join
from app.channels.facts import Repeated
from app.channels.wording.words import Words, mark

LABELS = {
    "buzz": mark("BUZZ"),
    "amplified": mark("AMPLIFIED"),
    "planned": mark("PLANNED EVENT"),
    "artefact": mark("SOURCE ARTEFACT"),
}
_TAKEN = {
    "fire": mark("*Why this looks like a fire:* {because}."),
    "buzz": mark("*Why this looks like buzz, good or neutral:* {because}."),
    "amplified": mark("*Why this looks like amplified noise:* {because}."),
    "planned": mark("*Why this looks like the planned event:* {because}."),
    "artefact": mark("*Why this looks like a fault of a source:* {because}."),
}
_TERMS = {
    "volume_alone": mark("its volume alone proves nothing"),
    "unexplained": mark("nothing else explains it"),
    "harm": mark("much of it tells of harm"),
    "no_harm": mark("little of it tells of harm"),
    "more_negative": mark("it is more negative than on usual days"),
    "less_negative": mark("it is less negative than on usual days"),
    "launch": mark("it speaks of a launch"),
    "feast": mark("it speaks of a match, a show or a day of the calendar"),
    "praise": mark("there is more praise than blame"),
    "planned": mark("an event was planned"),
    "copies": mark("most of it repeats others"),
    "one_account": mark("one account wrote most of it"),
    "sources_agree": mark("several sources say it"),
    "few_voices": mark("few accounts write all of it"),
    "one_topic": mark("many speak of one new thing"),
    "everywhere": mark("other watches of the same sources are up at the same time"),
    "swing": mark("the source brings more of everything, also of what no watch asks for"),
}

_TELLING = 0.2  # a term that weighs less tips nothing


def taken_for(alert: Alert, words: Words) -> Inline:
    """The kind, what speaks for it, and what speaks against it; empty where nothing was judged."""
    facts = alert.facts
    fire = facts.kind == "fire"
    hidden = "volume_alone" if fire else "unexplained"
    told = [t for t in facts.kind_because if abs(t.weight) >= _TELLING and t.term != hidden]
    for_it = [words.say(_TERMS[t.term]) for t in told if (t.weight > 0) == fire]
    against = [words.say(_TERMS[t.term]) for t in told if (t.weight > 0) != fire]
    if not for_it:
        return ()
    taken = words.write(_TAKEN[facts.kind], because=words.all_of(for_it))
    if not against:
        return taken
    return join(" ", [taken, words.say("Against it: {because}.", because=words.all_of(against))])


def reasons(terms: Iterable[str], words: Words) -> str:
    """What speaks for a kind, in one sentence's part."""
    return words.all_of([words.say(_TERMS[term]) for term in terms if term in _TERMS])


def repeated(one: Repeated, words: Words) -> str:
    """How posts were repeated, in a few words; empty where it is how people pass things on."""
    match one.kind:
        case "burst":
            span = words.span(timedelta(seconds=max(60.0, one.seconds)))
            n = words.number(one.accounts)
            return words.say("one text from {n} accounts within {span}", n=n, span=span)
        case "syndication":
            return words.say("one text in {n} outlets", n=words.number(one.posts))
        case "flood":
            return words.say("one account wrote {n}", n=words.number(one.posts))
        case "ring":
            return words.say("{n} accounts that repeat the same texts", n=words.number(one.accounts))
        case "pair":
            return words.say("two accounts that repeat the same texts")
        case _:
            return ""
