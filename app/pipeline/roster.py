"""What a pass works for: its watches and sources, read once."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import WITH_SOURCES, Source, Watch


@dataclass(frozen=True, slots=True)
class Roster:
    """The rows as they stood when the pass began, apart from any session: steps look, and write elsewhere."""

    watches: tuple[Watch, ...]  # those that are enabled, each with its policy; by id
    sources: tuple[Source, ...]  # those that are enabled, by id


def read_roster(session: Session, *, disabled: bool = False) -> Roster:
    """Who and what there is; `disabled`: the watches that are switched off as well."""
    watches = select(Watch).options(WITH_SOURCES).order_by(Watch.id)
    return Roster(
        tuple(session.scalars(watches if disabled else watches.where(Watch.enabled))),
        tuple(session.scalars(select(Source).where(Source.enabled).order_by(Source.id))),
    )
