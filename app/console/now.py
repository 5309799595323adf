"""Now: one sentence that says how everything stands, and a tile for each watch, what burns first."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from app.admin.overview import Beginning, Overview, PastFire, WatchTile, beginning, overview, past_fires
from app.api.access import Now, Parts, Session
from app.channels.document import Inline, Run, join
from app.channels.text import cut, line
from app.channels.wording.kinds import LABELS
from app.channels.wording.standing import VERDICTS
from app.channels.wording.words import Words
from app.clock import step_start
from app.console.access import Signed, is_admin
from app.console.pages import PageRoute, render
from app.models import IncidentKind, State
from app.runtime import Runtime

router = APIRouter(route_class=PageRoute, include_in_schema=False)
_A_PAGE = 60  # tiles
_PATIENCE = 5  # pauses between passes
_NAMES = 5
_PAST = 8  # fires that are out


@dataclass(frozen=True, slots=True)
class ShownTile:
    """A tile in words."""

    watch_id: int
    name: str
    href: str  # empty: nothing is open
    tone: str  # burning, quiet, contained, smouldering, calm, off: how it is coloured
    state: str
    detail: str
    count: str


@router.get("/")
def show_now(
    request: Request,
    session: Session,
    runtime: Parts,
    now: Now,
    visitor: Signed,
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    q: Annotated[str, Query(max_length=120)] = "",
) -> HTMLResponse:
    """The first page of whoever is signed in."""
    seen, words = overview(session, now=now), visitor.words
    wanted = [tile for tile in seen.tiles if q.casefold() in tile.name.casefold()]
    pages = max(1, -(-len(wanted) // _A_PAGE))
    page = min(page, pages)
    shown = wanted[(page - 1) * _A_PAGE : page * _A_PAGE]
    begun = beginning(session) if is_admin(visitor, session) else None
    return render(
        request,
        "now.html",
        steps=_steps(begun, words) if begun and not begun.is_over else [],
        sentence=sentence(seen, words),
        burns=bool(seen.burning),
        troubles=_troubles(seen, words, runtime, request.state.cycle_seconds),
        notes=_notes(seen, words, now),
        tiles=[_shown(tile, words, now) for tile in shown],
        past=[_past(one, words, now) for one in past_fires(session, most=_PAST)],
        at=words.clock(now, seen_from=now),
        stamp=f"{step_start(now):%Y%m%d%H%M}",
        page=page,
        pages=pages,
        all=len(seen.tiles),
        q=q,
    )


def sentence(seen: Overview, words: Words) -> Inline:
    """How everything stands, in one sentence."""
    burning = seen.burning
    if burning:
        names = words.all_of([_name(tile) for tile in burning[:_NAMES]])
        if len(burning) > _NAMES:
            names = words.all_of(
                [
                    *(_name(tile) for tile in burning[:_NAMES]),
                    words.say("{n} more", n=str(len(burning) - _NAMES)),
                ]
            )
        first = words.write_count(
            "*{n} fire burns:* {names}", "*{n} fires burn:* {names}", len(burning), names=names
        )
        free = sum(1 for tile in burning if tile.fire and tile.fire.taken_by is None)
        taken = (
            words.write("each is in somebody’s hands")
            if not free
            else words.write("nobody has {n} of them", n=words.number(free))
            if len(burning) > 1
            else words.write("nobody has it")
        )
    else:
        first, taken = words.write("*Nothing burns*"), ()
    heard = (
        words.write("no source is set up")
        if not seen.sources
        else words.write("{heard} of {n} sources are heard", heard=str(seen.heard), n=str(seen.sources))
    )
    return (*join("; ", [first, taken, heard]), Run("."))


def _troubles(seen: Overview, words: Words, runtime: Runtime, cycle_seconds: int) -> list[str]:
    """What keeps all that is shown from being true, or from being told."""
    said = []
    since = runtime.vitals.since_pass()
    if cycle_seconds and since > timedelta(seconds=_PATIENCE * cycle_seconds):
        said.append(
            words.say(
                "Tocsin stands still: its last pass ended {span} ago. What is shown is as old.",
                span=words.span(since),
            )
        )
    if why := runtime.vitals.failing():
        said.append(words.say("The database does not take what is written: {why}", why=line(why)))
    if seen.deaf:
        names = words.all_of([cut(line(name), 60) for name in seen.deaf[:_NAMES]])
        said.append(
            words.count(
                "Not heard: {names} ({n} source)",
                "Not heard: {names} ({n} sources)",
                len(seen.deaf),
                names=names,
            )
        )
    return said


def _notes(seen: Overview, words: Words, now: datetime) -> list[str]:
    quiet = [
        words.say("Silenced until {at}: {why}", at=words.clock(ends, seen_from=now), why=cut(line(why), 120))
        for why, ends in seen.silences
    ]
    planned = [
        words.say(
            "Planned, until {at}: {name}", at=words.clock(ends, seen_from=now), name=cut(line(name), 120)
        )
        for name, ends in seen.planned
    ]
    return quiet + planned


def _name(tile: WatchTile) -> str:
    return cut(line(tile.name), 80)


def _shown(tile: WatchTile, words: Words, now: datetime) -> ShownTile:
    fire = tile.fire
    tone, state, detail = "calm", words.say("calm"), ""
    if tile.unreadable:
        tone, state = "burning", words.say("something is open that cannot be read")
    elif not tile.enabled:
        tone, state = "off", words.say("switched off")
    elif fire is None and not tile.is_heard:
        tone, state = "unheard", words.say("not heard: what is said now is not known")
    elif fire is None and tile.is_learning:
        tone, state = "off", words.say("still learning what is usual")
    elif fire is not None:
        since = words.span(now - fire.since)
        tone, state = {
            State.burning: ("burning", words.say("burns")),
            State.contained: ("contained", words.say("contained")),
        }.get(fire.state, ("smouldering", words.say("smoulders")))
        if fire.state is State.burning and fire.kept_quiet:
            tone = "quiet"
        if fire.kind is not IncidentKind.fire and fire.kind in LABELS:
            state = words.say("{state} ({kind})", state=state, kind=words.say(LABELS[fire.kind]).lower())
        if fire.taken_by:
            detail = words.say(
                "for {span}, in the hands of {who}", span=since, who=cut(line(fire.taken_by), 40)
            )
        elif fire.state is State.burning and not fire.kept_quiet:
            detail = words.say("for {span}, nobody has it", span=since)
        else:
            detail = words.say("for {span}", span=since)
    count = words.count("{n} mention within the hour", "{n} mentions within the hour", tile.last_hour)
    href = f"/fires/{fire.incident_id}" if fire else ""
    return ShownTile(tile.watch_id, _name(tile), href, tone, state, detail, count)


def _past(fire: PastFire, words: Words, now: datetime) -> tuple[str, str, str]:
    """(the address of its page, its watch, what is said of it)."""
    said = words.say(
        "{at}, out after {span}, at most {peak} an hour",
        at=words.clock(fire.began, seen_from=now),
        span=words.span(fire.out_at - fire.began),
        peak=words.number(fire.peak),
    )
    known = VERDICTS.get(fire.verdict.value) if fire.verdict else None
    verdict = words.say(known) if known else words.say("not judged yet")
    return f"/fires/{fire.incident_id}", cut(line(fire.watch), 80), f"{said} · {verdict}"


def _steps(begun: Beginning, words: Words) -> list[tuple[str, str, bool]]:
    """(where it is done, what is to be done, whether it is done) of a new house, in its order."""
    sensitivity = f"/watches/{begun.watch_id}/sensitivity" if begun.watch_id else ""
    return [
        (
            "/watches/new",
            words.say("Say what is watched: your brand, in its own words"),
            bool(begun.watch_id),
        ),
        (
            "/listening/find",
            words.say("Find where it is spoken of: give the address of a site"),
            begun.has_source,
        ),
        ("/channels/new", words.say("Say who is told: a channel in Slack, a mailbox"), begun.has_channel),
        ("/channels", words.say("Send a test message, and see that it arrives"), begun.has_tested),
        (sensitivity, words.say("See how often it would have rung, and set its budget"), False),
    ]
