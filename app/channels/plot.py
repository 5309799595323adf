"""A chart block drawn with letters: bars for the first line, a stroke for the second."""

from typing import Any

from babel.numbers import format_decimal
from rich.text import Text

from app.channels.text import line

_ROWS = 7
_WIDE = 3  # letters for one point
_EIGHTHS = " ▁▂▃▄▅▆▇█"


def plot(block: dict[str, Any]) -> Text:
    """The title, the bars of what was observed, and the usual as a stroke across them."""
    chart = block["chart"]
    observed, usual = ([point["value"] for point in series["data"]] for series in chart["series"][:2])
    top = max([*observed, *usual, 1.0])
    drawn = Text(line(block["title"]), "bold").append("\n")
    for row in range(_ROWS, 0, -1):
        drawn.append(f"{_number(top) if row == _ROWS else '':>7} ┤", "dim")
        for value, norm in zip(observed, usual, strict=True):
            _cell(drawn, row, value / top * _ROWS, norm / top * _ROWS)
        drawn.append("\n")
    labels = chart["axis_config"]["categories"]
    first, last = line(labels[0]), line(labels[-1])
    width = _WIDE * len(labels)
    drawn.append(f"{'0':>7} └{'─' * width}\n", "dim")
    zone = line(chart["axis_config"]["x_label"])
    drawn.append(f"{'':9}{first}{last:>{max(width - len(first), len(last) + 1)}} {zone}\n", "dim")
    names = [line(series["name"]) for series in chart["series"][:2]]
    return drawn.append(f"{'':9}██ {names[0]}   ", "dim").append("╌╌", "yellow").append(f" {names[1]}", "dim")


def _cell(drawn: Text, row: int, value: float, norm: float) -> None:
    filled = min(max(value - (row - 1), 0.0), 1.0)
    here = row - 1 <= norm < row
    bar = _EIGHTHS[max(round(filled * 8), 1 if value > 0 and row == 1 else 0)]
    if here and filled < 1:
        drawn.append(f"{bar if bar != ' ' else '╌'}{'╌' * (_WIDE - 1)}", "yellow")
    else:
        drawn.append(f"{bar * (_WIDE - 1)} ", "red" if value > norm else "")


def _number(value: float) -> str:
    return str(format_decimal(value, format="###0", locale="en"))
