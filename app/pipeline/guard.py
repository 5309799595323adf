"""Guards of the chain: what one row does not let happen stops neither the rows beside it nor the next step.

A row that cannot be worked off is written down as a `Fault`: put off first, with a wait that grows, and set
aside after some hours, where people see it and can ask for another. Only then is its error raised, at the
end of the pass, so that neither a crash loop nor silence comes of it.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from time import perf_counter
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, delete, inspect, select, update
from sqlalchemy.orm import Session

from app import metrics
from app.backoff import FAULTS, wait_after
from app.db import Sessions, is_gone, only_read
from app.errors import NotFound
from app.logs import log, mask
from app.models import Base, Fault

Item = TypeVar("Item")
Key = tuple[str, str, int]

MOST_TRIES = 24  # about five hours; then only a person, an edit or a restart has it tried again
STEP = "step"  # the subject of a fault that is not of one row
_MOST_WORDS = 500


@dataclass(frozen=True, slots=True)
class Row:
    """What a step works on: the table and the id of a row, and its name for people."""

    subject: str
    id: int
    name: str

    @classmethod
    def of(cls, row: Base) -> "Row":
        """A row of any table that has an id."""
        table = str(row.__tablename__)
        known: dict[str, object] = row.__dict__
        return cls(table, int(str(known["id"])), str(known.get("name") or f"{table} {known['id']}"))


class LostError(Exception):
    """What went wrong in a pass could not be written down: the database itself fails."""


class Guard:
    """What goes wrong in one pass, and what went wrong in those before."""

    def __init__(self, sessions: Sessions, *, now: datetime) -> None:
        self.now = now
        self.errors: list[Exception] = []
        self._sessions = sessions
        self._lock = Lock()
        self._known: dict[Key, datetime | None] | None = None
        self._failed: set[Key] = set()  # in this pass

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """The block of one step: what it raises is written down, and the next step goes on."""
        began, row = perf_counter(), Row(STEP, 0, name)
        try:
            yield
        except Exception as error:  # noqa: BLE001 - whatever it is, the other steps go on
            self._fail_step(name, row, error)
        else:
            self.clear(name, row)
        finally:
            metrics.observe_step(name, perf_counter() - began)

    def work(
        self,
        step: str,
        rows: Sequence[Item],
        do: Callable[[Session, Sequence[Item]], None],
        *,
        row_of: Callable[[Item], Row],
        chunk: int = 500,
    ) -> None:
        """Do it to all rows that are not put off, in chunks of one transaction each.

        A chunk that fails is halved until the row that fails stands alone; that row is written down.
        """
        self.groups(step, rows, lambda group: self._in_transaction(do, group), row_of=row_of, chunk=chunk)

    def groups(
        self,
        step: str,
        rows: Sequence[Item],
        do: Callable[[Sequence[Item]], None],
        *,
        row_of: Callable[[Item], Row],
        chunk: int | None = None,
    ) -> None:
        """The same for work that makes its own transactions; it is repeated for the halves of what failed."""
        fresh = [row for row in rows if (step, *_key(row_of(row))) not in self._faults]
        size = chunk or max(1, len(fresh))
        for start in range(0, len(fresh), size):
            self._group(step, fresh[start : start + size], do, row_of)
        for row in rows:  # those that failed before, each by itself
            if (step, *_key(row_of(row))) in self._faults and self.is_due(step, row_of(row)):
                self._group(step, [row], do, row_of)

    def is_due(self, step: str, row: Row) -> bool:
        """Whether the step works on the row now; False while it is put off or set aside."""
        key = (step, row.subject, row.id)
        if key not in self._faults:
            return True
        due = self._faults[key]
        return due is not None and due <= self.now

    @contextmanager
    def row(self, step: str, row: Row) -> Iterator[None]:
        """The block that works on one row, with no transaction open: what it raises is written down."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - whatever it is, the other rows go on
            self.fail(step, row, error)
        else:
            self.clear(step, row)

    def fail(self, step: str, row: Row, error: Exception) -> None:
        """Put the row off, tell of it, and keep the error for the end of the pass: once in a pass.

        That the database is gone is no fault of the row: it is raised at once, and ends the pass.
        """
        if is_gone(error):
            raise error
        key = (step, row.subject, row.id)
        with self._lock:
            if key in self._failed:
                return
            self._failed.add(key)
        why = mask(f"{type(error).__name__}: {error}")[:_MOST_WORDS]
        with self._sessions.begin() as session:
            fault = session.scalars(_of(step, row).with_for_update()).one_or_none()
            if fault is None:
                fault = Fault(
                    step=step, subject=row.subject, subject_id=row.id, attempts=0, first_at=self.now
                )
                session.add(fault)
            fault.attempts += 1
            fault.name, fault.error, fault.last_at = row.name[:200], why, self.now
            again = self.now + wait_after(FAULTS, fault.attempts)
            fault.due_at = None if fault.attempts >= MOST_TRIES else again
            due = fault.due_at
        with self._lock:
            self._faults[key] = due
            self.errors.append(error)
        metrics.count(metrics.faults, step, row.subject)
        log().error(
            "row failed", step=step, subject=row.subject, id=row.id, name=row.name, why=why,
            again_at=due.isoformat() if due else "when asked", exc_info=error,
        )  # fmt: skip

    def clear(self, step: str, row: Row) -> None:
        """Forget that the row ever failed in this step, unless it was in this very pass."""
        key = (step, row.subject, row.id)
        if key not in self._faults or key in self._failed:
            return
        with self._sessions.begin() as session:
            session.execute(delete(Fault).where(*_is(step, row)))
        with self._lock:
            self._faults.pop(key, None)
        log().info("row mended", step=step, subject=row.subject, id=row.id, name=row.name)

    def clear_others(self, step: str, failing: Collection[int]) -> None:
        """Forget all failures of the step but those of the rows with these ids."""
        for known_step, subject, row_id in list(self._faults):
            if known_step == step and subject != STEP and row_id not in failing:
                self.clear(step, Row(subject, row_id, ""))

    def raise_errors(self) -> None:
        """Raise all that went wrong in the pass, now that all that could be done is done."""
        if self.errors:
            raise ExceptionGroup("the pass went on, but not all of it could be worked off", self.errors)

    @property
    def _faults(self) -> dict[Key, datetime | None]:
        """When each row that failed is due again; read once a pass."""
        if self._known is None:
            with self._sessions() as session:
                only_read(session)
                faults = list(session.scalars(select(Fault)))
                edited = {fault.id for fault in faults if _is_edited(session, fault)}
            self._known = {
                (f.step, f.subject, f.subject_id): self.now if f.id in edited else f.due_at for f in faults
            }
        return self._known

    def _fail_step(self, name: str, row: Row, error: Exception) -> None:
        try:
            self.fail(name, row, error)
        except Exception as another:  # the database itself fails: the log is what is left
            if is_gone(another):
                raise
            log().error("step failed", step=name, exc_info=error)
            with self._lock:
                self.errors += [error, LostError(str(getattr(another, "orig", another)))]

    def _in_transaction(self, do: Callable[[Session, Sequence[Item]], None], group: Sequence[Item]) -> None:
        with self._sessions.begin() as session:
            do(session, group)

    def _group(
        self,
        step: str,
        group: Sequence[Item],
        do: Callable[[Sequence[Item]], None],
        row_of: Callable[[Item], Row],
    ) -> None:
        if not group:
            return
        try:
            do(group)
        except Exception as error:
            if is_gone(error):
                raise
            if len(group) == 1:
                self.fail(step, row_of(group[0]), error)
                return
            middle = len(group) // 2
            self._group(step, group[:middle], do, row_of)
            self._group(step, group[middle:], do, row_of)
        else:
            for row in group:
                self.clear(step, row_of(row))


def retry(session: Session, fault_id: int, *, now: datetime) -> Fault:
    """Have the next pass try the row again, as if it had never failed."""
    fault = session.get(Fault, fault_id, with_for_update=True)
    if fault is None:
        raise NotFound(f"there is no fault {fault_id}: what failed works again, or is gone")
    fault.due_at, fault.attempts = now, 0
    return fault


def retry_set_aside(session: Session, *, now: datetime) -> None:
    """Have all that is set aside tried again: another version may be able to."""
    session.execute(update(Fault).where(Fault.due_at.is_(None)).values(due_at=now, attempts=0))


def forget(session: Session, row: Row) -> None:
    """Forget that the row failed, whatever the step: it is tried anew."""
    session.execute(delete(Fault).where(Fault.subject == row.subject, Fault.subject_id == row.id))


def forget_gone(session: Session) -> None:
    """Delete the faults of rows that are not there any more, or are switched off."""
    for fault in session.scalars(select(Fault).where(Fault.subject != STEP)):
        row = _row_of(session, fault)
        if row is None or getattr(row, "enabled", True) is False:
            session.delete(fault)


def _key(row: Row) -> tuple[str, int]:
    return row.subject, row.id


def _is(step: str, row: Row) -> tuple[ColumnElement[bool], ...]:
    return Fault.step == step, Fault.subject == row.subject, Fault.subject_id == row.id


def _of(step: str, row: Row) -> Select[Fault]:
    return select(Fault).where(*_is(step, row))


def _row_of(session: Session, fault: Fault) -> Base | None:
    tables = (mapper.class_ for mapper in Base.registry.mappers)
    table = next((one for one in tables if one.__tablename__ == fault.subject), None)
    return None if table is None else session.get(table, fault.subject_id)


def _is_edited(session: Session, fault: Fault) -> bool:
    """Whether the row was changed since it failed: it may work now."""
    if fault.subject == STEP:
        return True  # a step is tried in each pass
    row = _row_of(session, fault)
    if row is None or "updated_at" not in inspect(type(row)).columns:
        return False
    changed = row.__dict__.get("updated_at")
    return isinstance(changed, datetime) and changed > fault.last_at
