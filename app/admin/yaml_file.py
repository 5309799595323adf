"""A YAML file of policies, sources, channels and watches; all that is wrong with it is told at once."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.admin.crisis_specs import StatementTemplateSpec
from app.admin.policy_specs import PolicySpec
from app.admin.specs import ChannelSpec, SourceSpec, WatchSpec
from app.admin.team_specs import PersonSpec, RotaSpec, TeamSpec
from app.errors import BadInput, sentence

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_MOST_NODES = 200_000  # a page of aliases can stand for billions
Place = tuple[str | int, ...]


class File(BaseModel):
    """What the file may hold; each thing is known by its name."""

    model_config = ConfigDict(extra="forbid")

    teams: list[TeamSpec] = Field(default_factory=list)
    people: list[PersonSpec] = Field(default_factory=list)
    rotas: list[RotaSpec] = Field(default_factory=list)
    statements: list[StatementTemplateSpec] = Field(default_factory=list)
    policies: list[PolicySpec] = Field(default_factory=list)
    sources: list[SourceSpec] = Field(default_factory=list)
    channels: list[ChannelSpec] = Field(default_factory=list)
    watches: list[WatchSpec] = Field(default_factory=list)


@dataclass(slots=True)
class Read:
    """The file's content and where each part of it stands."""

    file: File
    lines: dict[Place, int] = field(default_factory=dict)

    def at(self, *place: str | int) -> str:
        """Where something stands, for people: `line 12, watches[0].query`."""
        return _at(self.lines, place)


class BadFile(BadInput):
    """Everything that is wrong with a file."""

    def __init__(self, wrong: list[str]) -> None:
        super().__init__("\n".join(wrong))
        self.wrong = wrong


def read(text: str, environment: Mapping[str, str]) -> Read:
    """The file; `${NAME}` as a secret is taken from the environment. BadFile lists all that is wrong."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        lines: dict[Place, int] = {}
        wrong = [] if root is None else list(_walk(root, (), lines, [0]))
        given = yaml.safe_load(text) if not wrong else None
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise BadFile([f"{line}this is not YAML: {error.problem}"]) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise BadFile([f"this is not YAML: {str(error).splitlines()[0]}"]) from None
    if wrong:
        raise BadFile(wrong)
    if not isinstance(given, dict | None):
        parts = ", ".join(f"{part}:" for part in File.model_fields)
        raise BadFile([f"the file must hold one of {parts}"])
    wrong += _fill_secrets(given or {}, lines, environment)
    try:
        file = File.model_validate(given or {})
    except ValidationError as error:
        raise BadFile(wrong + [_told(lines, dict(e)) for e in error.errors(include_input=False)]) from None
    wrong += _doubles(file, lines)
    if wrong:
        raise BadFile(wrong)
    return Read(file, lines)


def _walk(node: yaml.Node, place: Place, lines: dict[Place, int], count: list[int]) -> Iterator[str]:
    """Note the line of each part; yields what YAML itself lets pass: keys that are there twice."""
    count[0] += 1
    if count[0] > _MOST_NODES:
        raise ValueError("the file is too large, or its aliases are")
    lines.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            name = str(key.value)
            inner = (*place, name)
            if name in seen:
                yield f"line {key.start_mark.line + 1}: “{_path(inner)}” is there twice"
            seen.add(name)
            lines[inner] = key.start_mark.line + 1
            yield from _walk(value, inner, lines, count)
    elif isinstance(node, yaml.SequenceNode):
        for i, value in enumerate(node.value):
            yield from _walk(value, (*place, i), lines, count)


def _fill_secrets(
    given: dict[str, Any], lines: dict[Place, int], environment: Mapping[str, str]
) -> Iterator[str]:
    """Put secrets in their places; yields which cannot be had."""
    for part in ("sources", "channels"):
        things = given.get(part)
        for i, thing in enumerate(things if isinstance(things, list) else []):
            if not isinstance(thing, dict) or thing.get("secret") is None:
                continue
            variable = _VARIABLE.fullmatch(str(thing["secret"]).strip())
            value = environment.get(variable[1], "") if variable else ""
            at = _at(lines, (part, i, "secret"))
            if variable is None:
                yield f"{at}: a secret does not belong into a file: write ${{NAME}}, and set NAME"
            elif not value:
                yield f"{at}: the environment has no {variable[1]}"
            thing["secret"] = value or None


def _doubles(file: File, lines: dict[Place, int]) -> Iterator[str]:
    for part in File.model_fields:
        seen: set[str] = set()
        for i, thing in enumerate(getattr(file, part)):
            if thing.name in seen:
                yield f"{_at(lines, (part, i, 'name'))}: “{thing.name}” is there twice"
            seen.add(thing.name)


def _told(lines: dict[Place, int], error: dict[str, Any]) -> str:
    return f"{_at(lines, error['loc'])}: {sentence(error)}"


def _at(lines: dict[Place, int], place: Place) -> str:
    # A field that is missing has no line of its own, so the thing that misses it is named.
    known = next((place[:n] for n in range(len(place), -1, -1) if place[:n] in lines), None)
    line = f"line {lines[known]}, " if known is not None else ""
    return f"{line}{_path(place)}"


def _path(place: Place) -> str:
    return "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in place).lstrip(".")
