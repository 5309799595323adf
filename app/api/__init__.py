"""The REST API: a shell around `admin` and `pipeline`, one file for each noun, without a rule of its own."""

from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi

from app.api import (
    act_page,
    calendar,
    channels,
    crisis_log,
    deliveries,
    docs,
    export,
    health,
    incident_page,
    incidents,
    keys,
    kinds,
    mentions,
    people,
    policies,
    precision,
    preview,
    push,
    queries,
    relevance,
    report_links,
    reports,
    rooms,
    rotas,
    series,
    slack,
    sources,
    stakeholder_updates,
    statement_templates,
    statements,
    status,
    teams,
    thresholds,
    tone,
    watches,
    websub,
)
from app.api.front import Front
from app.api.problems import MEDIA_TYPE, Problem, install

DESCRIPTION = """Watches, sources, incidents and everything else of Tocsin.

Give a key with each request: `Authorization: Bearer tocsin_…`. A key of the role `viewer` reads, `responder`
also acts on incidents, deliveries and silences, `admin` also changes settings. A key of one team sees what is
the team's, what of the house serves every team, and nothing else. `/healthz`, `/readyz`,
`/metrics`, `/docs` and this description need no key; posts are pushed with a signature instead of one.

A PATCH is a JSON merge patch (RFC 7396): what it gives is merged into what is set, objects in objects too;
lists are replaced as a whole, and null takes a member of an object away. Of addresses that hold keys (in the
query, before the host, or as the path of a webhook) `•••` is shown instead; given back like that, they stay
as they are.

Lists come in pages: give `next` of one answer as `cursor` of the next request. Errors are problem details
(RFC 9457). Every change is in the audit log.
"""

_TOLD: dict[int, str] = {
    400: "What was given cannot be read",
    401: "No key, or one that opens nothing",
    403: "The role of the key may not do this",
    404: "There is no such thing",
    409: "Somebody else was first, or the name is taken",
    413: "More than is taken at once",
    422: "What was given cannot be used",
    503: "The database does not answer",
}


def install_api(app: FastAPI) -> None:
    """Give the app all of its routes, its errors and its front door."""
    v1 = APIRouter(prefix="/api/v1")
    for module in (
        watches,
        mentions,
        thresholds,
        series,
        preview,
        queries,
        precision,
        tone,
        relevance,
        sources,
        push,
        websub,
        policies,
        channels,
        incidents,
        report_links,
        reports,
        crisis_log,
        statements,
        statement_templates,
        stakeholder_updates,
        rooms,
        deliveries,
        keys,
        kinds,
        people,
        rotas,
        slack,
        status,
        teams,
        export,
    ):
        v1.include_router(module.router)
    for router in (calendar.silences, calendar.events, keys.audit):
        v1.include_router(router)
    app.include_router(v1, responses=_problems())
    app.include_router(health.router)
    app.include_router(docs.router)
    app.include_router(incident_page.router)
    app.include_router(act_page.router)
    install(app)
    app.add_middleware(Front)
    app.openapi = lambda: _described(app)  # type: ignore[method-assign]


def _problems() -> dict[int | str, dict[str, Any]]:
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": text, "content": content} for status, text in _TOLD.items()}


def _described(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        schema = get_openapi(title=app.title, version=app.version, description=DESCRIPTION, routes=app.routes)
        problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schema["components"]["schemas"] |= {**problem.pop("$defs"), "Problem": problem}
        app.openapi_schema = schema
    return app.openapi_schema
