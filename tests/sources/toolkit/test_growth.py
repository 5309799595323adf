"""No reader of strangers' values takes long or breaks, however long or deep they are."""

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from app.errors import AppError
from app.reading.query import parse as parse_query
from app.reading.readable import readable
from app.sources.feed import jsonfeed
from app.sources.push import source as push
from app.sources.push.settings import PushSettings
from app.sources.toolkit import loose
from app.sources.toolkit.lines import Records, lines
from app.sources.toolkit.markup import plain, unescaped
from tests.standins.growth import grows_with_its_share

FOREIGN = PushSettings(sender="token", header="X-Token", html=True)

LONG: dict[str, Callable[[int], str]] = {
    "letters": lambda n: "a" * n,
    "digits": lambda n: "1" * n,
    "spaces": lambda n: f"a{' ' * n}a",
    "commas": lambda n: "1, " * n,
    "minus signs": lambda n: "-" * n,
    "brackets": lambda n: "(" * n,
    "open tags": lambda n: "<a " * n,
    "tags in each other": lambda n: "<b>" * n,
    "open comments": lambda n: "<!--" * n,
    "cells": lambda n: "<td>" * n,
    "hidden spans": lambda n: "<a><span class=invisible>" * n,
    "ampersands": lambda n: "&" * n,
    "digits of a character": lambda n: f"&#{'1' * n};",
    "references": lambda n: "&amp;#1" * n,
    "names": lambda n: "@a.b" * n,
    "addresses of e-mail": lambda n: f"{'a' * n}@{'a.' * n}",
    "quotes": lambda n: '"' * n,
    "links": lambda n: "https://" * n,
}


def json_feed(text: str) -> bytes:
    post = dict.fromkeys(("title", "content_html", "date_published", "url", "language"), text)
    return json.dumps({"version": "https://jsonfeed.org/version/1", "items": [{"id": "1", **post}]}).encode()


def pushed(text: str) -> bytes:
    fields = ("text", "title", "author", "url", "lang", "published_at", "likes", "more")
    return json.dumps(
        [{"id": "1", name: text, **({} if name == "text" else {"text": "T"})} for name in fields]
    ).encode()


READERS: dict[str, Callable[[str], object]] = {
    "HTML": plain,
    "references": unescaped,
    "words of a post": readable,
    "JSON Feed": lambda text: jsonfeed.parse(json_feed(text), where="x"),
    "pushed posts": lambda text: push.parse(pushed(text)),
    "posts of another sender": lambda text: push.parse(pushed(text), FOREIGN),
    "a query": lambda text: parse_query(f"any of: {text}"),
    "an instant": loose.instant,
    "a count": loose.whole,
}


@pytest.mark.parametrize("what", LONG)
@pytest.mark.parametrize("reader", READERS)
def test_four_times_as_long_a_text_takes_no_sixteen_times_as_long(reader: str, what: str) -> None:
    assert grows_with_its_share(READERS[reader], LONG[what], 4_000)


@pytest.mark.parametrize("number", ["1" * 400, "-" + "1" * 4_000, "1e400", "1" * 5_000, "1e-400"])
@pytest.mark.parametrize("field", ["id", "published_at", "likes", "followers", "text", "more"])
@pytest.mark.parametrize("settings", [None, FOREIGN])
def test_a_number_that_no_machine_word_holds_costs_no_more_than_its_batch(
    number: str, field: str, settings: PushSettings | None
) -> None:
    others = {"id": '"1"', "text": '"T"', "published_at": '"2026-11-22T09:14:00Z"'} | {field: number}
    body = "[{" + ", ".join(f'"{name}": {value}' for name, value in others.items()) + "}]"
    with suppress(AppError):
        parsed = push.parse(body.encode(), settings)
        assert len(parsed.items) + len(parsed.rejected) == 1


@pytest.mark.parametrize("deep", [5, 50, 500, 900, 980, 5_000])
def test_json_in_json_is_read_or_refused_with_a_sentence(deep: int) -> None:
    nested = b"[" * deep + b"]" * deep
    post = b'"id": "1", "title": "T", "text": "T", "published_at": "2026-11-22T09:14:00Z"'
    with suppress(AppError):
        jsonfeed.parse(
            b'{"version": "jsonfeed.org", "items": [{%s, "tags": %s}]}' % (post, nested), where="x"
        )
    with suppress(AppError):
        push.parse(b'[{%s, "more": %s}]' % (post, nested))


@pytest.mark.parametrize("row", ['"', '"a"b,', '"a\n', ",", "a" * 50 + ",", '\x00"'])
def test_broken_rows_of_a_file_cost_their_share(tmp_path: Path, row: str) -> None:
    def make(n: int) -> Path:
        path = tmp_path / f"{n}.csv"
        path.write_text("id,text\n" + f"{row}\n" * n)
        return path

    def read(path: Path) -> Any:  # noqa: ANN401 - nobody looks at it
        told: list[int] = []
        return list(
            Records(lines(path, on_error=lambda *_: None), ",", lambda number, _: told.append(number))
        )

    assert grows_with_its_share(read, make, 2_500)
