"""The stored past of a watch, read from the live database, ready to be played again."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select, true, union_all
from sqlalchemy.orm import Session

from app.channels.acts import LOUDNESS, Audience, Cooldown
from app.clock import EPOCH, STEP, step_start
from app.db import Sessions, only_read
from app.errors import NotFound, TooLarge
from app.models import (
    WITH_SOURCES,
    Aside,
    Base,
    Bucket,
    Coverage,
    Incident,
    LookBack,
    Mention,
    PlannedEvent,
    Post,
    PostPrecision,
    Reason,
    Source,
    State,
    Transition,
    Verdict,
    VerdictWord,
    Watch,
)
from app.pipeline.scoring.scored_series import LOOK_BACK
from app.pipeline.simulation.replay import Arrival
from app.sources.base import Item
from detectors import FireDetector

MOST_MENTIONS = 250_000
_DAY = timedelta(days=1)
_SHARES = 29 * _DAY  # what a source usually brings is what it brought in the 28 days before a day
_AT_ONCE = 5_000  # rows of one short read
# Each instant at which posts came late costs a stop. Of a feed that is always late there are thousands; then
# these posts count a little later than they did, but never earlier.
_GRAINS = tuple(timedelta(minutes=m) for m in (5, 10, 15, 30, 60))
_MOST_BREAKS = 1_400
_LOUD = tuple(reason for reason in Reason if LOUDNESS[reason].audience is Audience.everyone)
_ALOUD = tuple(reason for reason in Reason if LOUDNESS[reason].cooldown is Cooldown.begins)

Row = dict[str, Any]
Deed = tuple[datetime, Incident, VerdictWord | None]  # a verdict, or None: closed


@dataclass(slots=True)
class HistorySnapshot:
    """All that the chain needs to live through a part of a watch's past again."""

    watch: Row
    listens_to: list[int]  # ids of sources; empty: all
    policy: Row
    began: datetime  # the start of the memory that is taken along
    since: datetime
    until: datetime
    sources: list[Row] = field(default_factory=list)
    looked_back: list[Row] = field(default_factory=list)  # how far its sources did
    coverage: list[Row] = field(default_factory=list)
    counts: list[Row] = field(default_factory=list)  # buckets from before the memory: shares of the sources
    events: list[Row] = field(default_factory=list)
    before: list[Row] = field(default_factory=list)  # incidents as they stood at `since`
    lived: list[Incident] = field(default_factory=list)  # incidents as they are now, with their verdicts
    acts: list[Deed] = field(default_factory=list)
    arrivals: list[Arrival] = field(default_factory=list)
    breaks: set[datetime] = field(default_factory=set)
    grain: timedelta = STEP  # posts that came late count so much later at most
    post_ids: dict[tuple[int, str], int] = field(default_factory=dict)


def read_history(
    sessions: Sessions, watch_id: int, detector: FireDetector, *, since: datetime, until: datetime
) -> HistorySnapshot:
    """The past of a watch, read in short sessions, none of which is left open.

    A source that is slower than five minutes tells of a bucket at its next visit, and the live chain waits
    for it; a post that came later than that counts from then on, and not before.
    Raises NotFound; TooLarge if there is more than can be replayed while somebody waits.
    """
    with sessions() as session:
        only_read(session)
        watch = session.get(Watch, watch_id, options=[WITH_SOURCES])
        if watch is None:
            raise NotFound(f"there is no watch {watch_id}")
        began = step_start(since, _DAY) - detector.memory - LOOK_BACK - _DAY
        history = HistorySnapshot(
            _row(watch), sorted(watch.source_ids), _row(watch.policy), began, since, until
        )
        _count(session, history)
        _read_sources(session, history, watch)
        _read_incidents(session, history)
        history.events = [_row(event) for event in session.scalars(select(PlannedEvent).where(
            PlannedEvent.ends_at > began, PlannedEvent.starts_at < until,
            or_(PlannedEvent.watch_id == watch_id, PlannedEvent.watch_id.is_(None)),
        ))]  # fmt: skip
    for source in history.sources:
        _read_coverage(sessions, history, source["id"])
    _read_posts(sessions, history)
    return history


def _row(thing: Base) -> Row:
    """All that the row holds, but whose it is: a past is played for one watch, in a house without teams."""
    return {c.key: None if c.key == "team_id" else getattr(thing, c.key) for c in thing.__table__.columns}


def _count(session: Session, history: HistorySnapshot) -> None:
    mine = (Bucket.watch_id == history.watch["id"], Bucket.at < history.until)
    posts = func.sum(Bucket.mentions + Bucket.aside)
    mentions = session.scalar(select(posts).where(*mine, Bucket.at >= history.began)) or 0
    if mentions > MOST_MENTIONS:
        raise TooLarge(
            f"there are {mentions:,} mentions to go through, with the weeks before them; at most "
            f"{MOST_MENTIONS:,} are replayed at once: choose fewer days"
        )
    older = select(Bucket).where(*mine, Bucket.at < history.began, Bucket.at >= history.began - _SHARES)
    history.counts = [_row(bucket) for bucket in session.scalars(older)]


def _read_sources(session: Session, history: HistorySnapshot, watch: Watch) -> None:
    brought = select(Bucket.source_id).where(Bucket.watch_id == history.watch["id"]).distinct()
    wanted = or_(Source.id.in_(history.listens_to), Source.id.in_(brought)) if history.listens_to else true()
    ours = or_(Source.team_id.is_(None), Source.team_id == watch.team_id)
    for source in session.scalars(select(Source).where(wanted, ours).order_by(Source.id)):
        held = {name: span for name, span in source.cursor.items() if name == "holds"}
        history.sources.append(_row(source) | {"settings": {}, "secret": None, "cursor": held})
    looked = select(LookBack).where(LookBack.source_id.in_([source["id"] for source in history.sources]))
    history.looked_back = [_row(one) for one in session.scalars(looked)]


def _read_incidents(session: Session, history: HistorySnapshot) -> None:
    mine = select(Incident).where(
        Incident.watch_id == history.watch["id"],
        Incident.opened_at < history.until,
        or_(Incident.out_at.is_(None), Incident.out_at > history.began - 366 * _DAY),
    )
    history.lived = list(session.scalars(mine.order_by(Incident.id)))
    by_id = {incident.id: incident for incident in history.lived}
    verdicts = list(
        session.scalars(
            select(Verdict).where(Verdict.incident_id.in_(by_id)).order_by(Verdict.at, Verdict.id)
        )
    )
    closings = session.scalars(
        select(Transition).where(
            Transition.incident_id.in_(by_id),
            Transition.reason == Reason.closed,
            Transition.at > history.since,
        )
    )
    acts = [(v.at, by_id[v.incident_id], v.verdict) for v in verdicts if v.at > history.since]
    history.acts = sorted(
        [
            act
            for act in [*acts, *((t.at, by_id[t.incident_id], None) for t in closings)]
            if act[0] < history.until
        ],
        key=lambda act: act[0],
    )
    for incident in history.lived:
        if incident.opened_at <= history.since:
            known = [v.verdict for v in verdicts if v.incident_id == incident.id and v.at <= history.since]
            stood = (
                _row(incident)
                if _was_out(incident, history.since)
                else _open(session, incident, history.since)
            )
            history.before.append(stood | {"story_id": None, "verdict": known[-1] if known else None})


def _was_out(incident: Incident, at: datetime) -> bool:
    return incident.out_at is not None and incident.out_at <= at


def _suppressed(transition: Transition) -> bool:
    """Whether the cool-down kept the incident quiet then; 0.1.0 called it hushed."""
    standing = transition.standing
    return bool(standing.get("suppressed_by_cooldown", standing.get("hushed")))


def _open(session: Session, incident: Incident, at: datetime) -> Row:
    """An incident as it stood while it went on."""
    transitions = list(
        session.scalars(
            select(Transition)
            .where(Transition.incident_id == incident.id, Transition.at <= at)
            .order_by(Transition.id)
        )
    )
    loud = [t.observed or 0.0 for t in transitions if t.reason in _LOUD]
    lit = incident.burning_at is not None and incident.burning_at <= at
    revealed_later = session.scalar(
        select(Transition.id).where(
            Transition.incident_id == incident.id, Transition.at > at, Transition.reason == Reason.revealed
        )
    )
    return _row(incident) | {
        "state": transitions[-1].state if transitions else State.smouldering,
        "level": transitions[-1].level if transitions else 0,
        "burning_at": incident.burning_at if lit else None,
        "suppressed_by_kind": incident.suppressed_by_kind or revealed_later is not None,
        "calm_since": None,
        "out_at": None,
        "alerted_rate": max(loud, default=0.0),
        "last_transition_at": transitions[-1].at if transitions else incident.opened_at,
        "last_alert_at": max((t.at for t in transitions if t.reason in _ALOUD), default=None),
        "suppressed_by_cooldown": bool(transitions and _suppressed(transitions[-1])),
        "top_score": max((t.score or 0.0 for t in transitions), default=0.0),
        "peak": max((t.observed or 0.0 for t in transitions), default=0.0),
        "peak_at": min(incident.peak_at, at),
    }


def _read_coverage(sessions: Sessions, history: HistorySnapshot, source_id: int) -> None:
    with sessions() as session:
        only_read(session)
        rows = session.execute(
            select(Coverage.source_id, Coverage.at, Coverage.coverage).where(
                Coverage.source_id == source_id, Coverage.at >= history.began, Coverage.at < history.until
            )
        )
        history.coverage += [dict(row) for row in rows.mappings()]


def _read_posts(sessions: Sessions, history: HistorySnapshot) -> None:
    """The watch's posts in the order in which they can be counted, and in that of their ids."""
    # An archive was heard whole: its posts count at their own time, whenever it was read. So does what was
    # looked back on.
    live_since = {row["source_id"]: row["until"] for row in history.looked_back if row["until"]}
    cadences = {
        source["id"]: timedelta(seconds=source["cadence_seconds"])
        for source in history.sources
        if not source["cursor"]
    }
    matched = [
        select(table.post_id).where(
            table.watch_id == history.watch["id"], table.at >= history.began, table.at < history.until
        )
        for table in (Mention, Aside)  # what was set aside may count in the replay
    ]
    mine = select(Post).where(Post.id.in_(union_all(*matched)))
    late: list[Arrival] = []
    behind = 0
    while True:
        with sessions() as session:
            only_read(session)
            posts = list(session.scalars(mine.where(Post.id > behind).order_by(Post.id).limit(_AT_ONCE)))
        for post in posts:
            is_history = post.bucket_at < live_since.get(post.source_id, EPOCH)
            at = _countable(post, None if is_history else cadences.get(post.source_id))
            arrival = Arrival(at, post.source_id, _item(post))
            (late if at > post.bucket_at and at >= history.since else history.arrivals).append(arrival)
            history.post_ids[post.source_id, post.external_id] = post.id
        if len(posts) < _AT_ONCE:
            break
        behind = posts[-1].id
    for history.grain in _GRAINS:
        history.breaks = {_ceiling(arrival.at, history.grain) for arrival in late}
        if len(history.breaks) <= _MOST_BREAKS:
            break
    history.arrivals += [replace(a, at=_ceiling(a.at, history.grain)) for a in late]
    history.arrivals.sort(key=lambda arrival: arrival.at)  # stable: equals keep the order of their ids
    history.arrivals = [arrival for arrival in history.arrivals if arrival.at < history.until]


def _countable(post: Post, cadence: timedelta | None) -> datetime:
    """The start of the first bucket that was judged with this post in the counts."""
    if cadence is None:
        return post.bucket_at
    return max(post.bucket_at, _ceiling(post.first_seen_at - max(cadence, STEP), STEP) - STEP)


def _ceiling(at: datetime, step: timedelta) -> datetime:
    return EPOCH - (EPOCH - at) // step * step


def _item(post: Post) -> Item:
    return Item(
        external_id=post.external_id,
        text=post.text,
        published_at=min(post.published_at, post.first_seen_at),
        precision="day" if post.precision is PostPrecision.day else "exact",
        title=post.title,
        author=post.author,
        url=post.url,
        lang=post.lang,
        edited_at=post.edited_at,
        likes=post.likes,
        shares=post.shares,
        replies=post.replies,
        reach=post.reach,
        followers=post.followers,
    )
