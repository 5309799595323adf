"""Posts that another system brings: the proof first, then all good posts in one transaction, each once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.admin.change import get_or_404
from app.errors import Conflict, SourceError
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
_MOST = 2_000  # deliveries that are remembered of a source


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a batch; rejected posts are named by their place in it."""

    stored: Stored
    rejected: list[tuple[int, str]]
    status: int = 202  # that the sender is to be answered with


def take(
    session: Session,
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
    source = get_or_404(session, Source, source_id)
    if source.kind != push.KIND.name or source.secret is None:
        raise Conflict(
            f"nothing can be pushed to a source of the kind {source.kind}: make one of the kind push"
        )
    settings = PushSettings.model_validate(source.settings)
    push_proof.verify(body, headers, vault.open(source.secret), settings, now=now)
    if not source.enabled:
        raise Conflict("the source is switched off: nothing was stored")
    parsed = push.parse(body, settings)
    if delivery := push_proof.delivery(body, headers, settings):
        session.refresh(source, with_for_update=True)  # of two that come at once, one must wait
        before = _remembered(source.cursor, now)
        if delivery in before:
            return Taken(Stored(len(parsed.items), 0, 0), parsed.rejected, 200)
        kept = {delivery: now.isoformat()} | before
        source.cursor = {**source.cursor, "deliveries": dict(list(kept.items())[:_MOST])}
        session.flush()
    note = f"{len(parsed.rejected)} posts could not be read" if parsed.rejected else ""
    stored = receive(session, context, source.id, parsed.items, now=now, note=note)
    return Taken(stored, parsed.rejected, settings.answer)


def take_news(
    session: Session,
    context: IngestContext,
    source_id: int,
    body: bytes,
    headers: Mapping[str, str],
    *,
    secret: Callable[[int, str], str],
    now: datetime,
) -> None:
    """Store the posts that a hub brings of a feed; those of who has not the secret are dropped."""
    topic = websub.subscribed(session, source_id)
    if not hub_of_feed.is_signed(body, headers.get("x-hub-signature", ""), secret(source_id, topic)):
        log().warning("hub delivery dropped", source_id=source_id, why="its signature is not that of the hub")
        return
    try:
        page = feed.read(body, headers, url=topic)
    except SourceError as error:
        log().warning("hub delivery dropped", source_id=source_id, why=str(error))
        return
    websub.delivered(session, source_id, now=now)
    receive(session, context, source_id, page.items, now=now, note="told by its hub")


def _remembered(cursor: Mapping[str, Any], now: datetime) -> dict[str, str]:
    """The deliveries of the last day, newest first, each with when it came."""
    oldest = (now - _REMEMBERED).isoformat()
    return {name: at for name, at in cursor.get("deliveries", {}).items() if at >= oldest}
