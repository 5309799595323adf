"""`tocsin check`: what is set up, what is wrong with it, and how to mend it."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app import db
from app.admin import faults
from app.admin.routes import hole, routes_of
from app.admin.routes import sentence as route
from app.admin.sources import spending
from app.admin.watches import doubts, learning
from app.cli.check_duty import of_rotas
from app.cli.check_send import of_tests
from app.cli.errors import sentence
from app.cli.finding import Finding
from app.errors import AppError, ChannelError, NotYet, TooNew
from app.logs import mask
from app.models import Channel, LookBack, Source, Watch, unreadable
from app.pipeline.delivery.failover import note_success
from app.pipeline.delivery.lost import newest_restoration
from app.pipeline.ingest.look_back import progress_of
from app.pipeline.ingest.quotas import keep_quotas
from app.pipeline.timekeeping.keep_time import newest_jump
from app.reading.pictures import installed
from app.runtime import Runtime, open_runtime
from app.settings import Settings


def check(
    send: Annotated[
        str,
        typer.Option("--send", metavar="CHANNEL", help="send a test message to it as well; `all`: to each"),
    ] = "",
) -> None:
    """Check the settings, the database, channels, routes and sources; say what is wrong and how to mend it.

    Each source is asked once, and nothing of what it says is stored. Ends with 1 if anything is wrong.
    """
    console = Console()
    good = True
    try:
        settings = Settings()
    except ValueError as error:
        _show(console, Finding("settings", False, sentence(error) or mask(str(error))))
        raise typer.Exit(1) from error
    for finding in _findings(settings, send):
        good = good and finding.good
        _show(console, finding)
    if not good:
        raise typer.Exit(1)


def _show(console: Console, finding: Finding) -> None:
    mark = Text("✓ ", "green") if finding.good else Text("✗ ", "red")
    if finding.doubtful:
        mark = Text("? ", "yellow")
    console.print(mark + Text.assemble((finding.what, "bold"), ": ", finding.said))


def _findings(settings: Settings, send: str = "") -> Iterator[Finding]:
    yield Finding("settings", True, f"data in {settings.data_dir}, alerts in {settings.language}")
    try:
        with open_runtime(settings) as runtime:
            here, newest = db.revision(runtime.engine)
            where = mask(runtime.engine.url.render_as_string())
            older = (
                ""
                if here == newest
                else f", which are newer than this version ({newest}); it can work on them"
            )
            yield Finding("database", True, f"{where}, tables at revision {here}{older}")
            yield from findings_of(runtime)
            if send:
                yield from of_tests(runtime, send)
    except SQLAlchemyError as error:
        why = mask(str(error.__cause__ or error)).splitlines()[0]
        yield Finding("database", False, f"{why}. Set TOCSIN_DATABASE_URL, or see that the database runs.")
    except TooNew as error:
        yield Finding("database", False, str(error))
    except (AppError, OSError) as error:
        yield Finding("start", False, mask(str(error)))


def findings_of(runtime: Runtime) -> Iterator[Finding]:
    """What there is to say of a service whose database works."""
    yield _clock(runtime)
    if runtime.settings.pictures and not installed():
        yield Finding(
            "pictures",
            False,
            'the extra is missing: pip install "tocsin[pictures]", or unset TOCSIN_PICTURES',
        )
    yield from _restored(runtime)
    yield _watches(runtime)
    yield from _queries(runtime)
    yield from _learning(runtime)
    yield from _channels(runtime)
    yield from _routes(runtime)
    with runtime.sessions() as session:
        yield from of_rotas(session, runtime.now())
    yield from _sources(runtime)
    yield from _faults(runtime)


def _clock(runtime: Runtime) -> Finding:
    with runtime.sessions() as session:
        jump = newest_jump(session)
    if jump is None:
        return Finding("clock", True, "no pass found that it jumped")
    span = timedelta(seconds=round(abs(jump.seconds)))
    when = f"{jump.at:%Y-%m-%d %H:%M} UTC"
    if not jump.is_trouble(runtime.now()):
        what = f"it was set back by {span}" if jump.seconds < 0 else f"no pass had been made for {span}"
        return Finding("clock", True, f"at {when} {what}")
    return Finding(
        "clock", False, f"it was set back by {span} at {when}. See that the machine keeps time (NTP)."
    )


def _restored(runtime: Runtime) -> Iterator[Finding]:
    with runtime.sessions() as session:
        restored = newest_restoration(session)
    if restored is not None:
        taken = f"{restored.taken_at:%Y-%m-%d %H:%M} UTC"
        yield Finding("restore", True, f"{restored.restored_at:%Y-%m-%d %H:%M} UTC, from a backup of {taken}")


def _watches(runtime: Runtime) -> Finding:
    with runtime.sessions() as session:
        count = session.scalars(select(func.count()).select_from(Watch)).one()
    hint = "" if count else "; make one with `tocsin apply FILE` or POST /api/v1/watches"
    return Finding("watches", True, f"{count}{hint}")


def _queries(runtime: Runtime) -> Iterator[Finding]:
    """What is likely a slip in the queries."""
    with runtime.sessions() as session:
        for watch in session.scalars(select(Watch).where(Watch.enabled).order_by(Watch.name)):
            for doubt in doubts(watch) if not unreadable(watch) else ():
                yield Finding(
                    f"query of {watch.name}", not doubt.refused, doubt.sentence(), not doubt.refused
                )


def _learning(runtime: Runtime) -> Iterator[Finding]:
    """Which watches have not learnt, and how they are judged meanwhile."""
    with runtime.sessions() as session:
        for watch in session.scalars(select(Watch).where(Watch.enabled).order_by(Watch.name)):
            if not unreadable(watch) and (said := learning(watch)):
                yield Finding(f"watch {watch.name}", True, said)


def _faults(runtime: Runtime) -> Iterator[Finding]:
    """What a pass could not work off, and what none could."""
    with runtime.sessions() as session:
        put_off = faults.listed(session)
        unsound = faults.unsound(session)
    for fault in put_off:
        again = f"at {fault.due_at:%H:%M} UTC" if fault.due_at else f"with: tocsin faults retry {fault.id}"
        tries = f"tried {fault.attempts} times, again {again}"
        yield Finding(f"{fault.subject} {fault.name}", False, f"step {fault.step}: {fault.error}; {tries}")
    known = {(fault.subject, fault.subject_id) for fault in put_off}
    for row, why in unsound:
        if (row.subject, row.id) not in known:
            yield Finding(f"{row.subject} {row.name}", False, f"{why}. Set it again.")
    if not put_off and not unsound:
        yield Finding("chain", True, "every row can be worked off")


def _looked_at(name: str, look: Callable[[], Finding]) -> Finding:
    """What a look at one thing finds; that it cannot be looked at is a finding, and no end of the rest."""
    try:
        return look()
    except NotYet as error:
        return Finding(name, True, f"was not asked: {mask(str(error))}")
    except AppError as error:
        return Finding(name, False, mask(str(error)))
    except Exception as error:  # noqa: BLE001 - the next thing is looked at all the same
        return Finding(name, False, mask(f"{type(error).__name__}: {error}"))


def _channels(runtime: Runtime) -> Iterator[Finding]:
    with runtime.sessions() as session:
        channels = list(session.scalars(select(Channel).order_by(Channel.name)))
    for channel in channels:
        name = f"channel {channel.name} ({channel.kind})"
        yield _looked_at(name, partial(_channel, runtime, channel, name))


def _channel(runtime: Runtime, channel: Channel, name: str) -> Finding:
    if not channel.enabled:
        return Finding(name, True, "switched off")
    asked = f"; a pass asked it {channel.probed_at:%Y-%m-%d %H:%M} UTC" if channel.probed_at else ""
    fails = channel.broken_since or channel.failing_since
    try:
        text = runtime.chain.delivery.open(channel).check(now=runtime.now())
    except ChannelError as error:
        since = f"; so since {fails:%Y-%m-%d %H:%M} UTC" if fails else ""
        return Finding(name, False, f"{mask(str(error))}{since}{asked}")
    if fails or channel.told_since:
        with runtime.sessions.begin() as session:
            note_success(session.get_one(Channel, channel.id), now=runtime.now())
        text += "; it works again"
    return Finding(name, True, f"{text}{asked}")


def _routes(runtime: Runtime) -> Iterator[Finding]:
    """For each watch, who would be told; wrong if nobody would."""
    with runtime.sessions() as session:
        for watch in session.scalars(select(Watch).where(Watch.enabled).order_by(Watch.name)):
            yield _looked_at(f"route {watch.name}", partial(_route, runtime, session, watch))


def _route(runtime: Runtime, session: Session, watch: Watch) -> Finding:
    ways = routes_of(session, watch, language=runtime.settings.language, now=runtime.now())
    wrong = hole(ways, watch.policy.rings)
    text = "; ".join(route(way, watch.policy.rings) for way in ways)
    return Finding(f"route {watch.name}", not wrong, wrong or f"alerts go to {text}")


def _sources(runtime: Runtime) -> Iterator[Finding]:
    with runtime.sessions() as session:
        sources = list(session.scalars(select(Source).order_by(Source.name)))
    for source in sources:
        name = f"source {source.name} ({source.kind})"
        yield _looked_at(name, partial(_source, runtime, source, name))


def _source(runtime: Runtime, source: Source, name: str) -> Finding:
    now = runtime.now()
    if not source.enabled:
        return Finding(name, True, f"switched off. {source.health_why}".strip())
    if "holds" in source.cursor:
        return Finding(name, True, "was read whole in a replay")
    listening = runtime.ingest.open(source)
    if listening is None:
        return _brought(name, source, now)
    batch = listening.fetch({}, now=now)
    said = f"answers with {len(batch.items)} posts{_looked_back(runtime, source)}{_left(runtime, source)}"
    return Finding(name, True, said)


def _looked_back(runtime: Runtime, source: Source) -> str:
    """How far a source has looked back, if it does."""
    with runtime.sessions() as session:
        row = session.get(LookBack, source.id)
        return f"; {progress_of(row)}" if row else ""


def _left(runtime: Runtime, source: Source) -> str:
    """What is left of the quotas and budgets of a source."""
    now = runtime.now()
    with runtime.sessions.begin() as session:
        keep_quotas(session, runtime.ingest.paces)
    with runtime.sessions() as session:
        budgets = spending(session, source, vault=runtime.vault, now=now).budgets
    return "".join(f"; {b.left:g} of {b.of:g} {b.what} left until {b.resets_at:%H:%M} UTC" for b in budgets)


def _brought(name: str, source: Source, now: datetime) -> Finding:
    heard = source.heard_until
    ago = (
        f"last listened {int((now - heard) / timedelta(minutes=1))} min ago" if heard else "not yet listened"
    )
    return Finding(name, True, f"posts are brought to POST /api/v1/sources/{source.id}/posts; {ago}")
