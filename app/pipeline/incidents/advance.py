"""How far each watch was judged, and by what while it learns, as it is noted in its row."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from sqlalchemy import update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from app.channels.facts import Learning
from app.clock import EPOCH
from app.models import Watch


def advance(session: Session, watches: Sequence[Watch], until: datetime) -> None:
    """Note how far the watches were judged, unless another process was first with some of them."""
    for was, group in groupby(sorted(watches, key=_scored_until), key=_scored_until):
        members = list(group)
        here = Watch.scored_until.is_(None) if was == EPOCH else Watch.scored_until == was
        done = update(Watch).where(Watch.id.in_([watch.id for watch in members]), here)
        session.execute(done.values(scored_until=until), execution_options={"synchronize_session": False})
        for watch in members:
            set_committed_value(watch, "scored_until", until)


def _scored_until(watch: Watch) -> datetime:
    return watch.scored_until or EPOCH


def note_learning(session: Session, watch: Watch, learning: Learning | None) -> None:
    """Note how the watch is judged while it has not learnt; None: it has."""
    how = learning and learning.model_dump(mode="json")
    if how != watch.learning:
        done = update(Watch).where(Watch.id == watch.id).values(learning=how)
        session.execute(done, execution_options={"synchronize_session": False})
        set_committed_value(watch, "learning", how)
