"""Accounts that are known to a watch."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Mention
from app.pipeline.incidents.tally import Mine

_KNOWN_FOR = timedelta(days=28)  # an account that spoke of the watch within these days is known to it


def known_accounts(session: Session, mine: Mine, authors: Sequence[str]) -> frozenset[str]:
    """Those of the accounts that spoke of the watch in the weeks before the onset."""
    began = mine.began
    query = (
        select(Mention.author)
        .distinct()
        .where(
            Mention.watch_id == mine.watch,
            Mention.at >= began - _KNOWN_FOR,
            Mention.at < began,
            Mention.author.in_(authors),
        )
    )
    return frozenset(author for author in session.scalars(query) if author) if authors else frozenset()
