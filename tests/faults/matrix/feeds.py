"""Feeds that refuse, lie, hang, or hold what was made to break a reader."""

import gzip
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler
from time import thread_time
from typing import Any

import feedparser
from sqlalchemy import select

from app.models import Source
from app.pipeline.ingest.collect import IngestContext
from app.sources.base import Item
from app.sources.feed import bounded
from app.sources.feed.memory import Memory
from tests.faults.matrix.fault import FRESH, Fault, Mend, Proof, nothing, replaced
from tests.faults.matrix.house import House
from tests.faults.matrix.proofs import FIRE, FIRST, OTHERS, noticed
from tests.faults.matrix.world import Answer, answering, feed, send

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
LATER = 4  # passes: what may come back by itself is told after ten minutes
TEN_MINUTES = "ten minutes: it may come back by itself"

DEAF_TOLD = Mend(
    "that a source is not heard is told", replaced(("app.pipeline.reports.notices.announce", nothing))
)


def _saying(answer: Answer) -> Callable[[House], None]:
    """The forum answers so from now on."""
    return lambda house: house.world.answers.update(forum=answer)


def _redirect(to: BaseHTTPRequestHandler) -> None:
    send(to, b"", status=302, Location="/forum")


def _hang(house: House) -> None:
    world = house.world
    world.answers["forum"] = lambda _to: world.released.wait()  # type: ignore[assignment] # no answer


def _empty(house: House) -> None:
    """What held the posts of hours is empty from one run to the next."""
    house.world.shown = timedelta(hours=6)
    house.passes(1)
    house.world.answers["forum"] = answering(feed([]))


def _rss(author: str, title: str = "Vélinor", *, items: int = 1) -> bytes:
    item = f"<item><guid>1</guid><title>{title}</title><author>{author}</author></item>"
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{item * items}</channel></rss>'.encode()


def _spin(pieces: list[str | bytes], longest: int) -> list[str | bytes]:
    """As a parser might that takes the square of some length."""
    end = thread_time() + _SECONDS_A_FIELD
    while thread_time() < end:
        pass
    return _cut(pieces, longest)


def _naive_parse(content: bytes, headers: Mapping[str, str]) -> Any:  # noqa: ANN401 - feedparser has no types
    return feedparser.parse(content, response_headers=dict(headers))


def _patient(house: House) -> None:
    """The feed wishes to be asked once a day; then a fire begins."""
    world = house.world

    def answer(to: BaseHTTPRequestHandler) -> None:
        send(to, feed(world.posts(FIRST, world.at - world.shown)), Cache_Control="max-age=86400")

    world.answers["forum"] = answer
    house.passes(1)
    world.burn(FIRST)


def _short(house: House) -> None:
    """The feed shows no more than its newest posts; most of a fire is gone before it is asked."""
    world = house.world
    world.answers["forum"] = lambda to: send(to, feed(world.posts(FIRST)[-10:]))
    world.burn(FIRST)


_SECONDS_A_FIELD, _FIELDS = 0.05, 2_000
_cut = bounded._cut
_judge = Memory.judge


def _calm_if_empty(memory: Memory, items: list[Item], *, size: int, now: datetime) -> tuple[str, float, str]:
    return _judge(memory, items, size=size, now=now) if items else ("empty", 1.0, "")


_BOUNDED = Mend(
    "no field of a feed is read in a time that grows with its square",
    replaced(("app.sources.feed.bounded.parse", _naive_parse)),
)
_IN_TIME = Mend(
    "a feed is read for a minute, and no longer",
    replaced(("app.sources.feed.bounded.thread_time", lambda: 0.0)),
)
_SLOWLY = replaced(
    ("app.sources.feed.bounded._cut", _spin), ("app.sources.feed.bounded._LONGEST_READING", 0.5)
)
_ASKED = Mend(
    "no far end has a source wait for more than a day",
    replaced(("app.backoff.LONGEST_ASKED", 400 * DAY), ("app.http_client.pauses._LONGEST", 400 * DAY)),
)
_WISHES = Mend(
    "whatever a feed wishes, it is asked each quarter of an hour, and before half of it is new",
    replaced(("app.sources.feed.rss._LATEST", 2 * DAY), ("app.sources.feed.rhythm.turnover", nothing)),
)
_LOWER_BOUND = Mend(
    "what is seen counts, however little was heard",
    replaced(
        ("app.pipeline.incidents.patience._crossed", nothing),
        ("app.pipeline.incidents.late.late_fires", lambda *_what, **_how: {}),
    ),
)
_NO_CALM = Mend(
    "a feed that is usually full and suddenly empty is not taken for calm",
    replaced(("app.sources.feed.memory.Memory.judge", _calm_if_empty)),
)
_GOES_ON = Mend(
    "a pass waits half a minute for sources that are slow, and goes on without them",
    replaced(("app.runtime.IngestContext", partial(IngestContext, patience=DAY))),
)
_SOON = replaced(("app.runtime.IngestContext", partial(IngestContext, patience=timedelta(seconds=1))))


def _asked_again(house: House) -> bool:
    with house.sessions() as session:
        due = session.scalars(select(Source.due_at).where(Source.name == "forum")).one()
        return due is not None and due <= house.at + DAY


_AGAIN = Proof("the feed is asked again within a day", _asked_again)


def _deaf(name: str, answer: Answer, *words: str, later: bool = False) -> Fault:
    """A feed of which nothing can be read: people are told."""
    proof = noticed("forum", *words)
    if later:
        return Fault(name, _saying(answer), proof, DEAF_TOLD, passes=LATER, within=TEN_MINUTES)
    return Fault(name, _saying(answer), proof, DEAF_TOLD)


FAULTS = (
    _deaf("a feed that may not be read (403)", answering(b"", status=403)),
    _deaf("a feed that is gone (410)", answering(b"", status=410)),
    _deaf("a feed that is a web page", answering(b"<!doctype html><html>", kind="text/html"), later=True),
    _deaf("a feed that redirects in a circle", _redirect),
    _deaf("a feed whose server fails (500)", answering(b"", status=500), later=True),
    _deaf("a feed that is nested too deeply", answering(b"[" * 200_000), later=True),
    _deaf("a feed that is one line of eleven megabytes", answering(b"a" * 11_000_000), later=True),
    _deaf(
        "a feed packed into a three-hundredth of its size",
        answering(gzip.compress(b" " * 30_000_000), Content_Encoding="gzip"), later=True,
    ),
    Fault(
        "a feed whose author is 300 KB long",
        _saying(answering(_rss("a" * 300_000), kind="application/rss+xml")),
        OTHERS, _BOUNDED, "burning", hangs=True,
    ),
    Fault(
        "a feed that its parser is not through with in minutes",
        _saying(answering(_rss("a", items=_FIELDS), kind="application/rss+xml")),
        noticed("forum", "takes longer"), _IN_TIME, passes=LATER, within=TEN_MINUTES, hangs=True,
        sooner=_SLOWLY,
    ),
    Fault(
        "a feed that has us wait a year (429)",
        _saying(answering(b"", status=429, Retry_After=str(365 * 86_400))), _AGAIN, _ASKED,
    ),
    _deaf(
        "a feed that has us wait a year, and people are to know",
        answering(b"", status=429, Retry_After=str(365 * 86_400)), later=True,
    ),
    Fault(
        "a feed that is suddenly empty", _empty, noticed("forum", "empty"), _NO_CALM, passes=LATER,
        within=TEN_MINUTES,
    ),
    Fault("a feed that wishes to be asked once a day", _patient, FIRE, _WISHES, passes=FRESH + 3),
    Fault("a feed that shows its newest ten posts", _short, FIRE, _LOWER_BOUND, passes=FRESH),
    Fault("a feed that never answers", _hang, OTHERS, _GOES_ON, "burning", hangs=True, sooner=_SOON),
)  # fmt: skip
