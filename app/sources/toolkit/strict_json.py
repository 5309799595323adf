"""JSON as the standard has it: no NaN, no key twice, no bottomless nesting."""

import json
from collections import Counter
from typing import Any


def loads(text: str) -> Any:  # noqa: ANN401 - whatever JSON holds
    """The value; a ValueError whose sentence says why the text is not JSON."""
    try:
        return json.loads(text, parse_constant=_constant, object_pairs_hook=_pairs)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def _constant(name: str) -> Any:  # noqa: ANN401 - it gives nothing
    raise ValueError(f"{name} is not a JSON number")


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twice, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        raise ValueError(f"it has the key {twice[:40]!r} twice")
    return found
