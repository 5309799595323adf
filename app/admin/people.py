"""The people of the team: who they are, what they may do, and the ways to reach them."""

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete as delete_from
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.admin import scope, teams
from app.admin.change import AuditView, Invalid, changed, ensure_unique, get_or_404, record
from app.admin.fields import Role
from app.admin.keys import ROLES
from app.admin.statement_templates import counting_on
from app.admin.team_specs import PersonSpec, SlackUserSpec
from app.db import upsert
from app.errors import Conflict, NotFound
from app.models import Channel, Person, Rota, SlackPress, SlackUser, Substitution

_REMEMBERED = timedelta(days=1)  # far longer than a signature holds
_PLAIN = ("name", "role", "language", "slack_user", "time_zone")
_ID = re.compile(r"[UW][A-Z0-9]{2,20}")


def audit_view(session: Session, person: Person) -> AuditView:
    """The person as their spec, for people and for the audit log."""
    return {
        **{field: getattr(person, field) for field in _PLAIN},
        "quiet": night_view(person.quiet),
        "teams": teams.roles_of(session, person) if person.id is not None else {},
    }


def night_view(night: Mapping[str, Any] | None) -> AuditView | None:
    """Hours of sleep, or of quiet, as their spec."""
    if night is None:
        return None
    return {"since": night["since"][:5], "until": night["until"][:5], "from_level": night["from_level"]}


def create(session: Session, spec: PersonSpec, *, by: str, now: datetime) -> Person:
    """A new person; Conflict if the name, or the id in Slack, is another's."""
    ensure_unique(session, Person, spec.name)
    person = Person(created_at=now, updated_at=now)
    _set(session, person, spec, now)
    session.add(person)
    session.flush()
    _join(session, person, spec)
    record(session, person, "create", before=None, after=audit_view(session, person), by=by, now=now)
    return person


def update(session: Session, person_id: int, changes: Mapping[str, Any], *, by: str, now: datetime) -> Person:
    """The person with the changes."""
    person = get_or_404(session, Person, person_id)
    before = audit_view(session, person)
    spec = changed(PersonSpec, before, changes)
    ensure_unique(session, Person, spec.name, person.id)
    _set(session, person, spec, now)
    _join(session, person, spec)
    if audit_view(session, person) != before:
        person.updated_at = now
    record(session, person, "update", before=before, after=audit_view(session, person), by=by, now=now)
    return person


def delete(session: Session, person_id: int, *, by: str, now: datetime) -> None:
    """Nothing is left of the person, their own channels included; Conflict while the team counts on them."""
    person = get_or_404(session, Person, person_id)
    if rotas := counted_on(session, person):
        raise Conflict(f"{', '.join(rotas)} counts on {person.name}: take them out of it first")
    if templates := counting_on(session, person):
        raise Conflict(f"{person.name} approves the statements of {', '.join(templates)}: name others first")
    before = audit_view(session, person)
    if person.slack_user is not None:
        _note_for_older(session, person.slack_user, None, now)
    session.delete(person)
    record(session, person, "delete", before=before, after=None, by=by, now=now)


class Names(dict[int, str]):
    """People's names by id; of who is of a team that the session does not see, that they are."""

    def __missing__(self, _person_id: int) -> str:
        return "somebody of another team"


def names_of(session: Session) -> Names:
    """Everybody's name, by id."""
    return Names((row.id, row.name) for row in session.execute(select(Person.id, Person.name)))


def counted_on(session: Session, person: Person) -> list[str]:
    """The names of the rotas that the person has a place in, or a substitution."""
    mine = or_(Substitution.person_id == person.id, Substitution.instead_of_id == person.id)
    theirs = set(session.scalars(select(Substitution.rota_id).where(mine)))
    return [
        rota.name
        for rota in session.scalars(select(Rota).order_by(Rota.name))
        if rota.id in theirs or rota.lead_id == person.id or person.id in _of_layers(rota)
    ]


def _of_layers(rota: Rota) -> set[int]:
    layers = rota.layers if isinstance(rota.layers, list) else []
    return {person for layer in layers if isinstance(layer, dict) for person in layer.get("people", ())}


def _set(session: Session, person: Person, spec: PersonSpec, now: datetime) -> None:
    if spec.slack_user is not None:
        with session.no_autoflush:
            other = in_slack(session, spec.slack_user)
        if other is not None and other is not person:
            detail = f"{spec.slack_user} is {other.name} already"
            raise Invalid([{"pointer": "#/slack_user", "detail": detail}])
    if person.slack_user is not None and person.slack_user != spec.slack_user:
        _note_for_older(session, person.slack_user, None, now)
    for field in _PLAIN:
        setattr(person, field, getattr(spec, field))
    person.quiet = spec.quiet.model_dump(mode="json") if spec.quiet is not None else None
    if person.slack_user is not None:
        _note_for_older(session, person.slack_user, person, now)


def _join(session: Session, person: Person, spec: PersonSpec) -> None:
    """Make the person a member of the teams; of a session that is bound, at least of its own."""
    roles, bound = dict(spec.teams), scope.teams_of(session)
    if bound is not None and not roles:
        own = teams.name_of(session, teams.named(session, None))
        roles = {str(own): spec.role}
    if roles != teams.roles_of(session, person):
        teams.set_roles(session, person, roles)


def _note_for_older(session: Session, slack_user: str, person: Person | None, now: datetime) -> None:
    """Let the version before people know who may act, in case one goes back to it."""
    row = session.get(SlackUser, slack_user)
    if person is None:
        if row is not None:
            session.delete(row)
        return
    if row is None:
        row = SlackUser(user_id=slack_user, created_at=now)
        session.add(row)
    row.name, row.role = person.name, person.role


def in_slack(session: Session, slack_user: str) -> Person | None:
    """The person of that id in Slack; None: nobody is known by it."""
    return session.scalar(select(Person).where(Person.slack_user == slack_user))


def bind(session: Session, user_id: str, spec: SlackUserSpec, *, by: str, now: datetime) -> Person:
    """The person of that id in Slack, who may do from now on what the role may.

    A person of that name who has no id in Slack yet is meant; else it is somebody new.
    """
    if not _ID.fullmatch(user_id):
        raise NotFound(
            f"there is no {user_id!r} in Slack: the id of a person begins with U or W, as in U0123ABCD"
        )
    given = {"name": spec.name, "role": spec.role, "slack_user": user_id}
    person = in_slack(session, user_id) or session.scalar(
        select(Person).where(Person.name == spec.name, Person.slack_user.is_(None))
    )
    if person is None:
        return create(session, PersonSpec.model_validate(given), by=by, now=now)
    return update(session, person.id, given, by=by, now=now)


def unbind(session: Session, user_id: str, *, by: str, now: datetime) -> None:
    """The person may look only in Slack, from now on; NotFound if nobody is known by that id.

    Of somebody on whom no rota and no template counts, and who cannot be reached beside Slack, nothing is
    left.
    """
    person = in_slack(session, user_id)
    if person is None:
        raise NotFound(f"nobody is known by {user_id!r} in Slack")
    ways = session.scalar(select(Channel.id).where(Channel.person_id == person.id).limit(1))
    if ways is None and not counted_on(session, person) and not counting_on(session, person):
        delete(session, person.id, by=by, now=now)
    else:
        update(session, person.id, {"slack_user": None}, by=by, now=now)


def may(session: Session, person: Person | None, role: Role, team_id: int | None) -> bool:
    """Whether they may do what the role may with what is of that team; None: of the house."""
    here = teams.role_in(session, person, team_id) if person is not None else None
    return here is not None and ROLES.index(here) >= ROLES.index(role)


def obeyed_before(session: Session, press: str, *, now: datetime) -> bool:
    """Whether the same request was obeyed already: a signature holds for five minutes, and Slack asks again.

    `press` tells one request from all others; empty: it cannot be told.
    """
    if not press:
        return False
    session.execute(delete_from(SlackPress).where(SlackPress.at < now - _REMEMBERED))
    digest = hashlib.sha256(press.encode()).hexdigest()
    insert = upsert(session.get_bind().dialect, SlackPress).values(digest=digest, at=now)
    # By what comes back: PostgreSQL's driver counts no rows of such an INSERT.
    made = session.connection().execute(insert.on_conflict_do_nothing().returning(SlackPress.digest))
    return made.first() is None
