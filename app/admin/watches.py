"""Watches: what is listened for."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.admin import policies, relevance, teams
from app.admin.change import (
    AuditView,
    Invalid,
    Named,
    changed,
    ensure_unique,
    get_by_name,
    get_or_404,
    newest_post,
    pointer,
    record,
)
from app.admin.specs import WatchSpec
from app.channels.facts import Learning
from app.errors import AppError, BadInput, NotFound
from app.models import WHOLE, Channel, Source, Watch
from app.pipeline.incidents import stories
from app.pipeline.ingest.look_back import ask_for
from app.reading.query import Query, parse
from app.reading.query.doubts import doubts_of
from app.reading.query.wrong import BadQuery, Doubt

_PLAIN = ("name", "kind", "objective", "languages", "time_zone", "country", "language", "enabled")
_MATCHED_BY = ("query", "languages", "sources", "enabled", "team")


def audit_view(session: Session, watch: Watch) -> AuditView:
    """The watch as its spec, for people and for the audit log."""
    return {
        **{field: getattr(watch, field) for field in _PLAIN},
        "query": dict(watch.query),
        "emergency": dict(watch.emergency) if watch.emergency is not None else None,
        "relevance": relevance.wish_of(watch),
        "policy": policies.base_of(session, watch.policy).name,
        "overrides": dict(watch.policy.overrides or {}),
        "sources": sorted(source.name for source in watch.sources),
        "channels": sorted(channel.name for channel in watch.channels),
        "team": teams.name_of(session, watch.team_id),
    }


def create(session: Session, spec: WatchSpec, *, by: str, now: datetime) -> Watch:
    """A new watch, which the next cycle also matches against the posts that are there already."""
    ensure_unique(session, Watch, spec.name)
    require_sound_query(spec)
    watch = Watch(created_at=now, updated_at=now, rematch_until=newest_post(session))
    _set(session, watch, spec, now)
    session.add(watch)
    if spec.relevance is not None:
        relevance.obey(session, watch, wanted=spec.relevance, by=by, now=now)
    _ask_for_history(session, watch, now)
    record(session, watch, "create", before=None, after=audit_view(session, watch), by=by, now=now)
    return watch


def _ask_for_history(session: Session, watch: Watch, now: datetime) -> None:
    """Have those of its sources look back that never did; what the others found is matched anyway."""
    with session.no_autoflush:
        sources = watch.sources or [
            source for source in session.scalars(select(Source)) if source.team_id in (None, watch.team_id)
        ]
        ask_for(session, sources, now=now)


def update(session: Session, watch_id: int, changes: Mapping[str, Any], *, by: str, now: datetime) -> Watch:
    """The watch with the changes; if they decide what matches, stored posts are matched again."""
    watch = get_or_404(session, Watch, watch_id, *WHOLE)
    before = audit_view(session, watch)
    spec = changed(WatchSpec, before, changes)
    ensure_unique(session, Watch, spec.name, watch.id)
    if "query" in changes and not _is_query(before["query"], spec.query):
        require_sound_query(spec)  # what is stored already stays as it is until somebody changes it
    _set(session, watch, spec, now)
    if spec.relevance not in (None, before["relevance"]):
        relevance.obey(session, watch, wanted=spec.relevance, by=by, now=now)
    after = audit_view(session, watch)
    if after != before:
        watch.updated_at = now
    if any(after[field] != before[field] for field in _MATCHED_BY):
        watch.rematch_until = newest_post(session)
    record(session, watch, "update", before=before, after=after, by=by, now=now)
    return watch


def delete(session: Session, watch_id: int, *, by: str, now: datetime) -> None:
    """Nothing is left of the watch: its mentions, buckets and incidents go with it."""
    watch = get_or_404(session, Watch, watch_id, *WHOLE)
    before = audit_view(session, watch)
    stories.leave(session, watch.id)
    session.delete(watch)
    if watch.policy.base_id is not None:  # nobody else rings by what it overrides
        session.delete(watch.policy)
    record(session, watch, "delete", before=before, after=None, by=by, now=now)


def _is_query(stored: Mapping[str, Any], query: Query) -> bool:
    try:
        return parse(stored) == query
    except BadInput:
        return False


def require_sound_query(spec: WatchSpec) -> None:
    """Nothing, if the query can match what is meant; else Invalid says what is wrong with it."""
    wrong = [doubt for doubt in doubts_of(spec.query, kind=spec.kind) if doubt.refused]
    if wrong:
        raise Invalid([{"pointer": "#/query", "detail": doubt.sentence()} for doubt in wrong])


def learning(watch: Watch) -> str:
    """How the watch is judged while it has not learnt, in a few words; empty if it has."""
    if watch.learning is None:
        return ""
    how = Learning.model_validate(watch.learning)
    until = f"until {how.until:%Y-%m-%d %H:%M} UTC"
    match how.basis:
        case "borrowed":
            return f"learning: what is usual is borrowed from {how.like} like watches {until}"
        case "emergency":
            return (
                f"learning {until}: rings at {how.per_hour} mentions an hour, or half as many negative ones"
            )
        case "none":
            return f"learning {until}: rings for nothing (`tocsin emergency` has it ring at a number)"


def doubts(watch: Watch) -> list[Doubt]:
    """What is likely a slip in the query of a watch; of one that cannot be read, why."""
    try:
        return doubts_of(parse(watch.query), kind=watch.kind)
    except BadQuery as error:
        return [error.doubt]
    except (AppError, ValueError):
        return []  # half a document, or that of another version: each step that reads it says so


def _set(session: Session, watch: Watch, spec: WatchSpec, now: datetime) -> None:
    with session.no_autoflush:
        if spec.policy == policies.DEFAULT:
            policies.ensure_default(session, now=now)
        watch.team_id = teams.named(session, spec.team)
        base = policies.named(session, spec.policy, "#/policy")
        teams.require_open(base, watch.team_id, "#/policy")
        policies.override(session, watch, base, spec.overrides.given(), now=now)
        watch.sources = _all_named(session, Source, spec.sources, "sources")
        for i, source in enumerate(watch.sources):
            teams.require_open(source, watch.team_id, pointer("sources", i))
        watch.channels = _all_named(session, Channel, spec.channels, "channels")
        for i, channel in enumerate(watch.channels):
            teams.require_open(channel, watch.team_id, pointer("channels", i))
            if channel.person_id is not None:
                detail = f"{channel.name} is one person's own: it is for calls, by a rota (docs/on-call.md)"
                raise Invalid([{"pointer": pointer("channels", i), "detail": detail}])
    for field in _PLAIN:
        setattr(watch, field, getattr(spec, field))
    watch.emergency = spec.emergency.model_dump() if spec.emergency is not None else None
    watch.query = spec.query.model_dump(mode="json")


def _all_named(session: Session, table: type[Named], names: list[str], field: str) -> list[Named]:
    return [
        get_by_name(session, table, name, pointer(field, i)) for i, name in enumerate(dict.fromkeys(names))
    ]


def named_or_numbered(session: Session, word: str) -> Watch:
    """The watch of that name, else of that id; NotFound if there is none."""
    watch = session.scalar(select(Watch).where(Watch.name == word))
    if watch is None and word.isdecimal():
        watch = session.get(Watch, int(word[:9]))
    if watch is None:
        raise NotFound(f"there is no watch “{word}”; GET /api/v1/watches lists them")
    return watch
