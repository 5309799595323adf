"""A report as a PDF, set by Typst in a process of its own: tagged, in its language, without a network."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

from app.channels.document import Figures, Inline, Link, Paragraph
from app.channels.report.document import Items, Part, Plot, Post, Posts, Prose, ReportDocument, Table
from app.channels.report.svg import HEIGHT, WIDTH, svg
from app.channels.text import bare, line
from app.channels.wording.words import Words
from app.errors import Unavailable
from app.logs import log

_HERE = Path(__file__).resolve().parent
_SECONDS = 60
_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "TMPDIR", "SYSTEMROOT")  # that the process is given
_ROOM = 70  # code points in a row of a table
_LONGEST = 5_000  # code points in one piece: Typst fails at 64 KiB
_LONG_WORD = re.compile(r"\S{40}(?=\S)")
_ONE = BoundedSemaphore(1)  # at a time: each takes a processor for some tenths of a second
_EMPTY = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"/>'
Json = dict[str, Any]


def pdf(document: ReportDocument, *, on: Sequence[int]) -> bytes:
    """The report as a PDF, dated `on` (year, month, day); Unavailable says why there is none.

    It waits for a process that has 60 seconds and 2 GB of address space.
    """
    plots = [part for section in document.sections for part in section.parts if isinstance(part, Plot)]
    words = Words(document.language, "UTC")
    job = {
        "template": (_HERE / "report.typ").read_text(encoding="utf-8"),
        "data": _data(document, on),
        "svg": svg(plots[0]) if plots else _EMPTY,
        "says": words.say("□ stands for a sign, such as an emoji, that no font here has; the page shows it."),
    }
    done = _set_type(json.dumps(job).encode())
    if done.returncode or not done.stdout.startswith(b"%PDF"):
        log().error("pdf_failed", code=done.returncode, why=done.stderr.decode(errors="replace")[-2000:])
        raise Unavailable("the PDF could not be made; the log says why. Take the report as a page (html).")
    return done.stdout


def _set_type(job: bytes) -> "subprocess.CompletedProcess[bytes]":
    """What the process answers; Unavailable if it, or those before it, take too long."""
    late = Unavailable(
        f"the PDF was not done in {_SECONDS} seconds: the machine is busy, or the report too large. "
        "Try again, or take it as a page (html)."
    )
    if not _ONE.acquire(timeout=_SECONDS):
        raise late
    try:
        return subprocess.run(  # noqa: S603 - this very Python, and a file of ours
            [sys.executable, "-I", str(_HERE / "typeset.py")],
            input=job,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
            # No secret of the service is in it.
            env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
        )
    except subprocess.TimeoutExpired:
        raise late from None
    finally:
        _ONE.release()


def _data(document: ReportDocument, on: Sequence[int]) -> Json:
    """The document as the template reads it: texts without signs that only confuse a screen."""
    year, month, day = on
    return {
        "title": line(document.title),
        "language": document.language,
        "date": {"year": year, "month": month, "day": day},
        "subtitle": _spans(document.subtitle),
        "sections": [
            {"title": line(section.title), "parts": [_part(part) for part in section.parts]}
            for section in document.sections
        ],
        "note": _spans(document.note),
        "signs": None,
    }


def _part(part: Part) -> Json:
    match part:
        case Paragraph():
            return {"kind": "paragraph", "spans": _spans(part.text)}
        case Prose():
            rows = [row for row in bare(part.text).split("\n") if row.strip()]
            return {"kind": "prose", "rows": [piece for row in rows for piece in _pieces(_fit(row))]}
        case Items():
            return {"kind": "items", "items": [_spans(one) for one in part.items]}
        case Figures():
            figures = [_fit(f"{line(row.label)} {line(row.value)}") for row in part.rows]
            return {"kind": "items", "items": [[{"text": row, "bold": False}] for row in figures]}
        case Table():
            return {"kind": "table", **_table(part)}
        case Posts():
            return {"kind": "posts", "posts": [_post(post) for post in part.posts]}
        case Plot():
            return {
                "kind": "plot",
                "alternative": line(part.alternative),
                "observed": part.observed,
                "usual": part.usual,
                "band": part.band,
                "marks": [list(mark) for mark in part.marks],
            }


def _table(table: Table) -> Json:
    """Its cells row by row; `widest`: the column that takes what room is left, -1 where there is enough."""
    lengths = [
        max((sum(len(span.text) for span in row[column]) for row in table.rows), default=0)
        for column in range(len(table.head))
    ]
    return {
        "head": list(table.head),
        "numbers": list(table.numbers),
        "cells": [_spans(cell) for row in table.rows for cell in row],
        "widest": lengths.index(max(lengths)) if sum(lengths) > _ROOM else -1,
    }


def _post(post: Post) -> Json:
    quote, lang = post.quote, post.lang.partition("-")[0].lower()
    return {
        "author": _fit(line(quote.author)),
        "source": _fit(line(quote.source)),
        "at": quote.at.text,
        "url": quote.link.url if quote.link else None,
        "host": line(quote.link.text) if quote.link else "",
        "why": quote.why,
        "text": _fit(bare(quote.text)),
        "lang": lang if lang.isascii() and lang.isalpha() and len(lang) in {2, 3} else "en",
    }


def _fit(text: str) -> str:
    """The text with places at which a word may be broken that is wider than a page."""
    return _LONG_WORD.sub(lambda word: f"{word[0]}\u200b", text)


def _pieces(row: str) -> list[str]:
    return [row[start : start + _LONGEST] for start in range(0, len(row), _LONGEST)]


def _spans(text: Inline) -> list[Json]:
    return [
        {"text": _fit(bare(span.text))[:_LONGEST], "bold": span.bold}
        | ({"url": span.url} if isinstance(span, Link) else {})
        for span in text
    ]
