"""Parameters that no one knows are refused: a filter that is mistyped would else show everything."""

from collections.abc import Iterator
from difflib import get_close_matches

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute


def refuse_unknown(request: Request) -> None:
    """Nothing, if the route takes every parameter of the query; else an error with the nearest name."""
    route = request.scope.get("route")
    given = request.query_params.keys()
    if not given or not isinstance(route, APIRoute):
        return
    known = sorted(set(_parameters(route.dependant)))
    wrong = [name for name in given if name not in known]
    if wrong:
        raise RequestValidationError(
            [{"type": "parameter", "loc": ("query", name[:80]), "msg": _said(name, known)} for name in wrong]
        )


def _parameters(of: Dependant) -> Iterator[str]:
    yield from (field.alias for field in of.query_params)
    for needed in of.dependencies:
        yield from _parameters(needed)


def _said(name: str, known: list[str]) -> str:
    if near := get_close_matches(name, known, n=1):
        return f"there is no such parameter; did you mean `{near[0]}`?"
    if not known:
        return "there is no such parameter: this takes none"
    return f"there is no such parameter; there are {', '.join(f'`{one}`' for one in known)}"
