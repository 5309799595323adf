"""The page that a link in a message opens: what it will do, what it did, and why it does nothing any more."""

from datetime import datetime, timedelta

from app.channels.base import Alert
from app.channels.document import Document, Heading, Inline, Link, compose, inline, paragraph, small
from app.channels.text import cut, link
from app.channels.wording.sentences import headline, name, words_of
from app.channels.wording.standing import standing
from app.channels.wording.words import Words
from app.models import State

_HEADING = 150


def asked(alert: Alert, act: str, by: str, *, snooze: timedelta) -> Document:
    """What will be done, and in whose name, before somebody says yes to it."""
    words = words_of(alert)
    what = {"n": str(alert.incident_id), "watch": name(alert.watch)}
    match act:
        case "acknowledge":
            does = words.say(
                "You take incident {n} ({watch}) in hand: the others see it, and nobody is called any more.",
                **what,
            )
        case "snooze":
            does = words.say(
                "Incident {n} ({watch}) keeps quiet for {span}, unless it grows.",
                **what,
                span=words.span(snooze),
            )
        case _:
            does = words.say(
                "You say that incident {n} ({watch}) is a false alarm. Its threshold learns from it, and "
                "Tocsin follows it to its end.",
                **what,
            )
    return _page(alert, words, does, words.say("It is noted in the name of {who}.", who=name(by)))


def done(alert: Alert, act: str, *, now: datetime) -> Document:
    """What was done."""
    words = words_of(alert)
    what = {"n": str(alert.incident_id), "watch": name(alert.watch)}
    match act:
        case "acknowledge":
            text = words.write("You have incident {n} ({watch}) in hand.", **what)
        case "snooze":
            until = words.date(alert.snoozed_until or now, seen_from=now)
            text = words.write(
                "Incident {n} ({watch}) keeps quiet until {until}, unless it grows.", **what, until=until
            )
        case _:
            text = words.write("Incident {n} ({watch}) is noted as a false alarm.", **what)
    return _page(alert, words, text)


def settled(alert: Alert, act: str, *, now: datetime) -> Document | None:
    """Why there is nothing left to do: who did it, and when; None if it can be done."""
    words = words_of(alert)
    what = {"n": str(alert.incident_id), "watch": name(alert.watch)}
    if act == "false_alarm":
        if alert.verdict != "false_alarm":
            return None
        return _page(
            alert, words, words.say("Incident {n} ({watch}) was judged a false alarm already.", **what)
        )
    if alert.state is State.out:
        out = words.date(alert.out_at or alert.at, seen_from=now)
        return _page(
            alert,
            words,
            words.write("Incident {n} ({watch}) is out since {at}: nothing is left to do.", **what, at=out),
        )
    if act == "acknowledge" and alert.acknowledged_by:
        at = words.date(alert.acknowledged_at or alert.at, seen_from=now)
        who = name(alert.acknowledged_by)
        text = words.write("{who} has incident {n} ({watch}) in hand, since {at}.", **what, who=who, at=at)
        return _page(alert, words, text)
    if act == "snooze" and alert.snoozed_until and alert.snoozed_until > now:
        until = words.date(alert.snoozed_until, seen_from=now)
        text = words.write("Incident {n} ({watch}) keeps quiet until {until} already.", **what, until=until)
        return _page(alert, words, text)
    return None


def used(alert: Alert) -> Document:
    """That the link did what it does once before."""
    words = words_of(alert)
    return _page(
        alert, words, words.say("This link was used already, and acts once. Take one of a newer message.")
    )


def expired(language: str, *, hours: int) -> Document:
    """That the link holds no more."""
    words = Words(language, "UTC")
    return compose(
        "",
        Heading(words.say("This link holds no more")),
        paragraph(
            words.write(
                "It was good for {hours} hours. Take one of a newer message, or act in Slack.",
                hours=str(hours),
            )
        ),
    )


def gone(language: str, *, cut: bool) -> Document:
    """That the link leads to nothing; `cut`: as it is not whole."""
    words = Words(language, "UTC")
    if cut:
        why = words.say("The link was cut on its way. Open the message again, and follow the whole of it.")
    else:
        why = words.say("The incident is not kept any more.")
    return compose("", Heading(words.say("There is nothing at this address")), paragraph(inline(why)))


def yes(act: str, language: str, *, snooze: timedelta) -> str:
    """What stands on the button that does it."""
    words = Words(language, "UTC")
    match act:
        case "acknowledge":
            return words.say("Acknowledge")
        case "snooze":
            return words.say("Snooze for {span}", span=words.span(snooze))
        case _:
            return words.say("False alarm")


def _page(alert: Alert, words: Words, text: str | Inline, note: str = "") -> Document:
    there = link(alert.link)
    return compose(
        "",
        Heading(cut(headline(alert, words), _HEADING)),
        paragraph(inline(text)),
        small([inline(note)] if note else standing(alert, words)),
        small([(Link(there[0], words.say("Open in Tocsin")),)] if there else []),
    )
