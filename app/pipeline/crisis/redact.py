"""Takes a name or an address out of what a team wrote down in a crisis or of a mention; the rest stays."""

import re
from collections.abc import Collection
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Delivery, LogEntry, MentionNote, Notice, StatementStep
from app.pipeline.delivery.messages import UPDATE
from app.pipeline.forgetting import empty_record

GONE = "[…]"


def redact(session: Session, *, names: Collection[str] = (), addresses: Collection[str] = ()) -> int:
    """Put `GONE` in the place of these names and addresses; how many texts held one.

    A name is a word of its own, in capitals or not.
    """
    # The longest first: an address may begin with another.
    longest = sorted((*names, *addresses), key=len, reverse=True)
    inner = "|".join(re.escape(word) for word in longest)
    wanted = re.compile(rf"(?<![\w@])(?:{inner})(?!\w)", re.IGNORECASE)
    changed = 0
    for row in (
        *session.scalars(select(LogEntry)),
        *session.scalars(select(StatementStep)),
        *session.scalars(select(MentionNote)),
    ):
        left = wanted.sub(GONE, row.text)
        changed += left != row.text
        row.text = left
    for notice in session.scalars(select(Notice).where(Notice.health == UPDATE)):
        changed += _redact_notice(session, notice, wanted)
    session.flush()
    return changed


def _redact_notice(session: Session, notice: Notice, wanted: re.Pattern[str]) -> bool:
    """The same in what stakeholders were told, and in the record of how; whether it held one."""
    left = _through(notice.facts, wanted)
    if left == notice.facts:
        return False
    notice.facts = left
    for delivery in session.scalars(select(Delivery).where(Delivery.notice_id == notice.id)):
        empty_record(delivery)
    return True


def _through(value: Any, wanted: re.Pattern[str]) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, str):
        return wanted.sub(GONE, value)
    if isinstance(value, dict):
        return {key: _through(one, wanted) for key, one in value.items()}
    return [_through(one, wanted) for one in value] if isinstance(value, list) else value
