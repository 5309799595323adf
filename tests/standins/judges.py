"""Two judges of Block Kit that this project did not write: slackblocks and slack_sdk's own models.

Each builds its own objects from a payload, by which its checks run, and writes them out again. What comes out
must be what went in: a key that a judge does not know or a text of the wrong kind condemns too. Charts are
newer than slack_sdk's models, so slackblocks alone judges them. What was said of a block is kept: messages
share most of theirs.
"""

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import lru_cache
from typing import Any

import slackblocks as sb
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block
from slack_sdk.models.metadata import Metadata
from slack_sdk.models.views import View
from slackblocks.errors import InvalidUsageError

Json = dict[str, Any]
Make = Callable[..., Any]


class CondemnedError(AssertionError):
    """What a payload is condemned for, by whom."""


def judge(payload: Json) -> None:
    """Let both judges see a message, an answer or a view; raises with all that is wrong."""
    wrong = list(_condemned(payload))
    if wrong:
        raise CondemnedError("; ".join(wrong))


def _condemned(payload: Json) -> Iterator[str]:
    of_view = payload.get("type") == "modal"
    for name, read in (("slackblocks", _slackblocks), ("slack_sdk", _slack_sdk)):
        try:
            read(payload, of_view)
        except (InvalidUsageError, SlackObjectFormationError) as error:
            yield f"{name}: {error}"
        # What a judge stumbles over is condemned too; slackblocks says of what it does not know that it is
        # NotImplemented.
        except (KeyError, TypeError, AttributeError, ValueError, NotImplementedError) as error:
            yield f"{name}: cannot read it, {type(error).__name__}: {error}"


def _same(name: str, given: object, written: object) -> None:
    if given != written:
        raise ValueError(f"{name} was {given!r} and came back as {written!r}")


def _slack_sdk(payload: Json, of_view: bool) -> None:
    if of_view:
        _same("the view", payload, View(**deepcopy(payload)).to_dict())
        return
    for number, block in enumerate(payload.get("blocks") or []):
        if block["type"] == "data_visualization":  # newer than this judge, who leaves it out
            continue
        _same(f"block {number}", block, _sdk_block(json.dumps(block)))
    if "metadata" in payload:
        _same("metadata", payload["metadata"], Metadata(**payload["metadata"]).to_dict())


@lru_cache(maxsize=2048)
def _sdk_block(written: str) -> Json | None:
    parsed = Block.parse(json.loads(written))
    return dict(parsed.to_dict()) if parsed else None


@lru_cache(maxsize=2048)
def _slackblocks_block(written: str) -> tuple[Any, Json, Json]:
    """(the object that is built of a block, what the block is to come back as, what it came back as)."""
    block = _dated(json.loads(written))
    built = _BLOCKS[block["type"]](block)
    came = built._resolve()
    if "block_id" not in block:  # it makes one up
        del came["block_id"]
    return built, _spelt(block), came


def _slackblocks(payload: Json, of_view: bool) -> None:
    made = []
    for number, block in enumerate(payload.get("blocks") or []):
        built, given, written = _slackblocks_block(json.dumps(block))
        _same(f"block {number}", given, written)
        made.append(built)
    if of_view:
        more: Json = {key: value for key, value in payload.items() if key not in {"type", "blocks"}}
        more |= {key: _TEXT(more[key]) for key in ("title", "submit", "close") if key in more}
        sb.ModalView(blocks=made, **more)
        return
    more = {name: payload[name] for name in ("thread_ts", "unfurl_links", "unfurl_media") if name in payload}
    sb.Message(channel=payload.get("channel", "C0"), text=payload["text"], blocks=made or None, **more)


def _dated(part: Any) -> Any:  # noqa: ANN401 - JSON
    """The same with what stands for a date where slackblocks knows none: its fallback."""
    if isinstance(part, dict):
        if part.get("type") == "date":
            return {"type": "text", "text": part["fallback"]}
        return {key: _dated(value) for key, value in part.items()}
    return [_dated(value) for value in part] if isinstance(part, list) else part


def _spelt(part: Any) -> Any:  # noqa: ANN401 - JSON
    """The same without what is so anyway, as slackblocks writes it."""
    if isinstance(part, dict):
        return {
            key: _spelt(value)
            for key, value in part.items()
            if (key, value) not in (("emoji", False), ("verbatim", False))
        }
    return [_spelt(value) for value in part] if isinstance(part, list) else part


def _made(make: Make, **read: Make) -> Make:
    """A reader that gives each key of a dict to `make`, which knows no key but those of Slack."""

    def reader(data: Json) -> object:
        given = {key: read[key](value) if key in read else value for key, value in data.items()}
        given.pop("type", None)
        return make(**given)

    return reader


def _each(read: Make) -> Make:
    return lambda parts: [read(part) for part in parts]


def _by_type(readers: dict[str, Make]) -> Make:
    return lambda part: readers[part["type"]](part)


def _styled(make: Make) -> Make:
    return lambda data: _made(make)(
        {**{k: v for k, v in data.items() if k != "style"}, **data.get("style", {})}
    )


_TEXT = sb.Text.from_dict
_RICH = _each(_by_type({"text": _styled(sb.RichText), "link": _styled(sb.RichTextLink)}))
_CONFIRM = sb.ConfirmationDialogue.from_dict
_ELEMENT = _by_type(
    {
        "button": _made(sb.Button, text=_TEXT, confirm=_CONFIRM),
        "static_select": _made(
            sb.StaticSelectMenu, placeholder=_TEXT, options=_each(sb.Option.from_dict), confirm=_CONFIRM
        ),
        "datetimepicker": lambda data: _made(sb.DateTimePicker)(
            {{"initial_date_time": "initial_datetime"}.get(key, key): value for key, value in data.items()}
        ),
    }
)
_SERIES = _each(_made(sb.DataSeries, data=_each(_made(sb.DataPoint))))
_BLOCKS: dict[str, Make] = {
    **dict.fromkeys(("header", "section", "context", "divider"), sb.Block.from_dict),
    "rich_text": _made(
        sb.RichTextBlock,
        elements=_each(
            _by_type(
                {
                    "rich_text_section": _made(sb.RichTextSection, elements=_RICH),
                    "rich_text_quote": _made(sb.RichTextQuote, elements=_RICH),
                }
            )
        ),
    ),
    "data_visualization": _made(
        sb.DataVisualizationBlock,
        chart=_by_type({"line": _made(sb.LineChart, series=_SERIES, axis_config=_made(sb.AxisConfig))}),
    ),
    "actions": _made(sb.ActionsBlock, elements=_each(_ELEMENT)),
    "input": _made(sb.InputBlock, label=_TEXT, element=_ELEMENT),
}
