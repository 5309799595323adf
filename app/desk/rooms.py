"""Opens the room of a crisis: a conversation in Slack with those on duty, the alert's first lines, and roles.

Slack is called with no transaction open, when a person asks for it and never in a pass of the chain: a room
that cannot be made keeps no alert from being told.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.admin import people, rooms
from app.admin.change import get_or_404
from app.admin.crisis_specs import RoomSpec
from app.admin.people import may
from app.channels.crisis import RoomLine
from app.channels.document import Heading, compose, paragraph
from app.channels.slack.actions import SlackAction
from app.channels.slack.blocks import Message, draw
from app.channels.slack.mrkdwn import named
from app.channels.slack.rooms import RoomRefused, invite, make_room, post_first, room_name
from app.channels.slack.web import open_web
from app.channels.text import cut
from app.channels.wording.crisis import roles_line
from app.channels.wording.sentences import headline, sentence
from app.channels.wording.words import Words
from app.clock import known_zone
from app.db import Sessions
from app.desk.answers import ask_which, say_stranger, words_to
from app.desk.board import burning_here
from app.desk.conversations import incident_here, only_one_here
from app.errors import AppError, Conflict, NotFound
from app.models import WITH_WATCH, Channel, CrisisRoom, Delivery, Incident, Person, Transition, unreadable
from app.pipeline.crisis.course import room_line, room_of
from app.pipeline.delivery.messages import alert_of
from app.pipeline.oncall.duty import duty_of
from app.runtime import Runtime

_TIMEOUT = 5  # seconds: somebody waits for the room
_HEADING = 150
_INVITED = 3  # people of the rota, in the order of calls


@dataclass(frozen=True, slots=True)
class Opened:
    """What became of it; `notes` say what Slack refused, while the rest was done."""

    room_id: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Wanted:
    name: str
    people: tuple[str, ...]  # ids in Slack
    message: Message
    secret: str | None


def open_room(
    runtime: Runtime,
    sessions: Sessions,
    incident_id: int,
    spec: RoomSpec,
    *,
    language: str = "",
    by: str,
    now: datetime,
) -> Opened:
    """Do what the spec says; an error says what was refused, and then nothing is changed.

    `sessions` see what whoever asks may see.
    """
    with sessions() as session:
        incident = get_or_404(session, Incident, incident_id, WITH_WATCH)
        rooms.check(session, incident, spec)
        wanted = _wanted(session, runtime, incident, spec, language, now)
    made, web = None, None
    if spec.make or spec.slack_channel:
        web = open_web(_token(runtime, wanted.secret), runtime.settings.slack_api_url, _TIMEOUT)
    if web is not None and spec.make:
        made = make_room(web, wanted.name, now=now)
    # Known before anybody is invited: whoever asks again after a crash finds it.
    with sessions.begin() as session:
        incident = get_or_404(session, Incident, incident_id, WITH_WATCH)
        name = wanted.name if made else ""
        room = rooms.assign(session, incident, spec, slack_channel=made, name=name, by=by, now=now)
        opened, there = Opened(room.id), room.slack_channel
    if web is None or there is None:
        return opened
    refused = invite(web, there, wanted.people, now=now)
    if why := post_first(web, there, wanted.message, now=now):
        refused.append(why)
    return Opened(opened.room_id, tuple(refused))


def _wanted(
    session: Session, runtime: Runtime, incident: Incident, spec: RoomSpec, language: str, now: datetime
) -> _Wanted:
    spoken = language or incident.watch.language or runtime.settings.language
    words = Words(spoken, known_zone(incident.watch.time_zone))
    told = (
        select(Channel)
        .join(Delivery, Delivery.channel_id == Channel.id)
        .where(Delivery.incident_id == incident.id, Channel.kind == "slack", Channel.enabled)
        .order_by(Channel.id)
    )
    channel = session.scalars(told).first()
    return _Wanted(
        name=spec.name or room_name(words.say("crisis"), incident.watch.name, incident.id),
        people=_people(session, incident, spec, now),
        message=_first_lines(session, runtime, incident, spec, words),
        secret=channel.secret if channel is not None else None,
    )


def _people(session: Session, incident: Incident, spec: RoomSpec, now: datetime) -> tuple[str, ...]:
    """The ids in Slack of those on duty, of whoever has the incident, and of those who have a role."""
    duty = duty_of(session, incident.watch.policy.rota, since=now, until=now)
    on_duty = duty.plan.call_order(now)[:_INVITED] if duty is not None else ()
    ids = {row.id: row.slack_user for row in session.scalars(select(Person).where(Person.id.in_(on_duty)))}
    names = [getattr(spec, role) for role in rooms.ROLES] + [incident.acknowledged_by]
    others = session.scalars(select(Person).where(Person.name.in_(name for name in names if name)))
    found = [ids.get(person) for person in on_duty] + [person.slack_user for person in others]
    return tuple(dict.fromkeys(user for user in found if user))


def _first_lines(
    session: Session, runtime: Runtime, incident: Incident, spec: RoomSpec, words: Words
) -> Message:
    newest = select(Transition).where(Transition.incident_id == incident.id).order_by(Transition.id.desc())
    transition = session.scalars(newest.limit(1)).first()
    title, first = None, None
    if transition is not None and not unreadable(transition):
        alert = alert_of(runtime.chain.delivery, incident, transition, language=words.language)
        title, first = headline(alert, words), sentence(alert, words)
    how = words.write(
        "What is decided is noted here with `/tocsin decision: …`, what is said with `said`, tasks with "
        "`task`; `/tocsin log` shows it all."
    )
    known = room_of(session, incident)
    given = {role: name for role in rooms.ROLES if (name := getattr(spec, role))}
    roles = roles_line(replace(room_line(known) if known is not None else RoomLine(), **given), words)
    return draw(
        compose(
            cut(title or incident.watch.name, _HEADING),
            Heading(cut(title or incident.watch.name, _HEADING)),
            paragraph(first) if first else None,
            paragraph(roles),
            paragraph(how),
        )
    )


def _token(runtime: Runtime, secret: str | None) -> str:
    if secret:
        return runtime.vault.open(secret)
    token = runtime.settings.slack_bot_token
    if token is None:
        raise Conflict("Slack has no token: set TOCSIN_SLACK_BOT_TOKEN; all else works without a room")
    return token.get_secret_value()


def begin_room(
    runtime: Runtime, action: SlackAction, words: Words, *, now: datetime
) -> tuple[str, Callable[[], str] | None]:
    """What is answered at once to who typed it; and what makes the room then, and says what became of it."""
    try:
        with runtime.sessions.begin() as session:
            incident = incident_here(session, action) if action.incident else only_one_here(session, action)
            if incident is None:
                return ask_which(burning_here(session, action.channel), words), None
            words = words_to(runtime, incident, action.language)
            person = people.in_slack(session, action.user)
            if person is None or not may(session, person, "responder", incident.watch.team_id):
                return say_stranger(words, action), None
            if people.obeyed_before(session, action.press, now=now):
                return words.say("That was done already."), None
            room = room_of(session, incident)
            if room is not None and room.slack_channel is not None:
                return words.say("The room is <#{room}>.", room=room.slack_channel), None
            number, by = incident.id, person.name
    except NotFound:
        return words.say("Incident {n} was not told in this conversation.", n=str(action.incident)), None

    def make() -> str:
        spec = RoomSpec.model_validate({"make": True})
        try:
            opened = open_room(
                runtime, runtime.sessions, number, spec, language=words.language, by=by, now=now
            )
        except RoomRefused as error:
            return words.say("There is no room: {why}", why=error.say(words))
        except AppError as error:
            return words.say("There is no room: {why}", why=named(str(error)))
        with runtime.sessions() as session:
            made = get_or_404(session, CrisisRoom, opened.room_id).slack_channel
        said = words.say("The room is <#{room}>.", room=str(made))
        return "\n".join([said, *(named(note) for note in opened.notes)])

    return words.say("The room is being made; you will be told here."), make
