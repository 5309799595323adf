"""What burns and what is listened for, in a few lines of mrkdwn."""

from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.channels.slack.mrkdwn import mrkdwn, named
from app.channels.wording.standing import STATES
from app.channels.wording.words import Words
from app.models import WITH_WATCH, Channel, Delivery, Incident, State, Watch

_MOST = 15


class Board:
    """What a person may see: all, or what was told in one conversation in Slack."""

    def __init__(self, session: Session, words: Words, *, channel: str | None) -> None:
        self._session, self._words = session, words
        self._told = None if channel is None else _told(session, channel)

    def burning(self, *, now: datetime) -> str:
        """The open incidents that were told, the newest first; those of one fire in one line."""
        words, incidents = self._words, _burning(self._session, self._told)
        if not incidents:
            return words.say("Nothing burns.")
        stories: dict[int, list[Incident]] = {}
        for incident in incidents:
            stories.setdefault(incident.story_id or incident.id, []).append(incident)
        lines = [_line(*reversed(story), words=words, now=now) for story in list(stories.values())[:_MOST]]
        if len(stories) > _MOST:
            lines.append(words.say("and {n} more", n=words.number(len(stories) - _MOST)))
        return "\n".join(lines)

    def watching(self) -> str:
        """The watches that are on."""
        words, query = self._words, select(Watch.name).where(Watch.enabled).order_by(Watch.name)
        if self._told is not None:
            query = query.where(Watch.id.in_(select(Incident.watch_id).where(Incident.id.in_(self._told))))
        names = list(self._session.scalars(query))
        if not names:
            return words.say("No watch is on.")
        shown = words.all_of([f"*{named(name)}*" for name in names[:_MOST]])
        more = len(names) - _MOST
        return shown if more <= 0 else f"{shown} {words.say('and {n} more', n=words.number(more))}"


def burning_here(session: Session, channel: str) -> list[Incident]:
    """The open incidents that were told in the conversation, the newest first."""
    return _burning(session, _told(session, channel))


def _told(session: Session, channel: str) -> Select[int | None]:
    """Asks for the ids of the incidents that were told in the conversation."""
    every = session.execute(select(Channel.id, Channel.settings).where(Channel.kind == "slack"))
    ids = [number for number, settings in every if settings.get("channel") == channel]
    return select(Delivery.incident_id).where(Delivery.channel_id.in_(ids), Delivery.incident_id.is_not(None))


def _burning(session: Session, told: Select[int | None] | None) -> list[Incident]:
    query = (
        select(Incident)
        .options(WITH_WATCH)
        .where(
            Incident.state != State.out,
            Incident.burning_at.is_not(None),
            Incident.suppressed_by_kind.is_(False),
        )
        .order_by(Incident.id.desc())
    )
    if told is not None:
        query = query.where(Incident.id.in_(told))
    return list(session.scalars(query).unique())


def _line(incident: Incident, *others: Incident, words: Words, now: datetime) -> str:
    """The first incident of a story, and those of other watches that burn in the same fire."""
    state = words.say(STATES.get(incident.state, STATES[State.burning]))
    since = mrkdwn((words.date(incident.onset_at, seen_from=now),))
    peak = words.say("peak {peak} an hour", peak=words.number(incident.peak))
    text = f"*{incident.id}* · *{named(incident.watch.name)}* · {state} · {since} · {peak}"
    if incident.acknowledged_by:
        text += " · " + words.say("in the hands of {who}", who=named(incident.acknowledged_by))
    if incident.snoozed_until and incident.snoozed_until > now:
        until = mrkdwn((words.date(incident.snoozed_until, seen_from=now),))
        text += " · " + words.say("snoozed until {until}", until=until)
    if others:
        names = words.all_of([f"*{named(other.watch.name)}* ({other.id})" for other in others[:_MOST]])
        text += " · " + words.say("in the same fire: {names}", names=names)
    return text
