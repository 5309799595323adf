"""What `tocsin check` finds of rotas: who is on duty, what is not covered, and whom no call reaches."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.admin import rotas
from app.admin.people import names_of
from app.cli.finding import Finding
from app.clock import known_zone
from app.models import Policy, Rota, Watch
from app.pipeline.oncall.unanswered import unanswered_calls

_SHOWN = 3


def of_rotas(session: Session, now: datetime) -> Iterator[Finding]:
    """A finding for each rota, and for each fire that nobody answers to."""
    for rota in session.scalars(select(Rota).order_by(Rota.name)):
        name = f"rota {rota.name}"
        try:
            yield _of_one(session, rota, name, now)
        except Exception as error:  # noqa: BLE001 - the next is looked at all the same
            yield Finding(name, False, f"{error}. Set it again: nobody is called by it.")
    for one in unanswered_calls(session):
        names = ", ".join(one.called)
        said = f"nobody answers since {one.since:%Y-%m-%d %H:%M} UTC; called: {names}"
        yield Finding(f"incident {one.incident_id} of {one.watch}", False, said)


def _of_one(session: Session, rota: Rota, name: str, now: datetime) -> Finding:
    names = names_of(session)
    zone = ZoneInfo(known_zone(rota.time_zone))
    shifts = rotas.shifts(session, rota, now, now + rotas.AHEAD)
    unreached = rotas.out_of_reach(session, rota, now)
    wrong = []
    if unreached:
        wrong.append(
            f"no call reaches {', '.join(unreached)}: give each an id in Slack (slack_user) or a channel"
        )
    gaps = [
        f"{one.since.astimezone(zone):%Y-%m-%d %H:%M} to {one.until.astimezone(zone):%Y-%m-%d %H:%M}"
        for one in shifts
        if not one.people
    ]
    if gaps:
        more = f" and {len(gaps) - _SHOWN} times more" if len(gaps) > _SHOWN else ""
        wrong.append(f"nobody is on duty {', '.join(gaps[:_SHOWN])}{more} ({zone}): the others are called")
    on_duty = ", ".join(names[person] for person in shifts[0].people) or "nobody"
    used = session.scalars(
        select(Watch.name).join(Policy).where(Policy.rota == rota.name, Watch.enabled).order_by(Watch.name)
    ).all()
    said = f"{on_duty} until {shifts[0].until.astimezone(zone):%Y-%m-%d %H:%M} ({zone})"
    said += (
        f"; called for {', '.join(used)}" if used else "; called for nothing: name it in a policy (`rota`)"
    )
    return Finding(name, not unreached, "; ".join([*wrong, said]), doubtful=bool(gaps) or not used)
