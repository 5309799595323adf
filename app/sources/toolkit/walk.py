"""Newest first, page after page, until a post that was there before: what most lists of posts allow."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from app.errors import NotYet, SourceError
from app.sources.base import Batch, Item
from app.sources.toolkit.known import Known, covered, words_and_dates

Read = Callable[[Any], tuple[list[Item], Any]]
"""From the mark of a page (None: the newest) to its posts and the mark of the next older one."""

FIRST_LOOK = timedelta(hours=24)  # how far back a new source looks


@dataclass(frozen=True, slots=True)
class Terms:
    """How a source walks its lists."""

    overlap: timedelta = timedelta(0)  # how much later than it is written a post may appear
    pages: int = 10
    kept: int = 1_000  # posts of a list that are remembered
    one_date: bool = False  # whether the date of an edited post is that of its edit
    stays: bool = False  # whether posts stay in the list, so that one without a known post has lost some


@dataclass(frozen=True, slots=True)
class Walked:
    """What the pages held, each post once, newest first."""

    items: list[Item]
    whole: bool  # whether all since the last run was among it
    stopped: SourceError | None = None  # what ended the walk too early


@dataclass(slots=True)
class _Sum:
    """What the lists of one run came to."""

    fresh: dict[str, Item] = field(default_factory=dict)
    recounted: dict[str, Item] = field(default_factory=dict)
    found: int = 0
    coverage: list[float] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    known: dict[str, list[str]] = field(default_factory=dict)
    ahead: dict[str, list[str]] = field(default_factory=dict)
    stopped: SourceError | None = None


def last(cursor: Mapping[str, Any]) -> datetime | None:
    """Until when all was heard, from the cursor; None before the first run."""
    return datetime.fromisoformat(cursor["at"]) if cursor.get("at") else None


def gather(lists: Mapping[str, Read], cursor: Mapping[str, Any], *, now: datetime, terms: Terms) -> Batch:
    """What is new or edited in all of the lists since the cursor; what one of them may have lost is told.

    A walk that an error ends brings what it found, and the next run walks the same way again.
    """
    since, total = last(cursor), _Sum()
    for name, read in lists.items():
        _one(total, name, read, cursor, since=since, now=now, terms=terms)
    whole = total.stopped is None or since is None
    coverage = round(sum(total.coverage) / len(total.coverage), 3) if total.coverage else 1.0
    status: Literal["ok", "unchanged", "partial", "empty"] = "ok" if total.fresh else "unchanged"
    # Only to keep the pace of its host: the rest comes in a moment, and nothing is wrong.
    if coverage < 1 or (total.stopped and not isinstance(total.stopped, NotYet)):
        status = "partial"
    elif not total.found:
        status = "empty"
    return Batch(
        items=list((total.recounted | total.fresh).values()),
        cursor={
            "at": (now if whole or since is None else since).isoformat(),
            "known": total.known,
            "ahead": total.ahead,
        },
        window_from=since,
        window_to=now if whole or since is None else since,  # the rest is heard by the run that sees it
        status=status,
        coverage=coverage,
        note="; ".join(total.notes),
        next_in=total.stopped.retry_after if total.stopped else None,
    )


def _one(
    total: _Sum,
    name: str,
    read: Read,
    cursor: Mapping[str, Any],
    *,
    since: datetime | None,
    now: datetime,
    terms: Terms,
) -> None:
    known = Known.of(cursor.get("known", {}).get(name, []), words_and_dates)
    brought = known.and_also(cursor.get("ahead", {}).get(name, []))
    begun = since if name in cursor.get("known", {}) else None
    walked = walk(read, known, since=begun, now=now, terms=terms)
    fresh = brought.fresh(walked.items, one_date=terms.one_date)
    total.fresh |= {item.external_id: item for item in fresh}
    total.recounted |= {item.external_id: item for item in brought.recounted(walked.items)}
    total.found += len(walked.items)
    total.stopped = total.stopped or walked.stopped
    after = brought.after(walked.items, kept=terms.kept)
    if walked.stopped and begun:
        # The known posts mark where the next walk may end; those of this one do not, for it left a hole.
        total.known[name], total.ahead[name] = known.listed(), after.but(known).listed()
    else:
        total.known[name] = after.listed()
    if begun is None:
        total.notes += [f"first run: the {len(fresh)} newest posts"] if fresh else []
    elif not walked.stopped:
        total.coverage.append(1.0 if walked.whole else covered(walked.items, begun, now))
        if not walked.whole:
            total.notes.append(f"gap: the list ends before the posts that were known at {begun:%H:%M} UTC")
    if walked.stopped:
        total.notes.append(f"older pages could not be read: {walked.stopped}")


def walk(read: Read, known: Known, *, since: datetime | None, now: datetime, terms: Terms) -> Walked:
    """Read pages until one holds a known post and reaches back over the overlap before the last run.

    A first run (`since` is None) looks back for a day. What is read only for the overlap may fail without
    harm. The newest page may not fail: without it there is nothing to tell.
    """
    collected: list[Item] = []
    mark: Any = None
    met, stopped, floor = since is None, None, (now - FIRST_LOOK if since is None else since - terms.overlap)
    for number in range(terms.pages):
        try:
            page, mark = read(mark)
        except SourceError as error:
            if number == 0:
                raise
            stopped = None if met and since else error
            break
        collected += page
        dates = [item.published_at for item in page if item.published_at]
        met = met or any(known.has(item) for item in page)
        if mark is None and not (terms.stays and known.prints):
            met = True  # there is nothing older
        if since and not known.prints and dates and min(dates) <= since:
            met = True  # there was nothing before
        if mark is None or (met and (not dates or min(dates) <= floor)):
            break
    items = list({item.external_id: item for item in reversed(collected)}.values())[::-1]
    return Walked(items, met, stopped)
