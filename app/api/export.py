"""All settings as one file."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse

from app.admin import export
from app.api.access import Session, Viewer

router = APIRouter(tags=["settings"])
_YAML: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/yaml": {"schema": {"type": "object"}}}}  # what the YAML holds
}


class Yaml(PlainTextResponse):
    """A file of settings (RFC 9512)."""

    media_type = "application/yaml"


@router.get("/export", response_class=Yaml, responses=_YAML)
def export_settings(_who: Viewer, session: Session) -> Yaml:
    """All that `tocsin apply` takes, as it is set, without secrets; by a team's key what is the team's."""
    return Yaml(export.export(session))
