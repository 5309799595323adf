"""What a team types in Slack to carry a crisis: lines of the log, and how facts and tasks stand."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.admin import crisis_log, people, rooms, scope, teams
from app.admin.change import checked
from app.admin.crisis_specs import LogSpec, RoomSpec, SettledSpec
from app.admin.people import may
from app.channels.slack.actions import SlackAction
from app.channels.slack.mrkdwn import mrkdwn, named
from app.channels.slack.typed_words import LOGGED, ROLES, SETTLED, STATED
from app.channels.wording.crisis import log_line, roles_line
from app.channels.wording.words import Words, mark
from app.clock import known_zone
from app.desk.answers import NotDone, ask_which, say_stranger, words_to
from app.desk.board import burning_here
from app.desk.conversations import incident_here, only_one_here
from app.desk.stating import list_statements, one_named, say_statement
from app.errors import AppError, NotFound
from app.models import Incident, LogEntry, LogKind, LogState, Person, Statement
from app.pipeline.crisis.course import line_of, log_of, room_line
from app.runtime import Runtime

_SHOWN = 20  # lines of a log
_CAN_BE = {
    LogKind.fact: mark("a fact is confirmed or refuted"),
    LogKind.task: mark("a task is done"),
}


def carry(runtime: Runtime, action: SlackAction, words: Words, *, now: datetime) -> str:
    """Do what was typed, and say what was done; or why nothing was."""
    try:
        with runtime.sessions.begin() as session:
            found = _incident_of(session, action, words)
            if isinstance(found, str):
                return found
            words = words_to(runtime, found, action.language)
            person = people.in_slack(session, action.user)
            if person is None or not may(session, person, "responder", found.watch.team_id):
                return say_stranger(words, action)
            scope.bind(session, teams.seen_by(session, person))
            if action.act == "log":
                return _log(session, found, words, now=now)
            if action.act == "statements":
                return list_statements(session, found, words, now=now)
            if people.obeyed_before(session, action.press, now=now):
                return words.say("That was done already.")
            return _done(session, found, action, words, by=person.name, now=now)
    except NotFound:
        return words.say("Incident {n} was not told in this conversation.", n=str(action.incident))
    except NotDone as why:
        return words.say("Nothing was done: {why}", why=str(why))
    except AppError as error:
        return words.say("Nothing was done: {why}", why=named(str(error)))


def _incident_of(session: Session, action: SlackAction, words: Words) -> Incident | str:
    """The incident that is meant; or what to ask, or to say."""
    if action.act in STATED:
        statement = session.get(Statement, action.incident) if action.incident else None
        if statement is None:
            return words.say("There is no statement {n}.", n=str(action.incident or "?"))
        return incident_here(session, replace(action, incident=statement.incident_id))
    if action.act in SETTLED:
        entry = session.get(LogEntry, action.incident) if action.incident else None
        if entry is None:
            return words.say("There is no line {n} in a log.", n=str(action.incident or "?"))
        return incident_here(session, replace(action, incident=entry.incident_id))
    if action.incident is not None:
        return incident_here(session, action)
    return only_one_here(session, action) or ask_which(burning_here(session, action.channel), words)


def _log(session: Session, incident: Incident, words: Words, *, now: datetime) -> str:
    lines = log_of(session, incident, at=now)
    if not lines:
        return words.say("Nothing is in the log of incident {n} yet.", n=str(incident.id))
    return "\n".join(mrkdwn(log_line(one, words, now=now, numbered=True)) for one in lines[-_SHOWN:])


def _done(
    session: Session, incident: Incident, action: SlackAction, words: Words, *, by: str, now: datetime
) -> str:
    if action.act in ROLES:
        return _assigned(session, incident, action, words, by=by, now=now)
    if action.act in STATED | {"draft"}:
        return say_statement(session, incident, action, words, by=by, now=now)
    if action.act in LOGGED:
        entry = crisis_log.write(
            session, incident, _line(session, incident, action, words, now), by=by, now=now
        )
    else:
        known = session.get_one(LogEntry, action.incident)
        if action.act not in {state.value for state in crisis_log.STATES.get(known.kind, ())}:
            can_be = _CAN_BE.get(known.kind, mark("a decision stays as it was written: write another line"))
            raise NotDone(words.say(can_be))
        spec = SettledSpec(state=LogState(action.act))
        entry = crisis_log.settle(session, incident, action.incident or 0, spec, by=by, now=now)
    line = mrkdwn(log_line(line_of(entry), words, now=now, numbered=True))
    what = words.say(
        "In the log of incident {n} ({watch}):", n=str(incident.id), watch=named(incident.watch.name)
    )
    return f"{what}\n{line}"


def _assigned(
    session: Session, incident: Incident, action: SlackAction, words: Words, *, by: str, now: datetime
) -> str:
    """Who has a role now; it needs no conversation of its own."""
    everybody = session.scalars(select(Person).order_by(Person.name)).all()
    person = one_named(everybody, action.named, words)
    room = rooms.assign(session, incident, RoomSpec.model_validate({action.act: person.name}), by=by, now=now)
    number, watch = str(incident.id), named(incident.watch.name)
    roles = mrkdwn(roles_line(room_line(room), words))
    return words.say("Roles in incident {n} ({watch}):", n=number, watch=watch) + f" {roles}"


def _line(session: Session, incident: Incident, action: SlackAction, words: Words, now: datetime) -> LogSpec:
    until = action.moment and action.moment.after(now, ZoneInfo(known_zone(incident.watch.time_zone)))
    everybody = session.scalars(select(Person).order_by(Person.name)).all()
    owner = one_named(everybody, action.named, words).name if action.named else ""
    given = {"kind": LogKind(action.act), "text": action.note, "owner": owner, "due_at": until}
    return checked(LogSpec, given)
