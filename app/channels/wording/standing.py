"""How an incident stands with the people."""

from app.channels.base import Alert
from app.channels.document import Inline, inline
from app.channels.wording.sentences import name, stands_in
from app.channels.wording.words import Words, mark
from app.models import Reason, State

VERDICTS = {
    "fire": mark("fire"),
    "false_alarm": mark("false alarm"),
    "planned": mark("planned"),
}


STATES = {
    State.smouldering: mark("smoulders"),
    State.burning: mark("burns"),
    State.contained: mark("contained"),
    State.out: mark("out"),
}
_SHOWN = 6  # names in a row


def standing(alert: Alert, words: Words) -> list[Inline]:
    """How it stands: acknowledged, snoozed, closed, judged, and what burns in the same fire."""
    said: list[Inline] = []
    if alert.instead_of:
        said.append(inline(stands_in(alert.instead_of, words)))
    if alert.companions:
        said.append(words.write("*In the same fire:* {names}.", names=companions(alert, words)))
    if alert.called and not alert.acknowledged_by and alert.state is State.burning:
        said.append(
            words.write("On duty: {names}.", names=words.all_of([name(one.name) for one in alert.called]))
            if alert.reason is not Reason.reminded
            else words.write("Called: {names}.", names=words.all_of([name(one.name) for one in alert.called]))
        )
    by, at = name(alert.by), words.date(alert.at, seen_from=alert.at)
    if alert.acknowledged_by and alert.acknowledged_at:
        when = words.date(alert.acknowledged_at, seen_from=alert.at)
        said.append(words.write("Acknowledged by {who} ({at}).", who=name(alert.acknowledged_by), at=when))
    if alert.snoozed_until and alert.snoozed_until > alert.at and alert.state is not State.out:
        said.append(
            words.write("Snoozed until {until}.", until=words.date(alert.snoozed_until, seen_from=alert.at))
        )
    if alert.reason is Reason.closed:
        said.append(words.write("Closed by {who} ({at}).", who=by, at=at))
    elif alert.state is State.out and alert.out_at:
        said.append(words.write("Out ({at}).", at=words.date(alert.out_at, seen_from=alert.at)))
    elif alert.reason is Reason.contained:
        said.append(words.write("Contained ({at}).", at=at))
    if alert.verdict:
        known = VERDICTS.get(alert.verdict)
        verdict = words.say(known) if known else name(alert.verdict)
        if alert.reason is Reason.judged:
            said.append(words.write("Verdict: {verdict}, says {who}.", verdict=verdict, who=by))
        else:
            said.append(words.write("Verdict: {verdict}.", verdict=verdict))
    if alert.note.strip() and said:
        said.append(words.write("“{note}”", note=name(alert.note, 300)))
    return said


def companions(alert: Alert, words: Words) -> str:
    """The other watches of the story, each with its number and how it stands."""
    names = [
        f"{name(one.watch)} #{one.incident_id} ({words.say(STATES[one.state])})"
        for one in alert.companions[:_SHOWN]
    ]
    if len(alert.companions) > _SHOWN:
        names.append(words.say("{n} more", n=words.number(len(alert.companions) - _SHOWN)))
    return words.all_of(names)
