"""What was forgotten since a backup was taken, taken out of what the backup brings back."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.forgotten import Forgotten, of_address, of_author, of_post
from app.models import Post
from app.pipeline.forgetting import Reached, Traces, forget_in_history, forget_posts, people_in, without
from app.pipeline.ingest.store import forget

_AT_ONCE = 500
_CLOCKS = timedelta(minutes=5)  # that differ between the machines by which it was forgotten and backed up


def forget_again(session: Session, forgotten: Forgotten, *, taken_at: datetime, now: datetime) -> Reached:
    """Forget what is in the list and the backup may still hold; what was forgotten before it is gone.

    Counts stay as they are where somebody asked for it, as when it was first forgotten.
    """
    reached = Reached()
    if not any(entry.at >= taken_at - _CLOCKS for entry in forgotten.entries()):
        return reached

    def is_listed(*words: str) -> bool:
        since = forgotten.since(*words)
        return since is not None and since >= taken_at - _CLOCKS

    asked, deleted = _posts(session, is_listed)
    for start in range(0, len(asked), _AT_ONCE):
        posts = session.scalars(select(Post).where(Post.id.in_(asked[start : start + _AT_ONCE]))).all()
        reached.posts += forget_posts(session, posts, "request", now=now).posts
    for source_id, external_ids in deleted.items():
        reached.posts += forget(session, source_id, external_ids, now=now)

    def change(_watch: int, facts: dict[str, Any]) -> dict[str, Any]:
        names = frozenset(name for name in people_in(facts) if is_listed(of_author(name)))
        urls = frozenset(
            sample["url"]
            for sample in facts.get("samples", ())
            if sample.get("url") and is_listed(of_address(sample["url"]))
        )
        return without(facts, Traces("request", urls=urls, authors=names)) if names or urls else facts

    forget_in_history(session, reached, change, now=now)
    return reached


def _posts(session: Session, is_listed: Any) -> tuple[list[int], dict[int, list[str]]]:  # noqa: ANN401
    """The ids of posts that somebody asked to be forgotten; by source, those that their authors deleted."""
    asked: list[int] = []
    deleted: dict[int, list[str]] = defaultdict(list)
    columns = (Post.id, Post.source_id, Post.external_id, Post.author, Post.url)
    rows = session.execute(select(*columns).execution_options(yield_per=_AT_ONCE))
    for number, source_id, external_id, author, url in rows:
        words = [of_author(author)] if author else []
        words += [of_address(one) for one in (url, external_id) if one and "://" in one]
        if is_listed(*words):
            asked.append(number)
        elif is_listed(of_post(source_id, external_id)):
            deleted[source_id].append(external_id)
    return asked, deleted
