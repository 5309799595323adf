"""The alerts of each month as bars (SVG), by what the team said of them; a table stands beside it."""

from collections.abc import Mapping, Sequence
from html import escape

from app.channels.text import line

WIDTH, HEIGHT = 480, 200
_LEFT, _TOP, _BOTTOM = 32, 12, 24
_FIRE, _USUAL = "#d0452e", "#6b7f93"  # as in the curve: they stand out on a light and on a dark ground
# Told apart without colour too: full, a frame, full in the other colour, a faint frame.
LOOKS: Mapping[str, str] = {
    "fires": f'fill="{_FIRE}"',
    "false_alarms": f'fill="none" stroke="{_FIRE}" stroke-width="2"',
    "planned": f'fill="{_USUAL}"',
    "unjudged": f'fill="{_USUAL}" fill-opacity="0.2" stroke="{_USUAL}" stroke-dasharray="3 2"',
}


def bars(months: Sequence[tuple[str, Sequence[int]]], alternative: str) -> str:
    """(the label of a month, how many of each of LOOKS) as one stacked bar each; `alternative`: in words."""
    most = max([sum(counts) for _, counts in months] + [1])
    scale = (HEIGHT - _TOP - _BOTTOM) / most
    wide = (WIDTH - _LEFT) / max(len(months), 1)
    rules = f"M{_LEFT} {HEIGHT - _BOTTOM}H{WIDTH}M{_LEFT} {_TOP}H{WIDTH}"
    drawn = [
        f'<path d="{rules}" stroke="{_USUAL}" stroke-opacity="0.5"/>',
        _text(_LEFT - 6, HEIGHT - _BOTTOM + 4, "0", "end"),
        _text(_LEFT - 6, _TOP + 5, str(most), "end"),
    ]
    for number, (label, counts) in enumerate(months):
        x, y = _LEFT + number * wide, float(HEIGHT - _BOTTOM)
        for look, count in zip(LOOKS.values(), counts, strict=True):
            y -= count * scale
            if count:
                drawn.append(
                    f'<rect x="{x + wide * 0.2:.1f}" y="{y + 1:.1f}" width="{wide * 0.6:.1f}" '
                    f'height="{max(count * scale - 2, 1):.1f}" {look}/>'
                )
        drawn.append(_text(round(x + wide / 2, 1), HEIGHT - 6, label, "middle"))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(line(alternative))}" font-size="13" fill="currentColor">{"".join(drawn)}</svg>'
    )


def swatch(look: str) -> str:
    """What one part of the bars looks like, for the line that explains them."""
    return (
        '<svg class="swatch" viewBox="0 0 14 14" width="14" height="14" aria-hidden="true">'
        f'<rect x="1" y="1" width="12" height="12" {LOOKS[look]}/></svg>'
    )


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}">{escape(line(text))}</text>'
