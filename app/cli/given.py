"""Settings of a source as they are given on the command line: NAME=VALUE, or a YAML file."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from app.errors import BadInput
from app.sources.base import Kind


def settings_from(kind: Kind, given: Iterable[str]) -> dict[str, Any]:
    """What was given, each value as its setting wants it; a BadInput names what cannot be read."""
    settings: dict[str, Any] = {}
    for one in given:
        name, equals, value = one.partition("=")
        if equals:
            settings[name.strip()] = _value(kind, name.strip(), value)
        else:
            settings |= _file(Path(one))
    return settings


def _value(kind: Kind, name: str, text: str) -> Any:  # noqa: ANN401 - any JSON
    schema = kind.settings.model_json_schema().get("properties", {})
    if name not in schema:
        known = ", ".join(schema) or "none"
        raise BadInput(f"{kind.name} has no setting {name[:40]!r}; there are: {known}.")
    allowed = [schema[name], *schema[name].get("anyOf", [])]
    types = {one.get("type") for one in allowed}
    if "array" in types and not text.lstrip().startswith("["):
        return [part.strip() for part in text.split(",") if part.strip()]
    if "string" in types or not types - {None}:
        return text
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise BadInput(f"{name} cannot be read: {text[:60]!r}.") from error


def _file(path: Path) -> dict[str, Any]:
    try:
        read = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{str(path)[:200]!r} is neither NAME=VALUE nor a file that can be read.") from error
    except yaml.YAMLError as error:
        raise BadInput(f"{path.name} is not YAML: {error}") from error
    if isinstance(read, dict) and isinstance(read.get("settings"), dict):
        read = read["settings"]
    if not isinstance(read, dict):
        raise BadInput(f"{path.name} must hold settings: NAME: VALUE, one a line.")
    return read
