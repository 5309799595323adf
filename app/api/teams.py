"""The teams of the house over HTTP."""

from datetime import datetime

from fastapi import APIRouter, Response
from pydantic import Field
from sqlalchemy import select

from app.admin import teams
from app.admin.change import get_or_404
from app.admin.team_specs import TeamSpec
from app.api.access import Admin, Id, Now, Session, Viewer
from app.api.paging import Page, Paging, page
from app.api.patches import TeamChanges
from app.api.views import View
from app.models import Team

router = APIRouter(prefix="/teams", tags=["teams"])


class TeamView(View):
    """Some people with what is theirs."""

    id: int = Field(examples=[1])
    name: str = Field(examples=["Vélinor"])
    created_at: datetime
    updated_at: datetime


@router.get("")
def list_teams(_who: Viewer, session: Session, paging: Paging) -> Page[TeamView]:
    """All teams, oldest first; by a key of one team, that team."""
    rows, after = page(session, select(Team), Team.id, paging, newest_first=False)
    return Page(items=[TeamView.model_validate(row) for row in rows], next=after)


@router.post("", status_code=201)
def create_team(who: Admin, session: Session, now: Now, spec: TeamSpec, response: Response) -> TeamView:
    """A new team; what is made with its name as `team`, or by a key of it, is seen by nobody of another."""
    team = teams.create(session, spec, by=who.name, now=now)
    response.headers["Location"] = f"/api/v1/teams/{team.id}"
    return TeamView.model_validate(team)


@router.get("/{id}")
def read_team(_who: Viewer, session: Session, row_id: Id) -> TeamView:
    """One team."""
    return TeamView.model_validate(get_or_404(session, Team, row_id))


@router.patch("/{id}")
def update_team(who: Admin, session: Session, now: Now, row_id: Id, changes: TeamChanges) -> TeamView:
    """Change a team."""
    return TeamView.model_validate(teams.update(session, row_id, changes, by=who.name, now=now))


@router.delete("/{id}", status_code=204)
def delete_team(who: Admin, session: Session, now: Now, row_id: Id) -> None:
    """Delete a team to which nothing belongs any more."""
    teams.delete(session, row_id, by=who.name, now=now)
