"""The curve of a report as a picture (SVG): no script, no style sheet, nothing from elsewhere.

Its colours stand out on a light and on a dark ground; text takes the colour of what is around it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from math import ceil, log10
from typing import Literal

from app.channels.report.document import Plot
from app.channels.report.facts import CurvePoint
from app.channels.text import line

WIDTH, HEIGHT = 480, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 8, 28, 28
_FIRE, _USUAL, _BAND = "#d0452e", "#6b7f93", "#8ea2b6"
_FONTS = "Libertinus Serif, system-ui, sans-serif"


@dataclass(frozen=True, slots=True)
class Dot:
    """An alarm on the curve. Its shape tells it apart, whoever sees no colour."""

    at: datetime
    what: Literal["kept", "gained", "lost"]


def svg(plot: Plot, dots: Sequence[Dot] = ()) -> str:
    """The band of what is usual, the usual as a dashed line, what was observed as a full one; gaps stay.

    `dots` stand above the curve.
    """
    points = plot.curve.points
    top = _rounded_up(max(max(point.observed or 0, point.high or 0) for point in points))
    across = _Across(points, plot.curve.step_minutes, top)
    parts = [
        *_grid(across, top),
        *(f'<path d="{d}" fill="{_BAND}" fill-opacity="0.35"/>' for d in across.bands()),
        *(
            f'<path d="{d}" fill="none" stroke="{_USUAL}" stroke-width="1.5" stroke-dasharray="4 3"/>'
            for d in across.lines("expected")
        ),
        *(
            f'<path d="{d}" fill="none" stroke="{_FIRE}" stroke-width="2" stroke-linejoin="round"/>'
            for d in across.lines("observed")
        ),
        *_marks(plot, across),
        *_dots(dots, across),
        _text(_LEFT, HEIGHT - 8, plot.labels[0]),
        _text(WIDTH - _RIGHT, HEIGHT - 8, plot.labels[1], "end"),
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(line(plot.alternative))}" font-family="{_FONTS}" font-size="14" '
        f'fill="currentColor">{"".join(parts)}</svg>'
    )


class _Across:
    """Where instants and figures stand in the picture."""

    def __init__(self, points: tuple[CurvePoint, ...], step_minutes: int, top: float) -> None:
        self.points, self.top, self.step = points, top, step_minutes * 60
        self.begin = points[0].at
        self.seconds = max((points[-1].at - self.begin).total_seconds(), self.step)

    def x(self, seconds: float) -> float:
        return round(_LEFT + seconds / self.seconds * (WIDTH - _LEFT - _RIGHT), 1)

    def y(self, value: float) -> float:
        return round(HEIGHT - _BOTTOM - value / self.top * (HEIGHT - _TOP - _BOTTOM), 1)

    def of(self, point: CurvePoint) -> float:
        return self.x((point.at - self.begin).total_seconds())

    def lines(self, what: str) -> list[str]:
        """The path of each stretch in which the figure is known."""
        return [
            "M" + "L".join(f"{self.of(point)} {self.y(getattr(point, what))}" for point in stretch)
            for stretch in self._stretches(what)
        ]

    def bands(self) -> list[str]:
        """The outline of each stretch in which the interval is known."""
        return [
            "M"
            + "L".join(
                [f"{self.of(point)} {self.y(point.high or 0)}" for point in stretch]
                + [f"{self.of(point)} {self.y(point.low or 0)}" for point in reversed(stretch)]
            )
            + "Z"
            for stretch in self._stretches("high")
        ]

    def _stretches(self, what: str) -> list[list[CurvePoint]]:
        stretches: list[list[CurvePoint]] = [[]]
        for point in self.points:
            if getattr(point, what) is None:
                stretches.append([])
            else:
                stretches[-1].append(point)
        return [stretch for stretch in stretches if stretch]


def _rounded_up(most: float) -> float:
    """The end of the scale: the next round number.

    >>> [_rounded_up(n) for n in (0.4, 7, 23, 239)]
    [1.0, 8.0, 30.0, 300.0]
    """
    if most <= 1:
        return 1.0
    unit = 10.0 ** int(log10(most))
    return ceil(most / unit) * unit if most < 5 * unit else ceil(most / (2 * unit)) * 2 * unit


def _grid(across: _Across, top: float) -> list[str]:
    drawn = []
    for part in (0, 0.5, 1):
        y = across.y(top * part)
        drawn.append(f'<path d="M{_LEFT} {y}H{WIDTH - _RIGHT}" stroke="{_BAND}" stroke-opacity="0.5"/>')
        drawn.append(_text(_LEFT - 6, y + 4, f"{top * part:g}", "end"))
    return drawn


def _marks(plot: Plot, across: _Across) -> list[str]:
    """A thin line for each mark, with its letter above; letters that would touch step aside."""
    drawn, last = [], -100.0
    for (letter, _), mark in zip(plot.marks, plot.curve.marks, strict=False):
        x = across.x((mark.at - across.begin).total_seconds())
        shown = max(x, last + 11)
        drawn.append(f'<path d="M{x} {_TOP - 4}V{HEIGHT - _BOTTOM}" stroke="{_USUAL}" stroke-width="0.8"/>')
        drawn.append(_text(min(shown, WIDTH - 4), _TOP - 10, letter, "middle", bold=True))
        last = shown
    return drawn


def _dots(dots: Sequence[Dot], across: _Across) -> list[str]:
    """Full for what rings in either case, a triangle for what is gained, a ring for what is lost."""
    drawn = []
    for dot in dots:
        x = min(max(across.x((dot.at - across.begin).total_seconds()), _LEFT), WIDTH - _RIGHT)
        y = _TOP - 12
        match dot.what:
            case "kept":
                drawn.append(f'<circle cx="{x}" cy="{y}" r="5" fill="{_FIRE}"/>')
            case "gained":
                drawn.append(f'<path d="M{x} {y - 6}l6 11h-12z" fill="{_FIRE}"/>')
            case "lost":
                drawn.append(
                    f'<circle cx="{x}" cy="{y}" r="5" fill="none" stroke="{_USUAL}" stroke-width="2"/>'
                )
    return drawn


def _text(x: float, y: float, text: str, anchor: str = "start", *, bold: bool = False) -> str:
    weight = ' font-weight="700"' if bold else ""
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}"{weight}>{escape(line(text))}</text>'
