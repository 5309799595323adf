"""The people of the team over HTTP."""

from datetime import datetime

from fastapi import APIRouter, Response
from pydantic import Field
from sqlalchemy import select

from app.admin import people
from app.admin.change import get_or_404
from app.admin.fields import Role
from app.admin.team_specs import NightSpec, PersonSpec
from app.api.access import Admin, Id, Now, Session, Viewer
from app.api.paging import Page, Paging, page
from app.api.patches import PersonChanges
from app.api.views import View
from app.models import Channel, Person

router = APIRouter(prefix="/people", tags=["people"])


class PersonView(View):
    """Somebody of the team."""

    id: int = Field(examples=[1])
    name: str = Field(examples=["Léa"])
    role: Role
    language: str = Field(description="of what they are told; empty: the service's", examples=["fr"])
    slack_user: str | None = Field(description="their id in Slack", examples=["U0LEA"])
    time_zone: str = Field(description="of `quiet`; empty: the rota's", examples=["Europe/Paris"])
    quiet: NightSpec | None = Field(
        description="hours in which they are called for no smaller fire unless they are on duty, or nobody "
        "else answers"
    )
    teams: dict[str, Role] = Field(
        description="role by name of team; empty: of the house, with `role` in every team", examples=[{}]
    )
    channels: list[str] = Field(description="their own, in which they are called", examples=[["Léa’s phone"]])
    rotas: list[str] = Field(description="that count on them", examples=[["comms on call"]])
    created_at: datetime
    updated_at: datetime


def _view(session: Session, person: Person) -> PersonView:
    own = select(Channel.name).where(Channel.person_id == person.id).order_by(Channel.name)
    return PersonView(
        **people.audit_view(session, person),
        id=person.id,
        channels=list(session.scalars(own)),
        rotas=people.counted_on(session, person),
        created_at=person.created_at,
        updated_at=person.updated_at,
    )


@router.get("")
def list_people(_who: Viewer, session: Session, paging: Paging) -> Page[PersonView]:
    """Everybody, oldest first."""
    rows, after = page(session, select(Person), Person.id, paging, newest_first=False)
    return Page(items=[_view(session, row) for row in rows], next=after)


@router.post("", status_code=201)
def create_person(who: Admin, session: Session, now: Now, spec: PersonSpec, response: Response) -> PersonView:
    """A new person; their own channels are made as any others, with their name as `person`."""
    person = people.create(session, spec, by=who.name, now=now)
    response.headers["Location"] = f"/api/v1/people/{person.id}"
    return _view(session, person)


@router.get("/{id}")
def read_person(_who: Viewer, session: Session, row_id: Id) -> PersonView:
    """One person."""
    return _view(session, get_or_404(session, Person, row_id))


@router.patch("/{id}")
def update_person(who: Admin, session: Session, now: Now, row_id: Id, changes: PersonChanges) -> PersonView:
    """Change a person."""
    return _view(session, people.update(session, row_id, changes, by=who.name, now=now))


@router.delete("/{id}", status_code=204)
def delete_person(who: Admin, session: Session, now: Now, row_id: Id) -> None:
    """Delete a person with their own channels; not while a rota counts on them."""
    people.delete(session, row_id, by=who.name, now=now)
