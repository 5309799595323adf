"""What a restore lost: told since the backup, and unknown to the database."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Restoration


def newest_restoration(session: Session) -> Restoration | None:
    """The newest restore from a backup; None if there was none."""
    return session.scalars(select(Restoration).order_by(Restoration.id.desc()).limit(1)).first()
