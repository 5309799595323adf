"""A chart drawn with letters: bars for what was observed, a stroke for the usual."""

from babel.numbers import format_decimal
from rich.text import Text

from app.channels.document import Chart
from app.channels.text import line

_ROWS = 7
_WIDE = 3  # letters for one point
_EIGHTHS = " ▁▂▃▄▅▆▇█"


def plot(chart: Chart) -> Text:
    """The title, the bars of what was observed, and the usual as a stroke across them."""
    top = max([*chart.observed.values, *chart.usual.values, 1.0])
    drawn = Text(line(chart.title), "bold").append("\n")
    for row in range(_ROWS, 0, -1):
        drawn.append(f"{_number(top) if row == _ROWS else '':>7} ┤", "dim")
        for value, norm in zip(chart.observed.values, chart.usual.values, strict=True):
            _cell(drawn, row, value / top * _ROWS, norm / top * _ROWS)
        drawn.append("\n")
    first, last, zone = line(chart.labels[0]), line(chart.labels[-1]), line(chart.zone)
    width = _WIDE * len(chart.labels)
    drawn.append(f"{'0':>7} └{'─' * width}\n", "dim")
    drawn.append(f"{'':9}{first}{last:>{max(width - len(first), len(last) + 1)}} {zone}\n", "dim")
    names = [line(series.name) for series in (chart.observed, chart.usual)]
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
