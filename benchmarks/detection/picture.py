"""The drill as a picture: for each method the part of the fires that it sees, at both budgets, as SVG."""

from html import escape
from pathlib import Path
from statistics import mean

from benchmarks.detection.drill import Outcome
from benchmarks.detection.measure import BUDGETS, TOCSIN, Bought
from benchmarks.detection.run import Results, best_settings
from benchmarks.detection.tables import ordered

_ROW, _TOP, _LEFT, _PANEL, _GAP, _TIME = 34, 96, 190, 250, 44, 120
_WIDTH = _LEFT + 2 * _PANEL + 2 * _GAP + _TIME
_PANELS = (("seen at all", "seen"), ("seen before the peak", "before_peak"))
# Both themes of a reader, and enough contrast in each; the two budgets differ in form as well as in colour.
_STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #24292f } .ours { font-weight: 700 }
  .title { font-size: 15px; font-weight: 600 } .small { font-size: 11px; fill: #57606a }
  .grid { stroke: #d0d7de } .month { fill: #b3402a; stroke: #b3402a } .week { fill: #ffffff; stroke: #1f6feb }
  .band { fill: #f6f0e4 } .page { fill: #ffffff }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .small { fill: #9da7b3 } .grid { stroke: #30363d } .page { fill: #0d1117 }
    .month { fill: #ff8f70; stroke: #ff8f70 } .week { fill: #0d1117; stroke: #79b8ff } .band { fill: #1f2630 }
  }"""


def _text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> str:
    return f'<text x="{x:g}" y="{y:g}" class="{kind}" text-anchor="{anchor}">{escape(words)}</text>'


def _dot(left: float, y: float, parts: list[float], kind: str) -> str:
    """A mark at the mean over the seeds, and a line from the worst to the best."""
    low, high, at = (left + part * _PANEL for part in (min(parts), max(parts), mean(parts)))
    line = f'<line x1="{low:.1f}" x2="{high:.1f}" y1="{y:g}" y2="{y:g}" class="{kind}" stroke-width="2"/>'
    if kind == "week":
        return line + f'<circle cx="{at:.1f}" cy="{y:g}" r="4.5" class="week" stroke-width="2"/>'
    return line + f'<rect x="{at - 4:.1f}" y="{y - 4:g}" width="8" height="8" class="month"/>'


def _delay(each: list[Outcome]) -> str:
    middle = sorted(one.delay for one in each)[len(each) // 2]
    return "never" if middle == float("inf") else f"{middle:g}"


def svg(results: Results) -> str:
    """The picture as text."""
    drills = results.drills
    methods = ordered(drills)[::-1]
    height = _TOP + _ROW * len(methods) + 40
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img">',
        "<title>Part of the fires that each rule sees at equal false-alarm budgets</title>",
        f"<style>{_STYLE}</style>",
        f'<rect width="{_WIDTH}" height="{height}" class="page"/>',
        _text(
            14,
            26,
            "Fires lit on ten brands’ real volumes: who sees them, at equal false-alarm budgets",
            "title",
        ),
        '<circle cx="22" cy="46" r="4.5" class="week" stroke-width="2"/>',
        _text(34, 50, "one false alarm a week", "small"),
        '<rect x="180" y="42" width="8" height="8" class="month"/>',
        _text(196, 50, "one a month; the threshold behind a mark: worst to best seed", "small"),
    ]
    ours = _TOP + _ROW * methods.index(TOCSIN)
    parts.append(f'<rect x="6" y="{ours}" width="{_WIDTH - 12}" height="{_ROW}" class="band"/>')
    bottom = _TOP + _ROW * len(methods)
    for number, (title, _) in enumerate(_PANELS):
        left = _LEFT + number * (_PANEL + _GAP)
        parts.append(_text(left, _TOP - 22, title))
        for quarter in range(5):
            x = left + quarter * _PANEL / 4
            parts.append(f'<line x1="{x:g}" x2="{x:g}" y1="{_TOP - 8}" y2="{bottom}" class="grid"/>')
            parts.append(_text(x, bottom + 16, f"{25 * quarter} %", "small", "middle"))
    last = _LEFT + 2 * (_PANEL + _GAP)
    parts.append(_text(last, _TOP - 22, "median minutes"))
    parts.append(_text(last, _TOP - 8, "a week · a month", "small"))
    for row, method in enumerate(methods):
        parts += _line(drills, method, _TOP + _ROW * row + _ROW / 2, last)
    return "\n".join([*parts, "</svg>", ""])


def _line(drills: list[Bought], method: str, y: float, last: float) -> list[str]:
    parts = []
    parts.append(_text(14, y + 4, method, "ours" if method == TOCSIN else ""))
    delays = []
    for (budget, kind), shift in zip(zip(BUDGETS, ("week", "month"), strict=True), (-6, 6), strict=True):
        setting = best_settings(drills, budget)[method]
        each = [one[method, setting][budget] for one in drills]
        for number, (_, field) in enumerate(_PANELS):
            left = _LEFT + number * (_PANEL + _GAP)
            parts.append(_dot(left, y + shift, [float(getattr(one, field)) for one in each], kind))
        delays.append(_delay(each))
    parts.append(_text(last, y + 4, " · ".join(delays), "ours" if method == TOCSIN else ""))
    return parts


def draw(results: Results, path: Path) -> None:
    """Writes the picture."""
    path.write_text(svg(results), encoding="utf-8")
