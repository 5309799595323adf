"""Posts that another system brings: the proof first, then all good posts in one transaction, each once.

Until a sender has proven who it is, and its body is read, nothing is locked that others wait for.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any

from sqlalchemy.orm import Session

from app.db import Sessions, only_read
from app.errors import Conflict, SourceError, Unauthorized
from app.logs import log
from app.models import Source
from app.pipeline.ingest import websub
from app.pipeline.ingest.collect import IngestContext, receive
from app.pipeline.ingest.store import Stored
from app.sources.feed import document as feed
from app.sources.feed import websub as hub_of_feed
from app.sources.push import proof as push_proof
from app.sources.push import source as push
from app.sources.push.settings import PushSettings
from app.vault import Vault

_REMEMBERED = timedelta(hours=24)  # as long as senders may try again
_UNPROVEN = (
    "this is not proven to come from a sender of this source: check the id in the address, the secret and "
    "the sender's clock, and sign each request anew, byte for byte; the log of the service says what is wrong"
)
_MOST = 2_000  # deliveries that are remembered of a source


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a batch; rejected posts are named by their place in it."""

    stored: Stored
    rejected: list[tuple[int, str]]
    status: int = 202  # that the sender is to be answered with


def take(
    sessions: Sessions,
    context: IngestContext,
    source_id: int,
    body: bytes,
    headers: Mapping[str, str],
    *,
    vault: Vault,
    now: datetime,
) -> Taken:
    """Store the posts of a batch; Unauthorized if its sender does not prove that it has the secret.

    A delivery that was taken within the last day stores nothing and is answered with 200, so that who sends
    it again stops.
    """
    with sessions() as session:
        only_read(session)
        source = session.get(Source, source_id)
    try:
        settings = _proven(source, body, headers, vault, now)
    except Unauthorized as error:
        log().warning("push refused", source_id=source_id, why=str(error))
        raise Unauthorized(_UNPROVEN) from None
    if source is None or not source.enabled:
        raise Conflict("the source is switched off: nothing was stored")
    parsed = push.parse(body, settings)
    note = f"{len(parsed.rejected)} posts could not be read" if parsed.rejected else ""
    with sessions.begin() as session:
        if (delivery := push_proof.delivery(body, headers, settings)) and not _is_first(
            session, source_id, delivery, now
        ):
            return Taken(Stored(len(parsed.items), 0, 0), parsed.rejected, 200)
        stored = receive(session, context, source_id, parsed.items, now=now, note=note)
    return Taken(stored, parsed.rejected, settings.answer)


def _proven(
    source: Source | None, body: bytes, headers: Mapping[str, str], vault: Vault, now: datetime
) -> PushSettings:
    """The settings of a source that posts may be pushed to; Unauthorized, and why, for who may not."""
    if source is None or source.kind != push.KIND.name or source.secret is None:
        # As much is done as for a source with another secret, so that the time taken says nothing.
        with suppress(Unauthorized):
            push_proof.verify(body, headers, token_hex(), PushSettings(), now=now)
        raise Unauthorized("there is no source of the kind push with this id")
    settings = PushSettings.model_validate(source.settings)
    push_proof.verify(body, headers, vault.open(source.secret), settings, now=now)
    return settings


def _is_first(session: Session, source_id: int, delivery: str, now: datetime) -> bool:
    """Whether the delivery was not taken before; it is remembered."""
    # Of two that come at once, one must wait.
    source = session.get_one(Source, source_id, with_for_update={"key_share": True})
    before = _remembered(source.cursor, now)
    if delivery in before:
        return False
    kept = {delivery: now.isoformat()} | before
    source.cursor = {**source.cursor, "deliveries": dict(list(kept.items())[:_MOST])}
    session.flush()
    return True


def take_news(
    sessions: Sessions,
    context: IngestContext,
    source_id: int,
    body: bytes,
    headers: Mapping[str, str],
    *,
    secret: Callable[[int, str], str],
    now: datetime,
) -> None:
    """Store the posts that a hub brings of a feed; those of who has not the secret are dropped."""
    with sessions() as session:
        only_read(session)
        topic = websub.subscribed(session, source_id)
    if not hub_of_feed.is_signed(body, headers.get("x-hub-signature", ""), secret(source_id, topic)):
        log().warning("hub delivery dropped", source_id=source_id, why="its signature is not that of the hub")
        return
    try:
        page = feed.read(body, headers, url=topic)
    except SourceError as error:
        log().warning("hub delivery dropped", source_id=source_id, why=str(error))
        return
    with sessions.begin() as session:
        websub.delivered(session, source_id, now=now)
        receive(session, context, source_id, page.items, now=now, note="told by its hub")


def _remembered(cursor: Mapping[str, Any], now: datetime) -> dict[str, str]:
    """The deliveries of the last day, newest first, each with when it came."""
    oldest = (now - _REMEMBERED).isoformat()
    return {name: at for name, at in cursor.get("deliveries", {}).items() if at >= oldest}
