"""The documentation as one page, made from the OpenAPI description: no script, nothing from elsewhere."""

import base64
import hashlib
import json
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from app.api.problems import CODES

router = APIRouter()
Json = dict[str, Any]

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
body{color:#1d2330;background:#fff}
code,pre{font:14px/1.4 ui-monospace,monospace;background:#f2f3f6;border-radius:4px;padding:0 .25rem}
pre{padding:.75rem;overflow:auto}details{border-bottom:1px solid #dde0e8;padding:.5rem 0}
summary{cursor:pointer}summary b{display:inline-block;width:4.5rem}table{border-collapse:collapse;width:100%}
td,th{border-bottom:1px solid #e6e8ee;text-align:left;padding:.25rem .75rem .25rem 0;vertical-align:top}
@media(prefers-color-scheme:dark){body{color:#e4e7ee;background:#14171e}code,pre{background:#222733}a{color:#8ab4ff}}
"""
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; frame-ancestors 'none'; base-uri 'none'"


def places(request: Request) -> Response:
    """Where things are, for a program that asks for the first page."""
    under = request.scope.get("root_path", "").rstrip("/")
    found = {"docs": "/docs", "openapi": "/api/v1/openapi.json", "status": "/api/v1/status"}
    found |= {"health": "/healthz", "readiness": "/readyz", "metrics": "/metrics"}
    return JSONResponse(
        {"name": "Tocsin", "version": request.app.version}
        | {name: f"{under}{path}" for name, path in found.items()},
        headers={"Vary": "Accept"},
    )


@router.get("/docs", include_in_schema=False)
def read_docs(request: Request) -> HTMLResponse:
    """The documentation of the API for people."""
    return HTMLResponse(render(request.app.openapi()), headers={"Content-Security-Policy": _POLICY})


def render(openapi: Json) -> str:
    """The page for an OpenAPI 3.1 description."""
    groups: dict[str, list[str]] = {}
    for path, methods in openapi["paths"].items():
        for method, operation in methods.items():
            tag = operation.get("tags", ["others"])[0]
            groups.setdefault(tag, []).append(_operation(openapi, method, path, operation))
    title = escape(f"{openapi['info']['title']} {openapi['info']['version']}")
    paragraphs = "".join(f"<p>{_prose(p)}</p>" for p in openapi["info"]["description"].split("\n\n"))
    links = " · ".join(f'<a href="#{_anchor(tag)}">{escape(tag)}</a>' for tag in groups)
    body = "".join(f'<h2 id="{_anchor(tag)}">{escape(tag)}</h2>{"".join(ops)}' for tag, ops in groups.items())
    problems = "".join(
        f'<tr id="problem-{code}"><td>{status}</td><td><code>{code}</code></td></tr>'
        for status, code in CODES.items()
    )
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>'
        f'<h1>{title}</h1>{paragraphs}<p><a href="/api/v1/openapi.json">OpenAPI description</a></p>'
        f"<p>{links}</p>{body}<h2>Problems</h2><table>{problems}</table></body></html>"
    )


def _operation(openapi: Json, method: str, path: str, operation: Json) -> str:
    parts = [f"<p>{_prose(operation.get('description', ''))}</p>"]
    if operation.get("parameters"):
        rows = "".join(
            _row(p["name"], p["schema"], p.get("description", p["in"])) for p in operation["parameters"]
        )
        parts.append(f"<h4>Parameters</h4><table>{rows}</table>")
    if body := operation.get("requestBody"):
        parts.append("<h4>Body</h4>" + _schema(openapi, next(iter(body["content"].values()))["schema"]))
    for status, answer in operation["responses"].items():
        schema = answer.get("content", {}).get("application/json", {}).get("schema")
        if status.startswith("2") and schema:
            parts.append(f"<h4>Answer {escape(status)}</h4>{_schema(openapi, schema)}")
    return (
        f'<details id="{escape(operation["operationId"])}"><summary><b>{method.upper()}</b> '
        f"<code>{escape(path)}</code> {escape(operation['summary'])}</summary>{''.join(parts)}</details>"
    )


def _schema(openapi: Json, schema: Json) -> str:
    schema = _resolved(openapi, schema)
    rows = "".join(
        _row(
            name + ("" if name in schema.get("required", []) else " (optional)"),
            field,
            field.get("description", ""),
        )
        for name, field in schema.get("properties", {}).items()
    )
    example = json.dumps(sample(openapi, schema), ensure_ascii=False, indent=2)
    return f"<table>{rows}</table><pre>{escape(example)}</pre>"


def _row(name: str, schema: Json, description: str) -> str:
    cells = (f"<code>{escape(name)}</code>", escape(_type(schema)), _prose(description))
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _type(schema: Json) -> str:
    if "$ref" in schema:
        return str(schema["$ref"].rsplit("/", 1)[-1])
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if options := schema.get("anyOf"):
        return " or ".join(_type(option) for option in options)
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    return str(schema.get("format", schema.get("type", "any")))


def sample(openapi: Json, schema: Json) -> Any:  # noqa: ANN401 - any JSON
    """An example that fits the schema, from the examples of its fields."""
    schema = _resolved(openapi, schema)
    for given in (
        schema.get("examples"),
        [schema["default"]] if "default" in schema else None,
        schema.get("enum"),
    ):
        if given:
            return given[0]
    if "properties" in schema:
        return {name: sample(openapi, field) for name, field in schema["properties"].items()}
    if options := schema.get("anyOf"):
        return sample(openapi, options[0])
    if schema.get("type") == "array":
        return [sample(openapi, schema.get("items", {}))]
    plain = {"string": "…", "integer": 1, "number": 1.0, "boolean": True, "object": {}}
    if schema.get("format") == "date-time":
        return "2026-11-22T09:14:00Z"
    return plain.get(str(schema.get("type")))


def _resolved(openapi: Json, schema: Json) -> Json:
    if "$ref" in schema:
        found: Json = openapi["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
        return found
    return schema


def _prose(text: str) -> str:
    parts = escape(text).split("`")
    return "".join(f"<code>{part}</code>" if i % 2 else part for i, part in enumerate(parts))


def _anchor(tag: str) -> str:
    return escape(tag.replace(" ", "-"))
