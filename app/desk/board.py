"""What burns and what is listened for, in a few lines of mrkdwn."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.channels.document import Instant
from app.channels.slack.mrkdwn import escape, mrkdwn
from app.channels.text import cut, line
from app.channels.wording.standing import STATES
from app.channels.wording.words import Words
from app.models import WITH_WATCH, Incident, State, Watch

_MOST = 15


def board(session: Session, words: Words, *, now: datetime) -> str:
    """The open incidents that were told, the newest first; those of one fire in one line."""
    query = (
        select(Incident)
        .options(WITH_WATCH)
        .where(Incident.state != State.out, Incident.burning_at.is_not(None))
    )
    incidents = (
        session.scalars(query.where(Incident.suppressed_by_kind.is_(False)).order_by(Incident.id.desc()))
        .unique()
        .all()
    )
    if not incidents:
        return words.say("Nothing burns.")
    stories: dict[int, list[Incident]] = {}
    for incident in incidents:
        stories.setdefault(incident.story_id or incident.id, []).append(incident)
    lines = [_line(*reversed(story), words=words, now=now) for story in list(stories.values())[:_MOST]]
    if len(stories) > _MOST:
        lines.append(words.say("and {n} more", n=words.number(len(stories) - _MOST)))
    return "\n".join(lines)


def watching(session: Session, words: Words) -> str:
    """The watches that are on."""
    query = select(Watch.name).where(Watch.enabled).order_by(Watch.name)
    names = list(session.scalars(query))
    if not names:
        return words.say("Nothing is listened for.")
    shown = words.all_of([f"*{_safe(name)}*" for name in names[:_MOST]])
    more = len(names) - _MOST
    return shown if more <= 0 else f"{shown} {words.say('and {n} more', n=words.number(more))}"


def _line(incident: Incident, *others: Incident, words: Words, now: datetime) -> str:
    """The first incident of a story, and those of other watches that burn in the same fire."""
    state = words.say(STATES.get(incident.state, STATES[State.burning]))
    since = _date(words.date(incident.onset_at, seen_from=now))
    peak = words.say("peak {peak} an hour", peak=words.number(incident.peak))
    text = f"*{incident.id}* · *{_safe(incident.watch.name)}* · {state} · {since} · {peak}"
    if incident.acknowledged_by:
        text += " · " + words.say("in the hands of {who}", who=_safe(incident.acknowledged_by))
    if incident.snoozed_until and incident.snoozed_until > now:
        until = _date(words.date(incident.snoozed_until, seen_from=now))
        text += " · " + words.say("snoozed until {until}", until=until)
    if others:
        names = words.all_of([f"*{_safe(other.watch.name)}* ({other.id})" for other in others[:_MOST]])
        text += " · " + words.say("in the same fire: {names}", names=names)
    return text


def _date(at: Instant) -> str:
    return mrkdwn((at,))


def _safe(text: str) -> str:
    return escape(cut(line(text), 80))
