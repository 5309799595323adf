"""Draws docs/architecture.svg and writes the tables of docs/architecture.md anew, from the code itself.

.venv/bin/python -m docs.architecture
"""

import ast
from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path

import app.pipeline
from app.pipeline import STEPS, Step
from docs.decision import filled

PAGE = Path(__file__).parent / "architecture.md"
PICTURE = Path(__file__).parent / "architecture.svg"
PIPELINE = Path(app.pipeline.__file__).parent
_WIDE, _TALL, _GAP = 980, 54, 20
_LEFT, _BOX = 150, 250  # where the column of steps begins, and how wide it is
_INK, _FAINT, _LINE, _FILL, _OUT = "#1d1c1d", "#5f6368", "#9aa5b1", "#f4f6f8", "#c8371f"


def steps() -> Iterable[tuple[str, ...]]:
    """The steps of a pass, by `STEPS`."""
    yield "step", "begins in", "reads", "writes", "calls out"
    for step in STEPS:
        link = f"[`{step.module}`](../{_file(step)})"
        yield f"`{step.name}`", link, step.reads, step.writes, "yes" if step.calls_out else ""


def packages() -> Iterable[tuple[str, ...]]:
    """The packages of the pipeline, by the first lines of each."""
    yield "package", "what goes in, and what comes out", "modules"
    for folder in sorted(path.parent for path in PIPELINE.glob("*/__init__.py")):
        says = ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))) or ""
        modules = sorted(path.stem for path in folder.glob("*.py") if path.stem != "__init__")
        yield f"`{folder.name}`", " ".join(says.split()), ", ".join(f"`{name}`" for name in modules)


TABLES = {"steps": steps, "packages": packages}


def picture() -> str:
    """The flow as a drawing: each step with what it reads and writes, and where it leaves the machine."""
    tall = len(STEPS) * (_TALL + _GAP) + 40
    drawn = "\n".join(line for number, step in enumerate(STEPS) for line in _step(number, step))
    says = "; ".join(f"{step.name}: reads {step.reads}, writes {step.writes}" for step in STEPS)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDE} {tall}" role="img" '
        f'font-family="DejaVu Sans, Helvetica, Arial, sans-serif" font-size="14">\n'
        f"<title>One pass of the chain</title>\n<desc>{escape(says)}</desc>\n"
        f'<rect width="{_WIDE}" height="{tall}" fill="#ffffff"/>\n{drawn}\n</svg>\n'
    )


def _step(number: int, step: Step) -> Iterator[str]:
    top = 20 + number * (_TALL + _GAP)
    middle, right = top + _TALL / 2, _LEFT + _BOX
    if number:
        yield _arrow(_LEFT + _BOX / 2, top - _GAP, _LEFT + _BOX / 2, top)
    yield (
        f'<rect x="{_LEFT}" y="{top}" width="{_BOX}" height="{_TALL}" rx="6" '
        f'fill="{_FILL}" stroke="{_LINE}"/>'
    )
    yield _text(_LEFT + 14, middle - 5, step.name, weight="bold")
    yield _text(_LEFT + 14, middle + 15, step.module, colour=_FAINT, size=12)
    if step.calls_out:
        yield _arrow(_LEFT, middle, _LEFT - 46, middle, colour=_OUT)
        yield _text(_LEFT - 56, middle + 5, "the world", colour=_OUT, anchor="end")
    yield _text(right + 24, middle - 5, f"reads  {step.reads}")
    yield _text(right + 24, middle + 15, f"writes {step.writes}")


def _arrow(x1: float, y1: float, x2: float, y2: float, *, colour: str = _LINE) -> str:
    dx, dy = (x2 > x1) - (x2 < x1), (y2 > y1) - (y2 < y1)
    tip = " ".join(
        f"{x:g},{y:g}"
        for x, y in (
            (x2, y2),
            (x2 - 8 * dx - 4 * dy, y2 - 8 * dy - 4 * dx),
            (x2 - 8 * dx + 4 * dy, y2 - 8 * dy + 4 * dx),
        )
    )
    return (
        f'<path d="M{x1:g},{y1:g} L{x2:g},{y2:g}" stroke="{colour}" stroke-width="1.5"/>'
        f'<polygon points="{tip}" fill="{colour}"/>'
    )


def _text(
    x: float, y: float, words: str, *, colour: str = _INK, weight: str = "normal", size: int = 14,
    anchor: str = "start",
) -> str:  # fmt: skip
    return (
        f'<text x="{x:g}" y="{y:g}" fill="{colour}" font-weight="{weight}" font-size="{size}" '
        f'text-anchor="{anchor}" xml:space="preserve">{escape(words)}</text>'
    )


def _file(step: Step) -> str:
    return f"app/pipeline/{step.module.replace('.', '/')}.py"


def page(old: str) -> str:
    """The page with its tables as the code has them now."""
    return filled(old, TABLES)


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    PICTURE.write_text(picture(), encoding="utf-8")
