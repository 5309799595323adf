"""Lists in pages: a cursor stands behind a row, so what comes or goes meanwhile loses and doubles nothing."""

import base64
import binascii
import json
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


def _page_request(
    limit: Annotated[int, Query(ge=1, le=200, description="most items in the answer")] = 50,
    cursor: Annotated[str | None, Query(max_length=64, description="`next` of the page before")] = None,
) -> PageRequest:
    return PageRequest(limit, None if cursor is None else _read(cursor))


Paging = Annotated[PageRequest, Depends(_page_request)]


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
        query = query.where(by < EPOCH + timedelta(seconds=min(paging.behind, _LAST_SECOND)))
    rows = list(session.scalars(query.order_by(by.desc()).limit(paging.limit + 1)))
    if len(rows) <= paging.limit:
        return rows, None
    return rows[: paging.limit], _write(int((getattr(rows[-2], by.key) - EPOCH).total_seconds()))


def _write(behind: int) -> str:
    return base64.urlsafe_b64encode(json.dumps([behind]).encode()).decode().rstrip("=")


def _read(cursor: str) -> int:
    try:
        read: Any = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError):
        read = None
    match read:
        case [int(behind)] if not isinstance(behind, bool) and 0 <= behind <= _LARGEST:
            return behind
        case _:
            detail = "is not the `next` of any page: begin again without a cursor"
            raise RequestValidationError([{"type": "cursor", "loc": ("query", "cursor"), "msg": detail}])
