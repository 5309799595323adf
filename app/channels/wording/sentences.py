"""What an alert says first: its headline, its one sentence, and why its watch is there."""

from datetime import timedelta
from math import ceil, floor

from app.channels.base import Alert
from app.channels.document import Inline, embolden, join
from app.channels.facts import Facts, Share, Window
from app.channels.text import cut, isolate, line
from app.channels.wording.kinds import LABELS
from app.channels.wording.words import Words, mark
from app.models import State

_TRENDS = {
    "growing": mark("and growing"),
    "steady": mark("and steady"),
    "slowing": mark("and slowing"),
}
_NAME = 80  # code points of a name, of whatever it is
_WORD = 24  # of a word in the headline
_MUCH = 0.2  # part of the posts that speak of a topic, for it to be what burns


def words_of(alert: Alert) -> Words:
    """The words of the alert's watch."""
    return Words(alert.language, alert.time_zone)


def name(text: str, limit: int = _NAME) -> str:
    """A name that somebody gave, on one line and not too long."""
    return isolate(cut(line(text[: 10 * limit]), limit))


def headline(alert: Alert, words: Words) -> str:
    """The state in words, the watch, and the one figure that matters then."""
    return f"{words.say('DRILL')} · {_headline(alert, words)}" if alert.drill else _headline(alert, words)


def _headline(alert: Alert, words: Words) -> str:
    watch = name(alert.watch)
    if alert.verdict in {"false_alarm", "planned"}:
        label = words.say("FALSE ALARM") if alert.verdict == "false_alarm" else words.say("PLANNED")
        return f"{label} · {watch}"
    if alert.state is State.out:
        return words.say("OUT · {watch} · after {span}", watch=watch, span=words.span(lasted(alert)))
    if alert.state is State.contained:
        return words.say(
            "CONTAINED · {watch} · peak {peak} an hour", watch=watch, peak=words.number(alert.peak)
        )
    if alert.facts.kind in LABELS:
        label = words.say(LABELS[alert.facts.kind])
    else:
        label = words.say("FIRE") if alert.level else words.say("FIRE STARTING")
    return " · ".join(filter(None, (label, watch, _burning(alert, words), times(alert, words))))


def _burning(alert: Alert, words: Words) -> str:
    """What burns: the words that most of it speaks of; empty where none stand out."""
    facts = alert.facts
    if facts.topics and facts.topics[0].share >= _MUCH:
        return ", ".join(words.say("“{word}”", word=name(word, _WORD)) for word in facts.topics[0].words[:2])
    return ", ".join(words.say("“{word}”", word=name(word, _WORD)) for word in facts.new_words[:2])


def times(alert: Alert, words: Words) -> str:
    """How large it is against the usual, in two or three words."""
    window = _window(alert)
    if window.expected >= 0.5 and not is_unknown(alert.facts):  # "×200" says nothing where nothing is usual
        return words.say("×{times}", times=words.number(window.observed / window.expected))
    if window.hours == 1:
        return words.count("{n} mention in an hour", "{n} mentions in an hour", window.observed)
    return words.count(
        "{n} mention in {hours} h", "{n} mentions in {hours} h", window.observed, hours=str(window.hours)
    )


def _window(alert: Alert) -> Window:
    """The hours in which it is seen."""
    facts = alert.facts
    return facts.window or Window(hours=1, observed=facts.observed, expected=facts.expected)


def lasted(alert: Alert) -> timedelta:
    """How long it burned, or burns."""
    return max((alert.out_at or alert.at) - alert.facts.onset_at, timedelta(0))


def is_unknown(facts: Facts) -> bool:
    """Whether nothing is known of what is usual: it rang at an absolute number."""
    return facts.learning is not None and facts.learning.basis == "emergency"


def usual(alert: Alert, words: Words) -> str:
    """The usual and its interval, and whose it is."""
    facts = alert.facts
    if is_unknown(facts):
        return words.say("what is usual is not known yet")
    if facts.learning is not None:
        return words.say("{expected} usual for watches like it", expected=words.number(facts.expected))
    return words.say(
        "{expected} usual, {low} to {high}",
        expected=words.number(facts.expected),
        low=words.number(floor(facts.low)),  # whole posts: nobody counts tenths of them
        high=words.number(ceil(facts.high)),
    )


def last_hour(alert: Alert, words: Words) -> Inline:
    """The mentions of the last hour in bold, or of as many as it is seen in, against the usual."""
    observed, window = alert.facts.observed, alert.facts.window
    if window is not None:
        counted = words.count(
            "{n} mention in the last {hours} hours", "{n} mentions in the last {hours} hours",
            window.observed, hours=str(window.hours),
        )  # fmt: skip
        if is_unknown(alert.facts):
            return join(" ", [embolden(counted), f"({usual(alert, words)})"])
        return join(
            " ",
            [embolden(counted), words.say("({expected} usual)", expected=words.number(window.expected))],
        )
    if alert.facts.seen_at is not None:
        until = words.clock(alert.facts.seen_at, seen_from=alert.at)
        counted = words.count(
            "{n} mention in the hour to {until}", "{n} mentions in the hour to {until}", observed, until=until
        )
    else:
        counted = words.count("{n} mention in the last hour", "{n} mentions in the last hour", observed)
    return join(" ", [embolden(counted), f"({usual(alert, words)})"])


def situation(alert: Alert, words: Words) -> Inline:
    """The mentions, the usual and the time, as fits the state."""
    onset = words.date(alert.facts.onset_at, seen_from=alert.at)
    if alert.state is State.out:
        mentions = words.count("{n} mention", "{n} mentions", alert.facts.mentions)
        return words.write(
            "{mentions} in {span} ({since} → {until})",
            mentions=embolden(mentions),
            span=words.span(lasted(alert)),
            since=onset,
            until=words.date(alert.out_at or alert.at, seen_from=alert.facts.onset_at),
        )
    if alert.state is State.contained:
        return words.write(
            "{last_hour}, after a fire ({since})", last_hour=last_hour(alert, words), since=onset
        )
    return words.write("{last_hour}, since {since}", last_hour=last_hour(alert, words), since=onset)


def sentence(alert: Alert, words: Words) -> Inline:
    """What burns, how much against the usual, since when, where, and whether it grows."""
    facts = alert.facts
    what = situation(alert, words)
    parts: list[Inline | str] = [words.write("{watch}: {what}", watch=embolden(name(alert.watch)), what=what)]
    if facts.sources:
        parts.append(where(facts.sources, words))
    if alert.state is State.burning:
        parts.append(_trend(alert, words))
    return drilled(alert, join("", [join(", ", parts), "."]), words)


def drilled(alert: Alert, said: Inline, words: Words) -> Inline:
    """What is said, and first of all that it is a drill, if it is one."""
    if not alert.drill:
        return said
    return join(" ", [embolden(words.say("This is a drill: nothing burns.")), said])


def objective(alert: Alert, words: Words) -> list[Inline]:
    """Why the watch is there, where somebody said so."""
    given = alert.objective.strip()
    return [words.write("Why we listen: {objective}", objective=name(given, 300))] if given else []


def stands_in(channel: str, words: Words) -> str:
    """Why it is told here: the name of the channel is somebody's."""
    return words.say("Told here because “{channel}” cannot be told.", channel=name(channel))


def where(sources: tuple[Share, ...], words: Words) -> str:
    """On which sources, the one with most mentions first."""
    first = name(sources[0].name)
    if len(sources) == 1:
        return words.say("all on {source}", source=first)
    whole = sum(source.mentions for source in sources)
    share = words.share(sources[0].mentions, whole)
    if sources[0].mentions * 2 < whole:
        count = words.number(len(sources))
        return words.say("on {n} sources, {source} first ({share})", n=count, source=first, share=share)
    return words.say("most of it on {source} ({share})", source=first, share=share)


def _trend(alert: Alert, words: Words) -> str:
    facts = alert.facts
    if facts.trend == "growing" and facts.doubling_minutes:
        span = words.span(timedelta(minutes=facts.doubling_minutes))
        return words.say("and growing: it doubles every {span}", span=span)
    return words.say(_TRENDS[facts.trend])
