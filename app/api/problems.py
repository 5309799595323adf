"""One place where errors become JSON: problem details as in RFC 9457."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel, Field
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from app.admin.change import Invalid, pointer
from app.db import is_gone
from app.errors import AppError, sentence
from app.logs import log, mask

MEDIA_TYPE = "application/problem+json"


class Where(BaseModel):
    """One field that is wrong: a pointer into the body, or the name of a parameter."""

    detail: str = Field(description="what is wrong", examples=["is missing"])
    pointer: str | None = Field(None, description="JSON pointer into the body", examples=["#/query"])
    parameter: str | None = Field(None, description="name in the path, the query or the headers")


class Problem(BaseModel):
    """What went wrong, for people and for scripts (RFC 9457)."""

    type: str = Field(description="address of the explanation", examples=["/docs#problem-not_found"])
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    detail: str = Field(description="a sentence that says what to do", examples=["there is no watch 7"])
    code: str = Field(description="stable word that a script can test", examples=["not_found"])
    instance: str = Field(
        description="id of this request, which is in the logs", examples=["urn:tocsin:request:5f0c"]
    )
    errors: list[Where] | None = Field(None, description="each field that is wrong")


CODES: dict[int, str] = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    413: "too_large",
    415: "unsupported_media_type",
    422: "bad_input",
    500: "internal",
    503: "unavailable",
}


def problem(
    request_id: str,
    status: int,
    detail: str,
    *,
    code: str | None = None,
    errors: Sequence[Mapping[str, Any]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """The answer that tells a problem."""
    code = code or CODES.get(status, "error")
    body: dict[str, Any] = {
        "type": f"/docs#problem-{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": mask(detail),
        "code": code,
        "instance": f"urn:tocsin:request:{request_id}",
    }
    if errors is not None:
        body["errors"] = list(errors)
    return JSONResponse(body, status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Let the app answer every error with problem details."""
    app.add_exception_handler(AppError, _app_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(IntegrityError, _integrity_error)
    app.add_exception_handler(DBAPIError, _database_error)
    app.add_exception_handler(PoolTimeout, _database_error)


def _id(request: Request) -> str:
    return str(getattr(request.state, "request_id", ""))


def _app_error(request: Request, error: Exception) -> JSONResponse:
    status, code = getattr(error, "status", 400), getattr(error, "code", "bad_request")
    errors = error.problems if isinstance(error, Invalid) else None
    headers = {"WWW-Authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else None
    return problem(_id(request), status, str(error), code=code, errors=errors, headers=headers)


def _validation_error(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise error
    errors: list[dict[str, str]] = []
    for wrong in error.errors():
        place, *path = wrong["loc"]
        at = (
            {"pointer": _pointer(wrong, path)} if place == "body" else {"parameter": ".".join(map(str, path))}
        )
        errors.append({**at, "detail": sentence(wrong)})
    named = "; ".join(f"{e.get('pointer') or e.get('parameter')}: {e['detail']}" for e in errors[:5])
    return problem(_id(request), 422, f"what was given cannot be used: {named}", errors=errors)


def _pointer(wrong: Mapping[str, Any], path: list[str | int]) -> str:
    # Of broken JSON only a position is known, which is no place in a document.
    return "#" if wrong["type"] == "json_invalid" else pointer(*path)


def _http_error(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    detail = {
        404: f"there is nothing at {request.url.path}",
        405: f"{request.method} is not possible here",
    }.get(error.status_code, error.detail)
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(sorted(_methods(request)))
    return problem(_id(request), error.status_code, detail, headers=headers)


def _methods(request: Request) -> set[str]:
    """What may be asked of the path; several routes share one, and each knows its own methods only."""
    found: set[str] = set()
    for route in iter_route_contexts(request.app.routes):
        pattern, _, _ = compile_path(route.path or "")
        if pattern.match(request.url.path):
            found |= set(route.methods or ())
    return found


def _integrity_error(request: Request, _error: Exception) -> JSONResponse:
    return problem(
        _id(request), 409, "somebody changed the same thing at the same moment: look, and try again"
    )


def _database_error(request: Request, error: Exception) -> JSONResponse:
    if not is_gone(error):  # that is told once
        if not isinstance(error, OperationalError | PoolTimeout):
            raise error  # a mistake of ours
        log().error("database failed", error=type(error).__name__, why=str(getattr(error, "orig", error)))
    detail = "the database does not take this now: try again shortly; the logs say why"
    return problem(_id(request), 503, detail, headers={"Retry-After": "5"})
