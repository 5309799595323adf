"""`tocsin sources try`: one run of a source that is not set up, shown and not stored."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from time import monotonic, sleep
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app import clock, logs, sources
from app.channels.text import line
from app.cli.given import settings_from
from app.cli.sparkline import sparkline
from app.errors import BadInput, SourceError, invalid
from app.http_client import PacedClient, dial, open_client
from app.logs import mask
from app.settings import Settings
from app.sources.base import Batch, Kind, Source
from app.sources.toolkit.gathering import Gathering

_SHOWN = 20
_LISTENED = timedelta(seconds=10)
_WAITED = timedelta(seconds=10)  # for what the pace of a host leaves to a second run


def try_source(
    kind: Annotated[str, typer.Argument(help="kind of source, as `tocsin sources kinds` lists them")],
    given: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME=VALUE]...", help="its settings, or a YAML file")
    ] = None,
    secret: Annotated[
        str | None,
        typer.Option(envvar="TOCSIN_TRY_SECRET", help="the secret of the source", show_envvar=True),
    ] = None,
) -> None:
    """Show what one run of a source would bring, and what it costs. Nothing is stored.

    A stream is listened to for ten seconds. Posts are the newest twenty; more may have come.
    """
    logs.configure("error", "auto")
    one = sources.kind(kind)
    console = Console()
    settings = settings_from(one, given or [])
    if one.secret == "needed" and not secret:  # noqa: S105 - a word, not a secret
        raise BadInput(f"{one.name} needs a secret. {one.needs} Give it with --secret or TOCSIN_TRY_SECRET.")
    configured = Settings()
    with open_client(configured) as client:
        batch = _run(one, settings, secret, client, configured)
        paces = client.paces.used() if client.paces else []
    console.print(_table(batch))
    until = f"{batch.window_to:%Y-%m-%d %H:%M:%S} UTC"
    if batch.volume:
        console.print(Text(sparkline(batch.volume)), soft_wrap=True)
    console.print(f"{batch.status}: {len(batch.items)} posts, heard until {until}")
    if batch.note:
        console.print(Text(batch.note, "yellow"))
    counted = [f"{calls} of the day's {name}" for (name, _, _), calls in paces]
    price = f"{batch.cost:.4f} USD" if batch.cost else "nothing"
    console.print(Text(f"It cost {', '.join([price, *counted])}. Price: {one.price or 'free'}.", "dim"))
    if one.needs:
        console.print(Text(one.needs, "dim"))


def _run(
    kind: Kind, settings: dict[str, object], secret: str | None, client: PacedClient, configured: Settings
) -> Batch:
    try:
        checked = kind.settings.model_validate(settings)
    except ValidationError as error:
        names = ", ".join(kind.settings.model_fields) or "none"
        raise BadInput(
            f"the settings are not those of {kind.name}: {invalid(error)}. "
            f"Give NAME=VALUE; there are: {names}."
        ) from None
    now = clock.utc_now()
    if kind.build is not None:
        return _asked(kind.build(checked, client, secret), now)
    stream = kind.listen(checked, secret) if kind.listen else None
    if stream is None:
        raise BadInput(f"nothing is fetched for the kind {kind.name}: posts are brought to it.")
    call = stream.call({}, now=now, tries=0)
    held = dial(
        client, call.url, headers=call.headers, silence=call.silence, allowed=configured.allow_private_hosts
    )
    gathering = Gathering(stream, {}, None, resumes=call.resumes)
    end = monotonic() + _LISTENED.total_seconds()
    try:
        for frame in held:
            if frame:
                gathering.take(frame, now=clock.utc_now())
            if monotonic() > end:
                break
    except SourceError as error:
        if not len(gathering):
            raise
        Console(stderr=True).print(Text(mask(str(error)), "yellow"))
    finally:
        held.close()
    return gathering.batch(now=clock.utc_now())


def _asked(source: Source, now: datetime) -> Batch:
    """What one run brings, and the volume if that is left to a run of its own a few seconds later."""
    batch = source.fetch({}, now=now)
    if batch.next_in is None or batch.next_in > _WAITED:
        return batch
    sleep(batch.next_in.total_seconds())
    try:
        more = source.fetch(batch.cursor, now=now + batch.next_in)
    except SourceError as error:
        return replace(batch, note="; ".join(filter(None, [batch.note, str(error)])))
    return replace(
        batch,
        items=[*batch.items, *more.items],
        volume=[*batch.volume, *more.volume],
        note="; ".join(filter(None, [batch.note, more.note])),
        cost=batch.cost + more.cost,
    )


def _table(batch: Batch) -> Table:
    table = Table("published", "author", "post", "language", "engagement")
    newest = sorted(batch.items, key=lambda item: item.published_at or batch.window_to, reverse=True)
    for item in islice(newest, _SHOWN):
        published = f"{item.published_at:%Y-%m-%d %H:%M}" if item.published_at else "–"
        words = line(" ".join(filter(None, [item.title, item.text])))[:160]
        counts = {"likes": item.likes, "shares": item.shares, "replies": item.replies, "reach": item.reach}
        engagement = ", ".join(f"{n} {name}" for name, n in counts.items() if n is not None)
        row = (published, line(item.author or "–")[:40], words, item.lang or "–", engagement or "–")
        table.add_row(*(Text(cell) for cell in row))
    return table
