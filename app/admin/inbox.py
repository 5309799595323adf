"""Posts that another system brings: the signature first, then all good posts in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.admin.change import found
from app.errors import Conflict
from app.models import Source
from app.pipeline.collect import Ears, receive
from app.pipeline.store import Stored
from app.sources import push
from app.vault import Vault


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a batch; rejected posts are named by their place in it."""

    stored: Stored
    rejected: list[tuple[int, str]]


def take(
    session: Session,
    ears: Ears,
    source_id: int,
    body: bytes,
    headers: Mapping[str, str],
    *,
    vault: Vault,
    now: datetime,
) -> Taken:
    """Store the posts of a signed batch; Unauthorized if the signature is not ours and fresh."""
    source = found(session, Source, source_id)
    if source.kind != push.KIND.name or source.secret is None:
        raise Conflict(
            f"nothing can be pushed to a source of the kind {source.kind}: make one of the kind push"
        )
    push.verify(body, headers, vault.open(source.secret), now=now)
    if not source.enabled:
        raise Conflict("the source is switched off: nothing was stored")
    parsed = push.parse(body)
    note = f"{len(parsed.rejected)} posts could not be read" if parsed.rejected else ""
    return Taken(receive(session, ears, source.id, parsed.items, now=now, note=note), parsed.rejected)
