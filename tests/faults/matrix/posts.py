"""Posts that are dated wrongly, or that no database can hold."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from app.pipeline.ingest.store import Stored
from app.sources.base import Item
from tests.faults.matrix.fault import FRESH, Fault, Mend, replaced
from tests.faults.matrix.feeds import LATER, TEN_MINUTES
from tests.faults.matrix.house import House
from tests.faults.matrix.proofs import FIRE, FIRST, noticed
from tests.faults.matrix.world import feed, send


def _writing(change: Callable[[Item], Item]) -> Callable[[House], None]:
    """A fire begins, and each of its posts is changed so."""

    def inject(house: House) -> None:
        world = house.world
        world.burn(FIRST)
        burning = {post.external_id for post in world.more[FIRST]}

        def shown() -> bytes:
            posts = world.posts(FIRST, world.at - world.shown)
            return feed([change(p) if p.external_id in burning else p for p in posts])

        world.answers["forum"] = lambda to: send(to, shown())

    return inject


def _dated(year: int) -> Callable[[House], None]:
    return _writing(lambda post: replace(post, published_at=datetime(year, 1, 1, tzinfo=UTC)))


def _all_or_nothing(
    _session: object, whole: Callable[[Sequence[Any]], Stored], items: Sequence[Any]
) -> Stored:
    return whole(items)


_LONG_AGO = datetime.min.replace(tzinfo=UTC)

_FIRST_SEEN = Mend(
    "a date from before the web is none: the post counts when it is first seen",
    replaced(("app.pipeline.ingest.store._NO_DATE", _LONG_AGO), ("app.sources.toolkit.dates._FIRST_YEAR", 1)),
)
_MISDATED = Mend(
    "that most of what is new is dated too old to be stored is told",
    replaced(("app.pipeline.ingest.record_run.dates_new_as_old", lambda *_: False)),
)
_STORABLE = Mend(
    "what no database can hold is taken out, and a post that it refuses keeps out no other",
    replaced(
        ("app.models.base.storable", lambda text: text),
        ("app.sources.toolkit.text._UNSAFE", re.compile("(?!)")),
        ("app.pipeline.ingest.store._without_the_bad", _all_or_nothing),
    ),
)

FAULTS = (
    Fault("all that is new is dated 1970", _dated(1970), FIRE, _FIRST_SEEN, passes=FRESH),
    Fault(
        "all that is new is dated 2001", _dated(2001), noticed("forum", "older than"), _MISDATED,
        passes=LATER, within=TEN_MINUTES,
    ),
    Fault(
        "posts hold half a character and a null",
        _writing(lambda post: replace(post, text=f"{post.text} \ud83d \x00")), FIRE, _STORABLE, passes=FRESH,
    ),
)  # fmt: skip
