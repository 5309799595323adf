"""What is made of the rows of a backup before anybody works on them: the world went on without it."""

from datetime import datetime, timedelta

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from app.admin.report_links import take_all_back
from app.admin.sign_in import sign_all_out
from app.backup.archive import Manifest
from app.backup.forget_again import forget_again
from app.forgotten import Forgotten
from app.models import Base, ClockMark, Delivery, Notice, Restoration
from app.models.base import NEVER_TWICE
from app.pipeline.delivery.messages import RESTORED
from app.pipeline.delivery.outbox import enabled, enqueue_notice, first_told
from app.pipeline.forgetting import purge_words

# What was told since the backup has numbers that the backup knows nothing of. Nothing gives out so many.
_SPARE, _A_MINUTE = 100_000, 100


def mend(session: Session, manifest: Manifest, forgotten: Forgotten, *, now: datetime) -> None:
    """Note that it was restored; nothing that people saw since the backup is taken for another thing.

    1. Numbers that are told (of incidents, deliveries, proposals, ...) go on far above those that may have
       been given out since: a message, a link or a button never speaks of another fire than its own.
    2. What waited to be told may have been: whoever tells it looks first.
    3. What was forgotten since is forgotten again.
    4. Nobody is signed in, and no link opens a report: whoever has a copy of a cookie of then gets in no
       more, and a link that was taken back since stays so.
    5. The time that is missing is that of a restore, which people are told, and no jump of the clock.
    """
    taken_at = min(manifest.taken_at, now)
    known = {name: _highest(session, name) for name in _told_by_number()}
    session.add(Restoration(taken_at=taken_at, restored_at=now, version=manifest.version[:40], known=known))
    spare = _SPARE + _A_MINUTE * int((now - taken_at) / timedelta(minutes=1))
    for name, highest in known.items():
        _go_on_from(session, name, highest + spare)
    session.execute(update(Delivery).where(Delivery.due_at.is_not(None)).values(ambiguous=True))
    session.execute(update(ClockMark).values(passed_at=now))
    if forget_again(session, forgotten, taken_at=taken_at, now=now).posts:
        purge_words(session)
    sign_all_out(session)
    take_all_back(session)
    _tell(session, taken_at, now)
    session.flush()


def _tell(session: Session, taken_at: datetime, now: datetime) -> None:
    notice = Notice(at=now, since=taken_at, health=RESTORED)
    session.add(notice)
    session.flush()
    for channel in first_told(enabled(session)):
        enqueue_notice(session, notice, channel)
    session.flush()


def _told_by_number() -> list[str]:
    key, wanted = next(iter(NEVER_TWICE.items()))
    dialect, option = key.split("_", 1)
    tables = Base.metadata.sorted_tables
    return [table.name for table in tables if table.dialect_options[dialect].get(option) is wanted]


def _highest(session: Session, name: str) -> int:
    return session.scalar(select(func.max(Base.metadata.tables[name].c.id))) or 0


def _go_on_from(session: Session, name: str, number: int) -> None:
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(
            text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :number, true)"),
            {"name": name, "number": number},
        )
        return
    connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": name})
    connection.execute(
        text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :number)"),
        {"name": name, "number": number},
    )
