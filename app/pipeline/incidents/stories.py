"""Several watches in one fire are one story: which incidents belong together, and what each of them adds.

An incident that is about to be told joins the story of one that burns and was told, if both are made of the
same posts. Names say nothing of it: a competitor may burn beside a brand, and the head office of a company in
the fire of its product. All is asked as it was known at that instant.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, Select, bindparam, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from app.models import DRILL, WITH_WATCH, Incident, Mention, Reason, State, Watch, unreadable
from app.pipeline.incidents.milestones import AlertContext
from app.pipeline.incidents.tally import Mine

JOINS = frozenset((Reason.ignited, Reason.revealed))  # the first that is told of an incident
_LEAST_SHARED, _PART = 5, 0.5  # posts; of the smaller of two fires

# Asked of each fire that is about to be told. Written down once: putting them together takes longer.
_MINE, _THEIRS = aliased(Mention), aliased(Mention)


def _while_both(
    at: ColumnElement[datetime] | InstrumentedAttribute[datetime],
) -> tuple[ColumnElement[bool], ...]:
    """Whether the mention is of the time in which both burn."""
    return at >= bindparam("onset"), at >= Incident.onset_at, at < bindparam("at")


_OTHERS = Incident.id.in_(bindparam("others", expanding=True))
_ME = aliased(Watch)
_MY_TEAM = select(func.coalesce(_ME.team_id, 0)).where(_ME.id == bindparam("watch")).scalar_subquery()
_OTHERS_BURNING = (
    select(Incident.id)
    .join(Watch, Watch.id == Incident.watch_id)
    .where(
        Incident.watch_id != bindparam("watch"),
        func.coalesce(Watch.team_id, 0) == _MY_TEAM,  # no team hears of another's fire
        Watch.kind != DRILL,
        Incident.burning_at <= bindparam("at"),
        Incident.suppressed_by_kind.is_(False),
        or_(Incident.out_at.is_(None), Incident.out_at > bindparam("onset")),
    )
)
_SHARED = (
    select(Incident.id, func.count())
    .join(_THEIRS, _THEIRS.watch_id == Incident.watch_id)
    .join(_MINE, _MINE.post_id == _THEIRS.post_id)
    .where(_OTHERS, _MINE.watch_id == bindparam("watch"), *_while_both(_MINE.at))
    .group_by(Incident.id)
)
_OF_THEIRS = (
    select(Incident.id, func.count())
    .join(_THEIRS, _THEIRS.watch_id == Incident.watch_id)
    .where(_OTHERS, *_while_both(_THEIRS.at))
    .group_by(Incident.id)
)
_OF_MINE = (
    select(Incident.id, func.count())
    .join(_MINE, _MINE.watch_id == bindparam("watch"))
    .where(_OTHERS, *_while_both(_MINE.at))
    .group_by(Incident.id)
)


def is_one_fire(*, shared: int, mine: int, theirs: int, least: int = _LEAST_SHARED) -> bool:
    """Whether two incidents are one fire, by their posts of the time in which both burn.

    They are if at least half of the posts of the smaller one, and a handful, are the same posts as the
    other's: a plant burns in the fire of its brand though the brand has ten times its posts.

    >>> is_one_fire(shared=12, mine=20, theirs=300), is_one_fire(shared=9, mine=20, theirs=300)
    (True, False)
    >>> is_one_fire(shared=4, mine=4, theirs=300), is_one_fire(shared=4, mine=4, theirs=300, least=1)
    (False, True)
    """
    return shared >= least and shared >= _PART * min(mine, theirs)


def join(session: Session, incident: Incident, *, at: datetime) -> None:
    """Make the incident part of the story that it is one fire with, if there is one: it is about to be told.

    Of several it joins the one with which it shares most posts; whoever has that in hand has this too.
    """
    found = _one_fire_with(session, incident, at)
    if found is None:
        return
    incident.story_id = found.story_id or found.id
    context = AlertContext.of(incident)
    known = AlertContext.of(found)
    incident.alert_context = context.merged(known).model_dump(mode="json")
    if found.state is not State.out and incident.acknowledged_at is None:
        incident.acknowledged_at, incident.acknowledged_by = found.acknowledged_at, found.acknowledged_by
        incident.snoozed_until = found.snoozed_until


def told_elsewhere(session: Session, incident: Incident, *, at: datetime) -> bool:
    """Whether half of its posts, few as they may be, are those of a fire that another watch told of."""
    return _one_fire_with(session, incident, at, least=1) is not None


def of_story(incident: Incident) -> ColumnElement[bool]:
    """Whether an incident is of the same story."""
    story = incident.story_id or incident.id
    return or_(Incident.id == story, Incident.story_id == story)


def others_told(session: Session, incident: Incident) -> list[Incident]:
    """The incidents of other watches that burn in the same story and were told, the oldest first."""
    query = select(Incident).where(
        of_story(incident),
        Incident.watch_id != incident.watch_id,
        Incident.state.in_((State.burning, State.contained)),
        Incident.burning_at.is_not(None),
        Incident.suppressed_by_kind.is_(False),
    )
    return _readable(session, query)


def burnt_together(session: Session, incident: Incident) -> list[Incident]:
    """The incidents of other watches that were told in the same story and burnt at the same time."""
    query = select(Incident).where(
        of_story(incident),
        Incident.watch_id != incident.watch_id,
        Incident.burning_at.is_not(None),
        Incident.suppressed_by_kind.is_(False),
        or_(Incident.out_at.is_(None), Incident.out_at > incident.onset_at),
    )
    if incident.out_at is not None:
        query = query.where(Incident.onset_at < incident.out_at)
    return _readable(session, query)


def _readable(session: Session, query: Select[Incident]) -> list[Incident]:
    found = session.scalars(query.options(WITH_WATCH).order_by(Incident.id))
    return [incident for incident in found if not unreadable(incident)]


def leave(session: Session, watch_id: int) -> None:
    """Have the stories that the watch began go on without it: its incidents are about to be deleted."""
    mine = select(Incident.id).where(Incident.watch_id == watch_id)
    left = select(Incident).where(Incident.story_id.in_(mine), Incident.watch_id != watch_id)
    first: dict[int, int] = {}  # by story
    for incident in session.scalars(left.order_by(Incident.id)):
        assert incident.story_id is not None  # noqa: S101 - says so to the type checker
        head = first.setdefault(incident.story_id, incident.id)
        incident.story_id = head if head != incident.id else None
    session.flush()


def _one_fire_with(
    session: Session, incident: Incident, at: datetime, least: int = _LEAST_SHARED
) -> Incident | None:
    params = {"watch": incident.watch_id, "onset": incident.onset_at, "at": at}
    others = list(session.scalars(_OTHERS_BURNING, params))
    if not others:
        return None
    # Of a long fire, its newest posts say what it is made of.
    params["onset"] = Mine.of(session, incident.watch_id, began=incident.onset_at, at=at).since
    shared, mine, theirs = (
        {row[0]: row[1] for row in session.execute(query, params | {"others": others})}
        for query in (_SHARED, _OF_MINE, _OF_THEIRS)
    )
    same = [
        number
        for number in sorted(shared)
        if is_one_fire(shared=shared[number], mine=mine[number], theirs=theirs[number], least=least)
    ]
    if not same:
        return None
    return session.get_one(Incident, max(same, key=lambda number: shared[number]))
