"""What goes into the thread of a story: it grew, spread, turned, flared, is contained, is out."""

from datetime import timedelta

from app.channels.base import Alert
from app.channels.document import Inline, Run, embolden, join
from app.channels.wording.figures import people
from app.channels.wording.milestones import milestone
from app.channels.wording.sentences import drilled, last_hour, lasted, name
from app.channels.wording.words import Words, mark
from app.models import MILESTONES, Reason, State


def news(alert: Alert, words: Words) -> Inline:
    """What is new, in one or a few sentences; of whom, where several watches burn in the fire."""
    said = _news(alert, words)
    if alert.companions and not _joins(alert):
        said = words.write("{watch}: {what}", watch=embolden(name(alert.watch)), what=said)
    return drilled(alert, said, words)


def _joins(alert: Alert) -> bool:
    """Whether it is the first that is told of the watch, in a story that others told."""
    return alert.facts.adds is not None and alert.reason in {Reason.ignited, Reason.revealed}


def _joined(alert: Alert, words: Words) -> Inline:
    adds = alert.facts.adds
    assert adds is not None  # noqa: S101 - says so to the type checker
    said = [
        words.write_count(
            "*{watch} burns in the same fire as {first}:* {n} mention since {since} ({new} new).",
            "*{watch} burns in the same fire as {first}:* {n} mentions since {since} ({new} new).",
            alert.facts.mentions,
            watch=name(alert.watch),
            since=words.date(alert.facts.onset_at, seen_from=alert.at),
            new=words.number(adds.posts),
            first=name(adds.to),
        )
    ]
    if adds.words:
        added = words.all_of([words.say("“{word}”", word=name(word, 60)) for word in adds.words])
        said.append(words.write("*New in it:* {words}.", words=Run(added, foreign=True)))
    return join(" ", said)


def _news(alert: Alert, words: Words) -> Inline:
    if _joins(alert):
        return _joined(alert, words)
    match alert.reason:
        case Reason.grew:
            return words.write(
                "*It grows:* {last_hour}.",
                last_hour=last_hour(alert, words),
            )
        case Reason.flared:
            return words.write("*It flares up again:* {last_hour}.", last_hour=last_hour(alert, words))
        case Reason.ignited:
            return words.write(
                "*It burns again*, since {since}: {last_hour}. The story goes on in this thread.",
                since=words.date(alert.facts.onset_at, seen_from=alert.at),
                last_hour=last_hour(alert, words),
            )
        case Reason.revealed:
            return words.write(
                "*It is a fire after all*, since {since}: {last_hour}. "
                "It was taken for something else until now.",
                since=words.date(alert.facts.onset_at, seen_from=alert.at),
                last_hour=last_hour(alert, words),
            )
        case reason if reason in MILESTONES:
            return milestone(alert, words)
        case Reason.lapsed:
            return words.write(
                "*Nobody has it any more:* {who} took it, and nothing was noted since; {last_hour}.",
                who=name(alert.note),
                last_hour=last_hour(alert, words),
            )
        case Reason.reminded if alert.unanswered and alert.called:
            return words.write(
                "*Nobody answers.* Called: {names}. It burns since {since}: {last_hour}.",
                names=words.all_of([name(one.name) for one in alert.called]),
                since=words.date(alert.facts.onset_at, seen_from=alert.at),
                last_hour=last_hour(alert, words),
            )
        case Reason.reminded:
            return words.write(
                "*Nobody has it yet.* It burns since {since}: {last_hour}.",
                since=words.date(alert.facts.onset_at, seen_from=alert.at),
                last_hour=last_hour(alert, words),
            )
        case Reason.contained:
            return words.write(
                "*Contained:* {last_hour}. The peak was {peak} an hour ({at}). "
                "Tocsin listens on, and says so here when it is out.",
                last_hour=embolden(last_hour(alert, words), bold=False),  # one thing in bold is enough
                peak=words.number(alert.peak),
                at=words.date(alert.peak_at, seen_from=alert.at),
            )
        case _:
            return _the_end(alert, words)


def _the_end(alert: Alert, words: Words) -> Inline:
    end = alert.out_at or alert.at
    said = [
        words.write(
            "*Out* after {span} ({since} → {until}).",
            span=words.span(lasted(alert)),
            since=words.date(alert.facts.onset_at, seen_from=alert.at),
            until=words.date(end, seen_from=alert.facts.onset_at),
        ),
        words.write(
            "{written}; the peak was {peak} an hour ({at}).",
            written=_written(alert, words),
            peak=words.number(alert.peak),
            at=words.date(alert.peak_at, seen_from=alert.at),
        ),
    ]
    if alert.burning_at is not None:
        after = words.span(alert.burning_at - alert.facts.onset_at)
        before = alert.peak_at - alert.burning_at
        if before > timedelta(0):
            said.append(
                words.write(
                    "The alert came {after} after the start and {before} before the peak.",
                    after=after,
                    before=words.span(before),
                )
            )
        else:
            said.append(words.write("The alert came {after} after the start.", after=after))
        said += _in_hand(alert, words)
    if alert.companions and alert.state is State.out:
        names = words.all_of([name(one.watch) for one in alert.companions])
        said.append(words.write("*The whole fire is out*, with {names}.", names=names))
    return join(" ", said)


def _written(alert: Alert, words: Words) -> str:
    """How many mentions there were, and of how many people where that is known."""
    mentions, authors = alert.facts.mentions, people(alert.facts, words)
    if not authors:
        return words.count("{n} mention in all", "{n} mentions in all", mentions)
    return words.count(
        "{n} mention in all, by {authors}", "{n} mentions in all, by {authors}", mentions, authors=authors
    )


def _in_hand(alert: Alert, words: Words) -> list[Inline]:
    if alert.burning_at is None or alert.acknowledged_at is None or not alert.acknowledged_by:
        return [words.write("Nobody took it in hand.")]
    later = max(alert.acknowledged_at - alert.burning_at, timedelta(0))
    return [
        words.write("{who} took it {later} later.", who=name(alert.acknowledged_by), later=words.span(later))
    ]


_FIRST_WORDS = {
    Reason.grew: mark("It grows"),
    Reason.flared: mark("It flares up again"),
    Reason.ignited: mark("It burns again"),
    Reason.revealed: mark("It is a fire after all"),
    Reason.spread: mark("It spreads"),
    Reason.turned: mark("It turns"),
    Reason.press: mark("The press picks it up"),
    Reason.joined: mark("A wide audience hears of it"),
    Reason.soured: mark("The tone turns"),
    Reason.slowed: mark("It slows down"),
    Reason.reminded: mark("Nobody has it yet"),
    Reason.lapsed: mark("Nobody has it any more"),
    Reason.contained: mark("Contained"),
}


def first_words(alert: Alert, words: Words) -> str:
    """The first words of the news for a notification, before the headline."""
    if _joins(alert):
        return words.say("In the same fire")
    return words.say(_FIRST_WORDS.get(alert.reason, mark("Out")))
