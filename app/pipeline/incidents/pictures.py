"""Looks at the pictures of open incidents' posts, apart from the passes, so that copies are known again."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import httpx
import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import http_client
from app.channels.facts import Picture
from app.db import Sessions, only_read
from app.errors import NotYet, SourceError
from app.models import Incident, Mention, Post, State
from app.reading.pictures import Ints, fingerprint

ADDRESSES, PRINTS = "pictures", "picture_prints"  # in what is kept beside a post
_MOST = 20  # pictures that are fetched at once
_EACH = 2  # of one post
_LATEST, _RELAYED = 200, 60  # posts of an incident that are looked at
_MAX_BYTES = 5_000_000
_DEADLINE = timedelta(seconds=10)


def look(sessions: Sessions, client: httpx.Client, *, now: datetime) -> int:
    """Fetch some pictures that were not looked at yet, and keep their fingerprints; how many were fetched.

    Each is asked for once: one that cannot be had, or is none, has an empty fingerprint.
    """
    with sessions() as session:
        only_read(session)
        posts = dict(_waiting(session))
    known: dict[str, str] = {}
    for post_id, addresses in posts.items():
        prints = []
        for address in addresses[:_EACH]:
            if address not in known:
                if len(known) >= _MOST:
                    return len(known)
                try:
                    known[address] = _fingerprint(client, address, now)
                except NotYet:  # its host has had enough for the moment
                    break
            prints.append(known[address])
        else:
            _keep(sessions, post_id, prints)
    return len(known)


def _waiting(session: Session) -> Iterator[tuple[int, list[str]]]:
    """Posts of open incidents with addresses of pictures that nobody looked at, the most relayed first."""
    relayed = func.coalesce(Post.shares, 0) + func.coalesce(Post.replies, 0)
    for watch_id, onset in session.execute(
        select(Incident.watch_id, Incident.onset_at).where(Incident.state != State.out).order_by(Incident.id)
    ).all():
        query = (
            select(Post.id, Post.extra)
            .join(Mention, Mention.post_id == Post.id)
            .where(Mention.watch_id == watch_id, Mention.at >= onset, Post.extra.is_not(None))
        )
        for some in (
            query.order_by(relayed.desc(), Post.id).limit(_RELAYED),
            query.order_by(Mention.at.desc(), Post.id.desc()).limit(_LATEST),
        ):
            for post_id, extra in session.execute(some):
                if (addresses := _addresses(extra)) and PRINTS not in extra:
                    yield post_id, addresses


def _addresses(extra: Mapping[str, Any] | None) -> list[str]:
    found = (extra or {}).get(ADDRESSES)
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def prints_of(extra: Mapping[str, Any] | None) -> list[str]:
    """The fingerprints of a post's pictures, as far as they were looked at."""
    found = (extra or {}).get(PRINTS)
    return [one for one in found if isinstance(one, str) and one] if isinstance(found, list) else []


def _fingerprint(client: httpx.Client, address: str, now: datetime) -> str:
    try:
        answer = http_client.fetch(
            client, address, headers={"Accept": "image/*"}, now=now, max_bytes=_MAX_BYTES, deadline=_DEADLINE
        )
    except NotYet:
        raise
    except SourceError:
        return ""
    return fingerprint(answer.content)


def _keep(sessions: Sessions, post_id: int, prints: list[str]) -> None:
    with sessions.begin() as session:
        post = session.get(Post, post_id)
        if post is not None and post.extra:  # else it was deleted or edited meanwhile
            post.extra = {**post.extra, PRINTS: prints}


def shared_picture(sources: Sequence[str], shared: Ints) -> Picture | None:
    """The picture that most posts show, if several do; `sources` and `shared`, (n,), are those of n posts."""
    numbers, counts = np.unique(shared[shared >= 0], return_counts=True)
    if not len(numbers):
        return None
    most = numbers[counts.argmax()]
    of_them = {source for source, number in zip(sources, shared.tolist(), strict=True) if number == most}
    return Picture(posts=int(counts.max()), sources=len(of_them))
