"""Lists in pages: a cursor stands behind a row, so what comes or goes meanwhile loses and doubles nothing."""

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Query
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from sqlalchemy import Select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.clock import EPOCH

Item = TypeVar("Item")
Row = TypeVar("Row")
_LARGEST = 2**63 - 1
_LAST_SECOND = 2**37  # in the year 6325


class Page(BaseModel, Generic[Item]):
    """A page of a list."""

    items: list[Item]
    next: str | None = Field(
        description="give it as `cursor` to get the page after this one; empty on the last",
        examples=["WzEwXQ"],
    )


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page is wanted."""

    limit: int
    behind: int | None
    then: tuple[int, ...] = ()  # of a list that goes by several numbers: the others


def _paging(numbers: int) -> Callable[[int, str | None], PageRequest]:
    def page_request(
        limit: Annotated[int, Query(ge=1, le=200, description="most items in the answer")] = 50,
        cursor: Annotated[str | None, Query(max_length=64, description="`next` of the page before")] = None,
    ) -> PageRequest:
        if cursor is None:
            return PageRequest(limit, None)
        behind, *then = _read(cursor, numbers)
        return PageRequest(limit, behind, tuple(then))

    return page_request


Paging = Annotated[PageRequest, Depends(_paging(1))]
PagingByThree = Annotated[PageRequest, Depends(_paging(3))]


def page(
    session: Session,
    query: Select[Row],
    by: InstrumentedAttribute[int],
    paging: PageRequest,
    *,
    newest_first: bool = True,
) -> tuple[list[Row], str | None]:
    """(rows of the page, the cursor of the next one) in the order of an id that only grows."""
    if paging.behind is not None:
        query = query.where(by < paging.behind if newest_first else by > paging.behind)
    query = query.order_by(by.desc() if newest_first else by.asc()).limit(paging.limit + 1)
    rows = list(session.scalars(query).unique())
    return rows[: paging.limit], _write(getattr(rows[-2], by.key)) if len(rows) > paging.limit else None


def page_of_times(
    session: Session, query: Select[Row], by: InstrumentedAttribute[datetime], paging: PageRequest
) -> tuple[list[Row], str | None]:
    """The same in the order of an instant of whole seconds that no two rows share, newest first."""
    if paging.behind is not None:
        query = query.where(by < instant_of(paging.behind))
    rows = list(session.scalars(query.order_by(by.desc()).limit(paging.limit + 1)))
    if len(rows) <= paging.limit:
        return rows, None
    return rows[: paging.limit], cursor_behind(getattr(rows[-2], by.key))


def cursor_behind(at: datetime, *then: int) -> str:
    """The cursor of what comes behind that instant, of whole seconds, and these numbers."""
    return _write(int((at - EPOCH).total_seconds()), *then)


def instant_of(behind: int) -> datetime:
    """The instant that the first number of a cursor stands for, the latest if it is later than any."""
    return EPOCH + timedelta(seconds=min(behind, _LAST_SECOND))


def _write(*behind: int) -> str:
    text = json.dumps(behind, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(cursor: str, numbers: int) -> list[int]:
    try:
        read: Any = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError):
        read = None
    if isinstance(read, list) and len(read) == numbers and all(map(_is_number, read)):
        return read
    detail = "is not the `next` of any page: begin again without a cursor"
    raise RequestValidationError([{"type": "cursor", "loc": ("query", "cursor"), "msg": detail}])


def _is_number(read: object) -> bool:
    return isinstance(read, int) and not isinstance(read, bool) and 0 <= read <= _LARGEST
