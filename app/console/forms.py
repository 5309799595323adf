"""Forms: what is shown of a model's fields, what was given read back, and what is wrong beside its field."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from fastapi import Request
from pydantic import BaseModel

from app.admin.change import Invalid
from app.channels.wording.reasons import refusal
from app.channels.wording.words import Words
from app.errors import AppError, BadInput, Forbidden, Unreadable

_PLAIN = {"string": "text", "integer": "number", "number": "number", "boolean": "check", "array": "lines"}


@dataclass(frozen=True, slots=True)
class FormField:
    """A field as a form shows it."""

    name: str
    hint: str  # as the API describes it
    kind: str  # text, number, check, lines (a list, one a line), choice, document (YAML)
    value: str
    required: bool
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with what was given: by field, and beside."""

    fields: Mapping[str, str]
    others: tuple[str, ...]

    @property
    def any(self) -> bool:
        """Whether anything is."""
        return bool(self.fields or self.others)

    def told(self, words: Words) -> "Wrong":
        """The same, in the language of the words."""
        fields = {name: refusal(text, words) for name, text in self.fields.items()}
        return Wrong(fields, tuple(refusal(text, words) for text in self.others))


NOTHING_WRONG = Wrong({}, ())


def wrong_of(error: AppError, known: Sequence[str]) -> Wrong:
    """What the error says, sorted by the fields that the form has; that something is forbidden is no slip."""
    if isinstance(error, Forbidden):
        raise error
    if not isinstance(error, Invalid):
        return Wrong({}, (str(error),))
    fields: dict[str, str] = {}
    others = []
    for problem in error.problems:
        path = problem["pointer"].removeprefix("#/").split("/")
        name = path[1] if path[0] in {"settings", "overrides"} and len(path) > 1 else path[0]
        if name in known:
            fields[name] = f"{fields[name]}; {problem['detail']}" if name in fields else problem["detail"]
        else:
            others.append(f"{'/'.join(path)}: {problem['detail']}" if path[0] else problem["detail"])
    return Wrong(fields, tuple(others))


def fields_of(model: type[BaseModel], given: Mapping[str, Any]) -> list[FormField]:
    """The fields of a model, with what is set."""
    schema = model.model_json_schema()
    required = set(schema.get("required", ()))
    return [
        _field(name, said, schema, given.get(name, said.get("default")), name in required)
        for name, said in schema.get("properties", {}).items()
    ]


def _field(
    name: str,
    said: Mapping[str, Any],
    schema: Mapping[str, Any],
    value: Any,  # noqa: ANN401 - any setting
    required: bool,
) -> FormField:
    kind, choices = _kind_of(said, schema)
    return FormField(name, said.get("description", ""), kind, _written(kind, value), required, choices)


def _kind_of(said: Mapping[str, Any], schema: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    if "$ref" in said:
        return _kind_of(schema["$defs"][said["$ref"].rsplit("/", 1)[-1]], schema)
    if "enum" in said:
        return "choice", tuple(map(str, said["enum"]))
    if options := [one for one in said.get("anyOf", ()) if one.get("type") != "null"]:
        return _kind_of(options[0], schema)
    kind = _PLAIN.get(str(said.get("type")), "document")
    if kind == "lines" and said.get("items", {}).get("type") not in {"string", None}:
        return "document", ()
    return kind, ()


def _written(kind: str, value: Any) -> str:  # noqa: ANN401 - any setting
    if value is None or value == "":
        return ""
    match kind:
        case "check":
            return "true" if value else ""
        case "lines":
            return "\n".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
        case "document":
            return yaml.safe_dump(value, allow_unicode=True, sort_keys=False).strip() if value else ""
        case _:
            return str(value)


def read_fields(fields: Sequence[FormField], given: Mapping[str, str]) -> dict[str, Any]:
    """What was given, as the model takes it; what was left empty is left out."""
    read: dict[str, Any] = {}
    for one in fields:
        text = given.get(one.name, "").strip()
        if one.kind == "check":
            read[one.name] = bool(text)
        elif text:
            read[one.name] = _read(one, text)
    return read


def _read(one: FormField, text: str) -> Any:  # noqa: ANN401 - any setting
    if one.kind == "lines":
        return [line.strip() for line in text.splitlines() if line.strip()]
    if one.kind == "document":
        try:
            return yaml.safe_load(text)
        except yaml.YAMLError as error:
            raise Invalid([{"pointer": f"#/{one.name}", "detail": f"it is no YAML: {error}"}]) from None
    return number(one.name, text) if one.kind == "number" else text


def number(name: str, text: str) -> float:
    """The number that was given, whole where it is; Invalid points at its field."""
    try:
        read = float(text.replace(",", "."))
        return int(read) if read == int(read) else read
    except (ValueError, OverflowError):
        raise Invalid([{"pointer": f"#/{name}", "detail": "must be a number"}]) from None


def moment(name: str, text: str, words: Words) -> datetime:
    """The instant that was given on the visitor's clock; Invalid points at its field."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(words.zone))
    except ValueError:
        raise Invalid([{"pointer": f"#/{name}", "detail": "write it as 2026-11-30T18:00"}]) from None


async def form_of(request: Request) -> dict[str, str]:
    """All that a form sends, each field as text; of several of one name, one a line."""
    try:
        sent = await request.form(max_files=0, max_fields=200)
    except Exception as error:
        raise Unreadable("this is no form that can be read") from error
    read: dict[str, str] = {}
    for name, value in sent.multi_items():
        if not isinstance(value, str):
            raise BadInput("a form takes no files here")
        read[name] = f"{read[name]}\n{value}" if name in read else value
    return read
