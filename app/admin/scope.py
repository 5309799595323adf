"""Who may see what: a session that is bound to teams reads and writes what is theirs, and nothing else.

It is a rule of the session and not of each query, so that nothing new can forget it. What belongs to no team
is the house's: its sources, channels, policies, rotas and people serve every team, which sees and names them,
and only the house changes them. Its watches, and what comes of them, are seen by the house alone.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, and_, event, false, or_, select
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction, sessionmaker, with_loader_criteria
from sqlalchemy.orm.attributes import get_history

from app.db import Sessions
from app.errors import Forbidden
from app.models import (
    ApiKey,
    AuditEntry,
    Channel,
    CrisisRoom,
    Delivery,
    Fault,
    Incident,
    LogEntry,
    Membership,
    Mention,
    MentionNote,
    MentionTag,
    Person,
    PlannedEvent,
    Policy,
    Proposal,
    ReportLink,
    Rota,
    Silence,
    Source,
    StakeholderUpdates,
    Statement,
    StatementTemplate,
    Team,
    Watch,
)

Ids = frozenset[int]
WHOLE_HOUSE = "whole_house"  # option of a statement: asked of what the session does not see, too
_TEAMS = "teams"  # in the info of a session: the ids of those that it is bound to
_SHARED = (Source, Policy, Rota, StatementTemplate)  # those of the house serve every team


def bind(session: Session, teams: Ids | None) -> None:
    """Have the session see and change what belongs to these teams only; None: all of the house."""
    if teams is None:
        session.info.pop(_TEAMS, None)
    else:
        session.info[_TEAMS] = teams


def teams_of(session: Session) -> Ids | None:
    """The teams that the session is bound to; None: it is of the house."""
    found: Ids | None = session.info.get(_TEAMS)
    return found


def bound_like(session: Session, sessions: Sessions) -> Sessions:
    """Sessions that see what the given one does."""
    teams = teams_of(session)
    if teams is None:
        return sessions
    return sessionmaker(**(sessions.kw | {"info": {_TEAMS: teams}}))


@contextmanager
def as_house(session: Session) -> Iterator[None]:
    """Work for the house in a session that may be bound: for what everybody needs, not what somebody asks."""
    teams = teams_of(session)
    if teams is None:
        yield
        return
    session.flush()  # what was asked for before is still checked
    bind(session, None)
    try:
        yield
    finally:
        session.flush()
        bind(session, teams)


# Of the tables and not of their classes: what is asked in a rule is not narrowed by the other rules.
_MEMBERSHIP, _WATCH, _CHANNEL = (table.__table__ for table in (Membership, Watch, Channel))
_INCIDENT = Incident.__table__


def _watches(teams: Ids) -> ScalarSelect[int]:
    return select(_WATCH.c.id).where(_WATCH.c.team_id.in_(teams)).scalar_subquery()


def _incidents(teams: Ids) -> ScalarSelect[int]:
    return select(_INCIDENT.c.id).where(_INCIDENT.c.watch_id.in_(_watches(teams))).scalar_subquery()


def _members(teams: Ids) -> ScalarSelect[int]:
    return select(_MEMBERSHIP.c.person_id).where(_MEMBERSHIP.c.team_id.in_(teams)).scalar_subquery()


def _channel(teams: Ids) -> ColumnElement[bool]:
    of_house = and_(Channel.team_id.is_(None), Channel.person_id.is_(None))
    return or_(Channel.team_id.in_(teams), of_house, Channel.person_id.in_(_members(teams)))


def _person(teams: Ids) -> ColumnElement[bool]:
    in_one = select(_MEMBERSHIP.c.person_id).scalar_subquery()
    return or_(Person.id.in_(_members(teams)), Person.id.not_in(in_one))


def _delivery(teams: Ids) -> ColumnElement[bool]:
    mine = select(_CHANNEL.c.id).where(_CHANNEL.c.team_id.in_(teams)).scalar_subquery()
    return or_(Delivery.channel_id.in_(mine), Delivery.incident_id.in_(_incidents(teams)))


RULES: dict[Any, Callable[[Ids], ColumnElement[bool]]] = {
    Team: Team.id.in_,
    Watch: Watch.team_id.in_,
    ApiKey: ApiKey.team_id.in_,
    AuditEntry: AuditEntry.team_id.in_,
    Membership: Membership.team_id.in_,
    Mention: lambda teams: Mention.watch_id.in_(_watches(teams)),
    MentionTag: lambda teams: MentionTag.watch_id.in_(_watches(teams)),
    MentionNote: lambda teams: MentionNote.watch_id.in_(_watches(teams)),
    Incident: lambda teams: Incident.watch_id.in_(_watches(teams)),
    Silence: lambda teams: or_(Silence.watch_id.is_(None), Silence.watch_id.in_(_watches(teams))),
    PlannedEvent: lambda teams: or_(
        PlannedEvent.watch_id.is_(None), PlannedEvent.watch_id.in_(_watches(teams))
    ),
    LogEntry: lambda teams: LogEntry.incident_id.in_(_incidents(teams)),
    Statement: lambda teams: Statement.incident_id.in_(_incidents(teams)),
    StakeholderUpdates: lambda teams: StakeholderUpdates.incident_id.in_(_incidents(teams)),
    CrisisRoom: lambda teams: CrisisRoom.incident_id.in_(_incidents(teams)),
    ReportLink: lambda teams: and_(
        ReportLink.team_id.in_(teams), ReportLink.watch_id.in_(_watches(teams))
    ),
    Proposal: lambda teams: Proposal.watch_id.in_(_watches(teams)),
    Channel: _channel,
    Person: _person,
    Delivery: _delivery,
    Fault: lambda _teams: false(),  # it names what it is about
} | {
    table: lambda teams, table=table: or_(table.team_id.is_(None), table.team_id.in_(teams))
    for table in _SHARED
}  # fmt: skip


@lru_cache(64)
def _criteria(teams: Ids) -> tuple[Any, ...]:
    return tuple(
        with_loader_criteria(table, rule(teams), include_aliases=True) for table, rule in RULES.items()
    )


@event.listens_for(Session, "do_orm_execute")
def _narrow(state: ORMExecuteState) -> None:
    teams = teams_of(state.session)
    if teams is not None and not state.is_column_load and not state.execution_options.get(WHOLE_HOUSE):
        state.statement = state.statement.options(*_criteria(teams))


@event.listens_for(Session, "before_flush")
def _refuse(session: Session, _context: UOWTransaction, _instances: object) -> None:
    teams = teams_of(session)
    if teams is None:
        return
    for row in (*session.new, *session.deleted, *(row for row in session.dirty if session.is_modified(row))):
        if not _is_theirs(session, row, teams):
            raise Forbidden(
                f"this {row.__tablename__.replace('_', ' ')} is of the house, and not of your team: "
                "a key of the house can change it"
            )


def _is_theirs(session: Session, row: Any, teams: Ids) -> bool:  # noqa: ANN401 - any row
    match row:
        case Channel() if row.person_id is not None:
            return _is_member(session, row.person_id, teams)
        case Person() if row.id is not None:
            return _is_member(session, row.id, teams)
        case (
            Watch() | Source() | Channel() | Policy() | Rota() | StatementTemplate() | ApiKey() | Membership()
        ):
            before = get_history(row, "team_id").deleted  # nobody takes what is the house's for their own
            return row.team_id in teams and all(team in teams for team in before)
        case Silence() | PlannedEvent():
            return row.watch_id is not None  # one of theirs: it was looked up
        case Team():
            return False
        case _:
            return True


def _is_member(session: Session, person_id: int, teams: Ids) -> bool:
    """Whether the person is of these teams, and of no other."""
    theirs = select(_MEMBERSHIP.c.team_id).where(_MEMBERSHIP.c.person_id == person_id)
    found = set(session.connection().execute(theirs).scalars())
    return bool(found) and found <= teams
