"""Watch: what is listened for, tried on what was heard before it is saved."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import select
from sqlalchemy.orm import Session as OrmSession

from app.admin import policies, scope, watches
from app.admin.change import checked, get_or_404
from app.admin.fields import QueryText
from app.admin.policy_specs import PolicySpec
from app.admin.queries import Attempt, attempt
from app.admin.spec import Spec
from app.admin.specs import WatchSpec
from app.api.access import Id, Now, Parts, Session
from app.api.preview import alone
from app.channels.text import cut, line
from app.channels.wording.words import Words, mark
from app.console.access import (
    Acting,
    Signed,
    Visitor,
    first_zone,
    is_admin,
    require_admin,
    require_admin_of_any,
)
from app.console.forms import NOTHING_WRONG, Wrong, form_of, number, wrong_of
from app.console.pages import PageRoute, go_to, render
from app.errors import AppError
from app.models import DRILL, WHOLE, Policy, Source, Watch
from app.pipeline.simulation.trial import Exclusion, Trial, TriedPost
from app.reading.query import parse

router = APIRouter(prefix="/watches", route_class=PageRoute, include_in_schema=False)
_DAYS = 7
_KINDS = {
    "brand": mark("a brand"),
    "competitor": mark("a competitor"),
    "topic": mark("a topic"),
    "risk": mark("a risk"),
}
_FIELDS = (
    "name",
    "query",
    "objective",
    "kind",
    "languages",
    "country",
    "time_zone",
    "policy",
    "language",
    "sources",
)
_OWN = ("threshold", "floor", "cooldown_minutes")  # of what it may override, what people most often want to
Form = Annotated[dict[str, str], Depends(form_of)]


class _QueryOnly(Spec):
    query: QueryText


@router.get("")
def list_watches(request: Request, session: Session, visitor: Signed) -> HTMLResponse:
    """All watches."""
    rows = session.scalars(
        select(Watch).where(Watch.kind != DRILL).options(*WHOLE).order_by(Watch.name)
    ).unique()
    shown = [(row, str(parse(row.query)) if _readable(row) else "") for row in rows]
    return render(request, "watches.html", watches=shown, may_change=is_admin(visitor, session), kinds=_KINDS)


@router.get("/new")
def new_watch(
    request: Request, session: Session, visitor: Signed, name: Annotated[str, Query(max_length=120)] = ""
) -> HTMLResponse:
    """An empty form."""
    words = visitor.words
    given = {
        "name": name,
        "query": f'"{name}"' if name else "",
        "kind": "brand",
        "policy": "default",
        "time_zone": visitor.person.time_zone or first_zone(session),
        "enabled": "true",
        "languages": "",
        "country": "FR" if words.language == "fr" else "",
    }
    return _form(request, session, visitor, None, given)


@router.get("/{id}")
def read_watch(
    request: Request, session: Session, visitor: Signed, row_id: Id, done: str = ""
) -> HTMLResponse:
    """The watch as it is set, to be changed."""
    watch = get_or_404(session, Watch, row_id, *WHOLE)
    given = {
        "name": watch.name,
        "query": str(parse(watch.query)) if _readable(watch) else "",
        "kind": watch.kind,
        "objective": watch.objective,
        "languages": " ".join(watch.languages),
        "country": watch.country,
        "time_zone": watch.time_zone,
        "policy": policies.base_of(session, watch.policy).name,
        "language": watch.language,
        "sources": "\n".join(source.name for source in watch.sources),
        "enabled": "true" if watch.enabled else "",
        **{name: f"{value:g}" for name in _OWN if (value := (watch.policy.overrides or {}).get(name))},
    }
    return _form(request, session, visitor, watch, given, done=bool(done))


@router.post("")
def make_watch(
    request: Request, session: Session, runtime: Parts, now: Now, visitor: Acting, form: Form
) -> Response:
    """Save a new watch, or try its query."""
    if "try" in form:
        return _tried(request, session, runtime, now, visitor, None, form)
    require_admin_of_any(visitor, session)
    try:
        with session.begin_nested():
            spec: WatchSpec = checked(WatchSpec, _given(form) | {"overrides": _own(form)})
            watch = watches.create(session, spec, by=visitor.name, now=now)
            session.flush()
            require_admin(visitor, session, watch.team_id)
    except AppError as error:
        return _form(request, session, visitor, None, form, wrong=wrong_of(error, (*_FIELDS, *_OWN)))
    return go_to(f"/watches/{watch.id}?done=1")


@router.post("/{id}")
def change_watch(
    request: Request, session: Session, runtime: Parts, now: Now, visitor: Acting, form: Form, row_id: Id
) -> Response:
    """Save what was changed, or try its query."""
    watch = get_or_404(session, Watch, row_id, *WHOLE)
    if "try" in form:
        return _tried(request, session, runtime, now, visitor, watch, form)
    require_admin(visitor, session, watch.team_id)
    try:
        with session.begin_nested():
            own = policies.own(watch, _own(form))
            watches.update(session, row_id, _given(form) | {"overrides": own}, by=visitor.name, now=now)
            session.flush()
    except AppError as error:
        return _form(request, session, visitor, watch, form, wrong=wrong_of(error, (*_FIELDS, *_OWN)))
    return go_to(f"/watches/{row_id}?done=1")


def _tried(
    request: Request,
    session: OrmSession,
    runtime: Parts,
    now: Now,
    visitor: Visitor,
    watch: Watch | None,
    form: Mapping[str, str],
) -> HTMLResponse:
    try:
        spec = checked(_QueryOnly, {"query": form.get("query", "")})
        asked = Attempt(query=spec.query, days=_DAYS, watch=watch.name if watch else "")
        with alone():
            trial, doubts = attempt(
                scope.bound_like(session, runtime.sessions), runtime.ingest, asked, now=now
            )
    except AppError as error:
        return _form(request, session, visitor, watch, form, wrong=wrong_of(error, (*_FIELDS, *_OWN)))
    said = [doubt.sentence(visitor.words.language) for doubt in doubts]
    return _form(request, session, visitor, watch, form, trial=trial, doubts=said)


def _form(
    request: Request,
    session: OrmSession,
    visitor: Visitor,
    watch: Watch | None,
    given: Mapping[str, str],
    *,
    wrong: Wrong = NOTHING_WRONG,
    trial: Trial | None = None,
    doubts: list[str] | None = None,
    done: bool = False,
) -> HTMLResponse:
    words = visitor.words
    chosen = session.scalar(policies.listed().where(Policy.name == given.get("policy", "")))
    base = chosen or PolicySpec(name=policies.DEFAULT)
    may = visitor.may(session, "admin", watch.team_id) if watch else is_admin(visitor, session)
    return render(
        request,
        "watch.html",
        status=422 if wrong.any else 200,
        watch=watch,
        given={name: given.get(name, "") for name in (*_FIELDS, *_OWN, "enabled")},
        usual={name: words.number(usual) for name in _OWN if (usual := getattr(base, name)) is not None},
        wrong=wrong,
        trial=trial and _shown(trial, words),
        doubts=doubts or [],
        done=done,
        may_change=may,
        kinds=[(name, words.say(label)) for name, label in _KINDS.items()],
        policies=sorted(policy.name for policy in session.scalars(policies.listed())) or ["default"],
        source_names=list(session.scalars(select(Source.name).order_by(Source.name))),
        days=str(_DAYS),
    )


def _given(form: Mapping[str, str]) -> dict[str, Any]:
    lists = {
        "languages": form.get("languages", "").replace(",", " ").split(),
        "sources": [name for name in form.get("sources", "").splitlines() if name.strip()],
    }
    texts = {name: form[name].strip() for name in _FIELDS if name in form and name not in lists}
    return texts | lists | {"enabled": "enabled" in form}


def _own(form: Mapping[str, str]) -> dict[str, float | None]:
    """What the watch is to override; an empty field is the policy's again."""
    given = {name: form[name].strip() for name in _OWN if name in form}
    return {name: number(name, text) if text else None for name, text in given.items()}


def _readable(watch: Watch) -> bool:
    try:
        parse(watch.query)
    except (AppError, ValueError):
        return False
    return True


def _shown(trial: Trial, words: Words) -> dict[str, Any]:
    """What the query would have matched, in words."""
    matched = words.count("{n} post", "{n} posts", trial.matched)
    change = trial.change
    return {
        "sentence": words.say(
            "{matched} in {days} days, of {all} heard. These are some of them, and why:",
            matched=matched,
            days=str(_DAYS),
            all=words.number(trial.posts),
        ),
        "none": trial.matched == 0,
        "posts": [_post(one, words) for one in trial.samples],
        "exclusions": [
            (_takes(one, words), [_post(post, words) for post in one.samples]) for one in trial.exclusions
        ],
        "change": change
        and words.say(
            "Against the watch as it is saved: {gained} more, {lost} fewer.",
            gained=words.number(change.gained),
            lost=words.number(change.lost),
        ),
    }


def _takes(one: Exclusion, words: Words) -> str:
    return words.say(
        "{part} takes away {n}.", part=one.part, n=words.count("{n} post", "{n} posts", one.posts)
    )


def _post(post: TriedPost, words: Words) -> tuple[str, str, str]:
    """(where and when, what it says, why it matched)."""
    at = words.moment(post.published_at) if post.published_at else ""
    where = " · ".join(filter(None, (line(post.author or ""), line(post.source), at)))
    return where, cut(line(post.text), 300), ", ".join(dict.fromkeys(place.term for place in post.why))
