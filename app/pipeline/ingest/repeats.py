"""Which mentions repeat what was said of the same watch within a day before, known as they come in.

Exact copies only, whoever relays them; near-duplicates, and how they are repeated, are read at an alarm. Of
all copies the one that was heard first is organic. What comes late takes nothing back: the buckets of other
sources stay as they were counted, so that two sources may be stored at the same time.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, bindparam, select
from sqlalchemy.orm import Session

from app.models import Mention

WITHIN = timedelta(hours=24)
_CHUNK = 500

_SAID: BindParameter[int] = bindparam("said", expanding=True)
# Written once: every run of every source executes it.
_HEARD = (
    select(Mention.watch_id, Mention.wording, Mention.at)
    .where(Mention.wording.in_(_SAID), Mention.at >= bindparam("since"), Mention.at <= bindparam("until"))
    .distinct()
)


def mark_repeats(session: Session, mentions: Sequence[dict[str, Any]]) -> None:
    """Set `amplified` of mentions that are not stored yet, from their `wording`."""
    said = [m for m in mentions if m["wording"] is not None]
    heard: dict[tuple[int, int | None], list[datetime]] = defaultdict(list)
    wanted = sorted({m["wording"] for m in said})
    times = [m["at"] for m in said]
    for start in range(0, len(wanted), _CHUNK):
        asked = {
            "said": wanted[start : start + _CHUNK],
            "since": min(times) - WITHIN,
            "until": max(times) + WITHIN,
        }
        for watch_id, wording, at in session.connection().execute(_HEARD, asked):
            heard[watch_id, wording].append(at)
    for mention in sorted(said, key=lambda m: (m["at"], m["post_id"])):
        before = heard[mention["watch_id"], mention["wording"]]
        mention["amplified"] = any(abs(mention["at"] - at) <= WITHIN for at in before)
        if not mention["amplified"] or before[-1] != mention["at"]:
            before.append(mention["at"])
