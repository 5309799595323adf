"""Saved answers through the real source code: what each run would have brought."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import urlsplit

import httpx
from pydantic import ValidationError

from app.errors import AppError, BadInput, SourceError, invalid
from app.http_client import open_client
from app.logs import mask
from app.settings import Settings
from app.sources.base import Batch, Item, Kind, Stream
from app.sources.saved.files import SavedRun
from app.sources.saved.handout import Handout
from app.sources.toolkit.gathering import Gathering

_STAND_IN = "replay:replay"
_UNTOLD: dict[str, Any] = {
    "query": "replay", "hashtag": "replay", "subreddits": ["replay"], "handle": "replay.invalid", "app": "1",
    "package": "replay.invalid", "about": "brand",
}  # fmt: skip


# Questions beside that for posts: asked only where an answer to them was saved.
_BESIDE = {"timeline": False, "counts": False}


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """One run, replayed."""

    name: str
    at: datetime
    batch: Batch | None  # None: it failed
    why: str = ""  # it failed
    permanent: bool = False
    wait: timedelta | None = None  # that the source asked for
    notes: tuple[str, ...] = ()
    since: datetime | None = None  # until when it was heard before


@dataclass
class Posts:
    """Each post once, as it stood at the end."""

    posts: dict[str, tuple[Item, datetime, datetime | None]] = field(default_factory=dict)  # seen, edited

    def take(self, batch: Batch, now: datetime) -> tuple[int, int]:
        """(how many were new, how many were edited)."""
        before, edited = len(self.posts), 0
        for item in batch.items:
            known = self.posts.get(item.external_id)
            if known is None:
                self.posts[item.external_id] = (item, now, item.edited_at)
                continue
            changed = (item.title, item.text) != (known[0].title, known[0].text)
            edited += changed
            when = item.edited_at or (now if changed else known[2])
            self.posts[item.external_id] = (item, known[1], when)
        new = len(self.posts) - before
        for external_id in batch.deleted:
            self.posts.pop(external_id, None)
        return new, edited


def settings_of(kind: Kind, given: Mapping[str, Any], runs: list[SavedRun]) -> dict[str, Any]:
    """The given settings over those that the saved addresses show, and stand-ins for what nothing shows.

    What was answered does not change with them. BadInput says what is wrong with those that were given.
    """
    guessed: Mapping[str, Any] = {}
    if kind.from_url is not None:
        found = [shown for run in runs for url in run.urls if (shown := kind.from_url(url))]
        # What the first one leaves out, as an answer that only some runs asked for, a later one may show.
        guessed = {
            name: value or next(filter(None, (one.get(name) for one in found)), value)
            for name, value in (found[0] if found else {}).items()
        }
    beside = {name: value for name, value in _BESIDE.items() if name in kind.settings.model_fields}
    settings = {**beside, **guessed, **given}
    try:
        kind.settings.model_validate(settings)
    except ValidationError as error:
        for also in ("", "hashtag", "query", "subreddits"):
            stood_in = {**_untold(kind, also, runs), **settings}
            with suppress(ValidationError):
                kind.settings.model_validate(stood_in)
                return stood_in
        names = ", ".join(kind.settings.model_fields)
        raise BadInput(
            f"the settings are not those of {kind.name}: {invalid(error)}. "
            f"Give --settings NAME=VALUE; there are: {names}."
        ) from error
    return settings


def _untold(kind: Kind, also: str, runs: list[SavedRun]) -> dict[str, Any]:
    """Stand-ins for this setting, and for those without which the kind cannot be."""
    first = next((url for run in runs for url in run.urls if url), "")
    parts = urlsplit(first)
    of_place = dict.fromkeys(("instance", "forum", "service"), f"{parts.scheme}://{parts.netloc}")
    all_of_them = {**_UNTOLD, **(of_place if parts.netloc else {}), **({"url": first} if first else {})}
    needed = [name for name, field in kind.settings.model_fields.items() if field.is_required()]
    return {
        name: all_of_them[name]
        for name in (*needed, also, "service")
        if name in all_of_them and name in kind.settings.model_fields
    }


def rehearse(
    kind: Kind, settings: Mapping[str, Any], runs: list[SavedRun], *, clock: Callable[[], datetime]
) -> Iterator[Rehearsed]:
    """Each run in its order, on its own time; the cursor goes from one to the next."""
    checked = kind.settings.model_validate(settings)
    secret = None
    if kind.secret == "needed":  # noqa: S105 - a word, not a secret
        secret = kind.stand_in() if kind.stand_in else _STAND_IN
    network = Handout(kind.from_url)
    stream = kind.listen(checked, secret or _STAND_IN) if kind.listen else None
    cursor: dict[str, Any] = {}
    before: datetime | None = None
    until: datetime | None = None
    with open_client(Settings(), transport=network) as client:
        client.paces = None
        for run in runs:
            now = run.now or (before + kind.cadence if before else clock())
            network.load(run.exchanges)
            done = _one(kind, checked, secret, client, run, cursor, until, now, stream)
            unused = [f"not asked for: {one}" for one in network.unused()]
            yield replace(done, notes=(*done.notes, *network.notes, *unused), since=until)
            if done.batch is not None:
                cursor, until = done.batch.cursor, done.batch.window_to
            before = now


def _one(
    kind: Kind,
    settings: Any,  # noqa: ANN401 - each kind has its own
    secret: str | None,
    client: httpx.Client,
    run: SavedRun,
    cursor: dict[str, Any],
    until: datetime | None,
    now: datetime,
    stream: Stream | None,
) -> Rehearsed:
    if kind.brought is not None:
        return _taken(kind.brought, settings, run, now)
    if run.frames and stream is None:
        raise BadInput(f"{run.name} holds frames of a stream, and these settings ask for none.")
    if not run.frames and kind.build is None:
        raise BadInput(f"{run.name} holds no frames, and the kind {kind.name} asks for nothing else.")
    asks = kind.build is not None and (run.exchanges or not run.frames)
    batch: Batch | None = None
    notes: tuple[str, ...] = ()
    try:
        if asks and kind.build is not None:
            batch = kind.build(settings, client, secret).fetch(cursor, now=now)
            cursor, until = batch.cursor, batch.window_to
        if stream is not None and run.frames:
            streamed, notes = _streamed(stream, run.frames, cursor, until, now)
            batch = _joined(batch, streamed) if batch else streamed
    except SourceError as error:
        return Rehearsed(run.name, now, None, mask(str(error)), error.permanent, error.retry_after)
    except Exception as error:  # noqa: BLE001 - as the chain does: one run that crashes stops no other
        return Rehearsed(run.name, now, None, mask(f"{type(error).__name__}: {error}"))
    return Rehearsed(run.name, now, batch, wait=batch.next_in if batch else None, notes=notes)


def _taken(
    brought: Callable[[Any, bytes], tuple[Sequence[Item], Sequence[str]]],
    settings: Any,  # noqa: ANN401 - each kind has its own
    run: SavedRun,
    now: datetime,
) -> Rehearsed:
    """What was brought to us: each saved request is a delivery."""
    items: list[Item] = []
    notes: list[str] = []
    for exchange in run.exchanges:
        try:
            found, wrong = brought(settings, exchange.content())
        except AppError as error:
            return Rehearsed(run.name, now, None, mask(str(error)), permanent=True)
        items += found
        notes += wrong
    status: Literal["ok", "empty"] = "ok" if items else "empty"
    return Rehearsed(run.name, now, Batch(items, {}, None, now, status, note="; ".join(notes)))


def _joined(batch: Batch, streamed: Batch) -> Batch:
    """What was asked for to fill a hole, and what the stream said after it."""
    return replace(
        streamed,
        items=[*batch.items, *streamed.items],
        deleted=[*batch.deleted, *streamed.deleted],
        window_from=batch.window_from,
        status=streamed.status if streamed.status == "partial" or not batch.items else batch.status,
        coverage=min(batch.coverage, streamed.coverage),
        volume=[*batch.volume, *streamed.volume],
        note="; ".join(filter(None, [batch.note, streamed.note])),
    )


def _streamed(
    stream: Stream, frames: list[str], cursor: dict[str, Any], until: datetime | None, now: datetime
) -> tuple[Batch, tuple[str, ...]]:
    resumes = stream.call(cursor, now=now, tries=0).resumes
    gathering = Gathering(stream, cursor, until, resumes=resumes)
    notes: tuple[str, ...] = ()
    for frame in frames:
        try:
            gathering.take(frame, now=now)
        except SourceError as error:  # what came before it counts
            notes = (mask(str(error)),)
            break
    batch = gathering.batch(now=now)
    if until is not None and batch.window_from is not None and batch.window_from > until:
        heard = (batch.window_to - batch.window_from) / (batch.window_to - until)
        batch = replace(batch, window_from=until, coverage=heard)
    return batch, notes
