"""Why a source is not heard, a channel took nothing or a form was refused, in the reader's language.

A source or a channel says why in English, once, for the log, the API and whoever set it up. What of it is one
of the sentences below, or of those of channels, is said in the reader's language; any other stays as it is.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from string import Formatter

from app.channels.wording.channel_reasons import CHANNEL_SENTENCES
from app.channels.wording.refusals import REFUSALS, THINGS
from app.channels.wording.words import Words, mark

SENTENCES = (
    mark("{where} is out of order ({status})."),
    mark("{where} asks us to come less often (429)."),
    mark("{where} asks us to come less often."),
    mark("It is left alone for a while."),
    mark("It is asked again at the next run."),
    mark("It is asked again; if this stays, check the settings."),
    mark("It is asked again."),
    mark("It is asked again later."),
    mark("{where} answers with {found} ({status}), which only a browser gets past."),
    mark(
        "It is asked again; if that stays so, ask its owner to let in this machine, or take another "
        "way to it."
    ),
    mark("{where} wants a login (401), and this source takes none."),
    mark("{where} wants a login (401)."),
    mark("{where} wants a login."),
    mark("{where} wants to be paid (402)."),
    mark("See that there is credit left, or switch the source off."),
    mark("{where} refuses us (403)."),
    mark("Check {secret} with its rights, and that it may be read, or ask its owner."),
    mark("See in a browser whether it may be read; it may shut out this machine."),
    mark("{where} does not exist (404)."),
    mark("{where} is gone for good (410)."),
    mark("Remove the source, or give its new address."),
    mark("{where} cannot be read: it answers {status}."),
    mark("Check the address and the settings."),
    mark("Check the address."),
    mark("Check the settings."),
    mark("Check that the address is right."),
    mark("Check the secret of the source and the address."),
    mark("Check the secret of the source."),
    mark("Check the names."),
    mark("Check {secret}."),
    mark("It says: “{theirs}”."),
    mark("{where} did not answer in time."),
    mark(
        "{where} cannot be reached: the name {host} is not known; check the address, and this "
        "machine's network."
    ),
    mark("{where} cannot be reached: {why}."),
    mark("{where} redirects more than {times} times, perhaps in a circle."),
    mark("{where} redirects to an address that cannot be read."),
    mark("{where} redirects from https to plain http."),
    mark("If you trust the way there, set the address to {there}."),
    mark("{where} sends what we give it on to {there}."),
    mark(
        "{where} cannot be asked: a setting or the secret holds a line break or another character "
        "that no request may hold."
    ),
    mark("Set it again."),
    mark("{where} hung up: {why}."),
    mark("{where} hung up."),
    mark("{where} broke off: {why}."),
    mark("{where} said nothing for {seconds} seconds."),
    mark("{where} said nothing for too long."),
    mark("{where} gives an empty answer where JSON was expected."),
    mark("{where} gives an empty answer where a feed was expected."),
    mark(
        "{where} gives a web page where JSON was expected: a login, a check for robots, or another address."
    ),
    mark("Check the settings, and open the address in a browser."),
    mark("{where} gives a web page where a feed was expected: a check for robots, or for consent."),
    mark("It is left alone for a while; ask for fewer queries if this goes on."),
    mark("{where} gives something that is not JSON, or is cut short: “{start}”."),
    mark("{where} gives something that is not a feed, or is cut short."),
    mark("{where} gives JSON that is nested too deeply."),
    mark("{where} gives JSON, but not a JSON Feed."),
    mark("{where} gives JSON that is broken: {why}."),
    mark("{where} gives JSON of a shape that is not known."),
    mark("{where} gives packed data that is cut short."),
    mark("{where} gives packed data that is broken."),
    mark("{where} gives more than {bytes} bytes."),
    mark("{where} gives a feed that is broken and empty: {why}."),
    mark("{where} gives a feed that cannot be read ({why})."),
    mark("{where} has more than {tags} tags."),
    mark("It is not read."),
    mark("{where} refuses the access token."),
    mark("Check the secret: a token ends after 60 days, so make a new one and set it."),
    mark("{where} refuses the API key."),
    mark("The key's quota of today is used up; {where} goes on at midnight in California."),
    mark("{where} is out of order."),
    mark("{where} answers with an error."),
    mark("nothing was heard since {at} UTC, and it is asked every {span}"),
    mark("no post since {at} UTC; the longest pause in two weeks was {span}."),
    mark("See whether it still shows new posts"),
    mark("{n} posts in the last day, where {usual} are usual: part of it may not reach us"),
    mark("a run takes {span}, and it is asked every {cadence}: it answers slowly"),
    mark(
        "{n} of the {all} posts of the last day are dated in the future: its clock or its time zone is wrong"
    ),
)
WORDS = (
    mark("a check for robots"),
    mark("a page that asks for consent"),
    mark("a page to log in"),
    mark("a page that says that the site is away"),
    mark("the secret of the source"),
    mark("the bearer token"),
    mark("the API key"),
)
_REFUSALS = sorted(REFUSALS, key=lambda one: len(re.sub(r"\{\w+\}", "", one)), reverse=True)
_LONGEST_FIRST = sorted(
    (*SENTENCES, *CHANNEL_SENTENCES), key=len, reverse=True
)  # of two that begin alike, what says more
_GAP = "gap"  # between two sentences
# Reasons are sentences with full stops; refusals are parts of one, with semicolons between.
_BETWEEN, _BETWEEN_REFUSALS = r"\s+|;\s+|$", r";\s+|$"
_ENDS = {
    _BETWEEN: re.compile(r"(?<=[.”])\s+|;\s+|$"),
    _BETWEEN_REFUSALS: re.compile(_BETWEEN_REFUSALS),
}


def reason(text: str, words: Words) -> str:
    """The reason in the language of the words, sentence by sentence."""
    return _told(text, words, _LONGEST_FIRST, _BETWEEN)


def refusal(text: str, words: Words) -> str:
    """Why something that was filled in was refused, in the language of the words."""
    return _told(text, words, _REFUSALS, _BETWEEN_REFUSALS)


def _told(text: str, words: Words, templates: Sequence[str], between: str) -> str:
    said, rest, joint = "", text.strip(), ""
    while rest:
        sentence, rest, then = _first(rest, words, templates, between)
        said = (
            words.say("{first}; {then}", first=said, then=sentence)
            if joint == ";"
            else said + joint + sentence
        )
        joint = then
    return said


def _first(text: str, words: Words, templates: Sequence[str], between: str) -> tuple[str, str, str]:
    """(the first sentence as it is said, what comes after it, what stands between the two)."""
    for template in templates:
        found = _pattern(template, between).match(text)
        if found is not None:
            values = {name: _word(value, words) for name, value in found.groupdict().items() if name != _GAP}
            return words.say(template, **values), text[found.end() :], found[_GAP].strip() or " "
    end = _ENDS[between].search(text)
    assert end is not None  # noqa: S101 - it matches at the end, at the latest
    return text[: end.start()], text[end.end() :], end[0].strip() or " "


def _word(value: str, words: Words) -> str:
    return words.say(value) if value in WORDS or value in THINGS else value


@lru_cache(256)
def _pattern(template: str, between: str) -> re.Pattern[str]:
    """What the sentence looks like with its values, and the white space or semicolon behind it."""
    parts = []
    for text, name, _, _ in Formatter().parse(template):
        parts.append(re.escape(text))
        if name is not None:
            parts.append(f"(?P<{name}>\\S+)" if name in ("where", "host", "there") else f"(?P<{name}>.+?)")
    return re.compile("".join(parts) + rf"(?P<{_GAP}>{between})", re.DOTALL)
