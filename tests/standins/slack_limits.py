"""What Slack refuses in a message, written down apart from the code that has to keep to it."""

import re
from collections.abc import Callable, Iterator
from typing import Any

Block = dict[str, Any]
_URL = re.compile(r"https?://[^\s<>|]+\Z")
_KEYS = {
    "header": {"type", "block_id", "text"},
    "section": {"type", "block_id", "text", "fields", "accessory", "expand"},
    "context": {"type", "block_id", "elements"},
    "divider": {"type", "block_id"},
    "rich_text": {"type", "block_id", "elements"},
    "data_visualization": {"type", "block_id", "title", "chart"},
    "actions": {"type", "block_id", "elements"},
}


def refusals(blocks: object) -> list[str]:
    """A line for each thing that is wrong, with its JSON pointer; empty if Slack takes the blocks."""
    if not isinstance(blocks, list):
        return ["[ERROR] must be a list [json-pointer:/blocks]"]
    found = [(f"/blocks/{n}{at}", what) for n, block in enumerate(blocks) for at, what in _block(block)]
    if len(blocks) > 50:
        found.append(("/blocks", "no more than 50 items allowed"))
    if sum(block.get("type") == "data_visualization" for block in blocks if isinstance(block, dict)) > 2:
        found.append(("/blocks", "no more than 2 charts allowed"))
    ids = [block.get("block_id") for block in blocks if isinstance(block, dict) and "block_id" in block]
    if len(ids) != len(set(ids)):
        found.append(("/blocks", "block_id is not unique"))
    return [f"[ERROR] {what} [json-pointer:{at}]" for at, what in found]


def size(part: object) -> int:
    """Characters of all texts in the blocks, whatever holds them."""
    if isinstance(part, dict):
        return sum(len(v) if k in {"text", "name", "label", "title", "fallback", "url"} and isinstance(v, str)
                   else size(v) for k, v in part.items())  # fmt: skip
    return sum(map(size, part)) if isinstance(part, list) else 0


def _block(block: object) -> Iterator[tuple[str, str]]:
    if not isinstance(block, dict) or block.get("type") not in _KEYS:
        yield "/type", "unsupported type"
        return
    kind = block["type"]
    for key in block.keys() - _KEYS[kind]:
        yield f"/{key}", "is not allowed here"
    if not 0 < len(block.get("block_id", "x")) <= 255:
        yield "/block_id", "must be 1 to 255 characters"
    if kind in _CHECKS:
        yield from _CHECKS[kind](block)


def _text(part: object, at: str, limit: int, kinds: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if not isinstance(part, dict) or part.get("type") not in kinds:
        yield at, f"must be a text object of {kinds}"
        return
    allowed = {"type", "text", "emoji"} if part["type"] == "plain_text" else {"type", "text", "verbatim"}
    if part.keys() - allowed:
        yield at, f"has unknown keys {sorted(part.keys() - allowed)}"
    text = part.get("text")
    if not isinstance(text, str) or not text.strip():
        yield f"{at}/text", "must be more than 0 characters"
    elif len(text) > limit:
        yield f"{at}/text", f"must be less than {limit + 1} characters"


_BOTH = ("plain_text", "mrkdwn")


def _header(block: Block) -> Iterator[tuple[str, str]]:
    yield from _text(block.get("text"), "/text", 150, ("plain_text",))


def _section(block: Block) -> Iterator[tuple[str, str]]:
    if "text" not in block and "fields" not in block:
        yield "", "needs text or fields"
    if "text" in block:
        yield from _text(block["text"], "/text", 3000, _BOTH)
    if "fields" in block:
        if not isinstance(block["fields"], list) or not 1 <= len(block["fields"]) <= 10:
            yield "/fields", "must be 1 to 10 items"
            return
        for n, field in enumerate(block["fields"]):
            yield from _text(field, f"/fields/{n}", 2000, _BOTH)


def _context(block: Block) -> Iterator[tuple[str, str]]:
    elements = block.get("elements")
    if not isinstance(elements, list) or not 1 <= len(elements) <= 10:
        yield "/elements", "must be 1 to 10 items"
        return
    for n, element in enumerate(elements):
        yield from _text(element, f"/elements/{n}", 3000, _BOTH)


def _rich_text(block: Block) -> Iterator[tuple[str, str]]:
    elements = block.get("elements")
    if not isinstance(elements, list) or not elements:
        yield "/elements", "must not be empty"
        return
    for n, element in enumerate(elements):
        at = f"/elements/{n}"
        if element.get("type") not in {"rich_text_section", "rich_text_quote", "rich_text_preformatted"}:
            yield f"{at}/type", "unsupported type"
        elif not element.get("elements"):
            yield f"{at}/elements", "must not be empty"
        else:
            for m, part in enumerate(element["elements"]):
                yield from ((f"{at}/elements/{m}{where}", what) for where, what in _rich_part(part))


def _rich_part(part: Block) -> Iterator[tuple[str, str]]:
    style = part.get("style", {})
    if not isinstance(style, dict) or style.keys() - {"bold", "italic", "strike", "code"}:
        yield "/style", "is not a style"
    match part.get("type"):
        case "text":
            if not isinstance(part.get("text"), str) or not part["text"]:
                yield "/text", "must be more than 0 characters"
        case "link":
            if not _URL.match(part.get("url", "")) or len(part["url"]) > 3000:
                yield "/url", "must be an address of at most 3000 characters"
        case "date":
            if not isinstance(part.get("timestamp"), int) or "{" not in part.get("format", ""):
                yield "", "needs a timestamp and a format"
        case _:
            yield "/type", "unsupported type"


def _chart(block: Block) -> Iterator[tuple[str, str]]:
    title, chart = block.get("title"), block.get("chart")
    if not isinstance(title, str) or not 1 <= len(title) <= 50:
        yield "/title", "must be 1 to 50 characters"
    if not isinstance(chart, dict) or chart.get("type") not in {"line", "bar", "area"}:
        yield "/chart/type", "unsupported type"
        return
    if chart.keys() - {"type", "series", "axis_config"}:
        yield "/chart", "has unknown keys"
    axis = chart.get("axis_config", {})
    categories = axis.get("categories", [])
    if axis.keys() - {"categories", "x_label", "y_label"}:
        yield "/chart/axis_config", "has unknown keys"
    if not 1 <= len(categories) <= 20 or len(set(categories)) != len(categories):
        yield "/chart/axis_config/categories", "must be 1 to 20 different labels"
    series = chart.get("series", [])
    if not 1 <= len(series) <= 6 or len({line.get("name") for line in series}) != len(series):
        yield "/chart/series", "must be 1 to 6 items of different names"
    for n, line in enumerate(series):
        yield from ((f"/chart/series/{n}{where}", what) for where, what in _series(line, categories))


def _series(line: Block, categories: list[str]) -> Iterator[tuple[str, str]]:
    if line.keys() != {"name", "data"} or not 1 <= len(line["name"]) <= 20:
        yield "/name", "must be 1 to 20 characters, and nothing but name and data"
        return
    if [point.get("label") for point in line["data"]] != categories:
        yield "/data", "labels must be the categories in their order"
    for m, point in enumerate(line["data"]):
        value = point.get("value")
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or point.keys() != {"label", "value"}
        ):
            yield f"/data/{m}/value", "must be a number"
        if not 1 <= len(str(point.get("label", ""))) <= 20:
            yield f"/data/{m}/label", "must be 1 to 20 characters"


def view_refusals(view: object) -> list[str]:
    """The same of a modal with one or more inputs."""
    if not isinstance(view, dict) or view.get("type") != "modal":
        return ["must be a modal"]
    wrong = [
        what
        for name in ("title", "submit", "close")
        for _, what in _text(view.get(name), name, 24, ("plain_text",))
    ]
    if len(view.get("private_metadata", "")) > 3000 or not 0 < len(view.get("callback_id", "")) <= 255:
        wrong.append("private_metadata or callback_id is too long")
    blocks = view.get("blocks")
    if not isinstance(blocks, list) or not 1 <= len(blocks) <= 100:
        return [*wrong, "must have 1 to 100 blocks"]
    for block in blocks:
        if block.get("type") != "input" or block.keys() - {
            "type",
            "block_id",
            "label",
            "element",
            "optional",
        }:
            wrong.append("only inputs are expected here")
            continue
        wrong += [what for _, what in _text(block.get("label"), "label", 2000, ("plain_text",))]
        element = block.get("element", {})
        if (
            element.get("type") == "datetimepicker"
            and len(str(element.get("initial_date_time", 10**9))) != 10
        ):
            wrong.append("initial_date_time must have 10 digits")
    return wrong


def _actions(block: Block) -> Iterator[tuple[str, str]]:
    elements = block.get("elements")
    if not isinstance(elements, list) or not 1 <= len(elements) <= 25:
        yield "/elements", "must be 1 to 25 items"
        return
    ids = [element.get("action_id") for element in elements]
    if len(ids) != len(set(ids)) or not all(isinstance(i, str) and 0 < len(i) <= 255 for i in ids):
        yield "/elements", "each needs an action_id of its own"
    for n, element in enumerate(elements):
        if element.get("type") == "button":
            yield from _text(element.get("text"), f"/elements/{n}/text", 75, ("plain_text",))
            yield from _confirm(element.get("confirm"), f"/elements/{n}/confirm")
            if len(element.get("value", "")) > 2000 or element.get("style", "primary") not in {
                "primary",
                "danger",
            }:
                yield f"/elements/{n}", "has a value that is too long, or a style that is none"
        elif element.get("type") == "static_select":
            yield from _select(element, f"/elements/{n}")
        else:
            yield f"/elements/{n}/type", "unsupported type"


def _confirm(confirm: object, at: str) -> Iterator[tuple[str, str]]:
    if confirm is None:
        return
    for name, limit in (("title", 100), ("text", 300), ("confirm", 30), ("deny", 30)):
        part = confirm.get(name) if isinstance(confirm, dict) else None
        yield from _text(part, f"{at}/{name}", limit, ("plain_text",))


def _select(element: Block, at: str) -> Iterator[tuple[str, str]]:
    yield from _text(element.get("placeholder"), f"{at}/placeholder", 150, ("plain_text",))
    options = element.get("options")
    if not isinstance(options, list) or not 1 <= len(options) <= 100:
        yield f"{at}/options", "must be 1 to 100 items"
        return
    for m, option in enumerate(options):
        yield from _text(option.get("text"), f"{at}/options/{m}/text", 75, ("plain_text",))
        if not 0 < len(option.get("value", "")) <= 150:
            yield f"{at}/options/{m}/value", "must be 1 to 150 characters"


_CHECKS: dict[str, Callable[[Block], Iterator[tuple[str, str]]]] = {
    "header": _header,
    "section": _section,
    "context": _context,
    "rich_text": _rich_text,
    "data_visualization": _chart,
    "actions": _actions,
}
