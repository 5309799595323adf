"""Links that open one report without signing in: made, listed, taken back, and opened.

A link is 256 random bits; what is kept of them is a hash, so that whoever reads the database can open none.
The report behind it is made anew each time: what was forgotten since is not in it.
"""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from pydantic import Field
from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from app.admin.change import AuditView, get_or_404, record
from app.admin.reports import About, watch_of
from app.admin.spec import Spec
from app.channels.notices import known_language
from app.errors import NotFound
from app.models import Incident, ReportLink, Watch
from app.pipeline.reports.period_report import period_name
from app.pipeline.reports.story_report import story_of

HOLDS: tuple[Literal[1, 7, 30], ...] = (1, 7, 30)  # days
_NOTED_EVERY = timedelta(minutes=1)


class ReportLinkSpec(Spec):
    """A link that opens the report of a fire without a login."""

    days: Literal[1, 7, 30] = Field(7, description="after so many it opens nothing any more")
    language: Literal["en", "fr"] | None = Field(
        None, description="of its words; empty: that of the watch's alerts"
    )


class PeriodLinkSpec(ReportLinkSpec):
    """A link that opens the report of a week or a month without a login."""

    period: str = Field(
        "week", max_length=20, description="2026-W48, 2026-11; week or month: the last one that is over"
    )


def audit_view(link: ReportLink) -> AuditView:
    """The link for the audit log: of which report, and until when; nothing of what opens it."""
    report = f"incident {link.incident_id}" if link.incident_id else f"watch {link.watch_id}, {link.period}"
    return {"report": report, "language": link.language, "expires_at": link.expires_at.isoformat()}


def make(
    session: Session, about: About, spec: ReportLinkSpec, *, by: str, now: datetime, language: str = ""
) -> tuple[ReportLink, str]:
    """(a new link to the report, the token that opens it, which is known this once).

    `language`: of its words, where neither the spec nor the watch says.
    """
    incident_id, period = (about, "") if isinstance(about, int) else (None, about[1])
    watch = watch_of(session, about)
    token = secrets.token_urlsafe(32)
    link = ReportLink(
        digest=_digest(token),
        watch_id=watch.id,
        incident_id=incident_id,
        period=period_name(watch, period, now=now) if period else "",
        team_id=watch.team_id,
        language=known_language(spec.language or "", watch.language, language),
        created_by=by,
        created_at=now,
        expires_at=now + timedelta(days=spec.days),
    )
    session.add(link)
    record(session, link, "share", before=None, after=audit_view(link), by=by, now=now)
    return link, token


def links_of(session: Session, about: About, *, now: datetime) -> Sequence[ReportLink]:
    """Those that open the report, newest first; of a watch without a period: those of all its periods."""
    asked = _holding(now).order_by(ReportLink.id.desc())
    if isinstance(about, int):
        story = story_of(session, get_or_404(session, Incident, about), now=now)
        return session.scalars(asked.where(ReportLink.incident_id.in_([one.id for one in story]))).all()
    watch_id, period = about
    get_or_404(session, Watch, watch_id)
    asked = asked.where(ReportLink.watch_id == watch_id, ReportLink.incident_id.is_(None))
    return session.scalars(asked.where(ReportLink.period == period) if period else asked).all()


def take_back(session: Session, about: About, link_id: int, *, by: str, now: datetime) -> None:
    """Have the link open nothing from now on; NotFound if it opens no such report."""
    link = next((one for one in links_of(session, about, now=now) if one.id == link_id), None)
    if link is None:
        raise NotFound(f"there is no link {link_id} to this report: it has ended, or was taken back")
    before = audit_view(link)
    session.delete(link)
    record(session, link, "take_back", before=before, after=None, by=by, now=now)


def take_all_back(session: Session) -> None:
    """Have no link open anything: of a database that others may have a copy of."""
    session.execute(delete(ReportLink))


def find(session: Session, token: str, *, now: datetime) -> ReportLink | None:
    """The link that the token opens; None: it was never one, has ended, or was taken back."""
    return session.scalar(_holding(now).where(ReportLink.digest == _digest(token)))


def note_opening(session: Session, link_id: int, *, now: datetime) -> None:
    """Write down that the link was opened, unless that stands there since less than a minute."""
    mine = update(ReportLink).where(ReportLink.id == link_id)
    older = ReportLink.opened_at.is_(None) | (ReportLink.opened_at <= now - _NOTED_EVERY)
    session.execute(mine.where(older).values(opened_at=now))


def about_of(link: ReportLink) -> About:
    """The report that it opens."""
    return link.incident_id if link.incident_id is not None else (link.watch_id, link.period)


def _holding(now: datetime) -> Select[ReportLink]:
    """Those that hold, and whose watch is still of the team that made them."""
    same_team = ReportLink.team_id.is_not_distinct_from(Watch.team_id)
    return (
        select(ReportLink)
        .join(Watch, Watch.id == ReportLink.watch_id)
        .where(ReportLink.expires_at > now, same_team)
    )


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
