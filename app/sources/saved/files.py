"""Answers that somebody saved: one JSON file for each run, a list of what was asked and what was said."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import zip_longest
from pathlib import Path
from typing import Any

from app.errors import BadInput

_LISTS = ("answers", "exchanges", "entries", "requests", "responses", "interactions", "frames")
_UNPACKED = frozenset({"content-encoding", "content-length", "transfer-encoding", "connection"})
_CHARSET = re.compile(
    r"charset\s*=\s*\"?([\w.:-]+)|^\s*<\?xml[^>]*?encoding\s*=\s*[\"']([\w.:-]+)",
    re.IGNORECASE,
)
_ISO = re.compile(
    r"(?<![\d-])(20\d\d)-?(\d\d)-?(\d\d)[T ](\d\d):?(\d\d):?(\d\d(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?"
)
_RFC = re.compile(r"\d{1,2} [A-Z][a-z]{2} 20\d\d \d\d:\d\d(?::\d\d)? (?:GMT|UTC|UT|Z|[+-]\d{4})")
_EPOCH = re.compile(
    r"\"(?:time_us|created_utc|created_at_i|creation_date|last_activity_date|seconds|published|timestamp|ts)\""
    r"\s*:\s*\"?(\d{10}|\d{13}|\d{16})(?:\.\d+)?\b"
)


@dataclass(frozen=True, slots=True)
class Exchange:
    """What was asked, and what was said."""

    method: str
    url: str
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""

    def content(self) -> bytes:
        """The body as it went over the wire: in the encoding that it names."""
        kind = next((value for name, value in self.headers if name == "content-type"), "")
        match = _CHARSET.search(kind) or _CHARSET.search(self.body[:200])
        try:
            return self.body.encode((match[1] or match[2]) if match else "utf-8")
        except (LookupError, UnicodeEncodeError):
            return self.body.encode(errors="surrogatepass")


@dataclass(frozen=True, slots=True)
class SavedRun:
    """One run of a source, as it was saved."""

    name: str
    now: datetime | None  # None: nothing in it says when it was
    exchanges: list[Exchange] = field(default_factory=list)
    frames: list[str] = field(default_factory=list)  # of a stream
    urls: list[str] = field(default_factory=list)  # of all, in order


def read_runs(folder: Path) -> list[SavedRun]:
    """The runs of a folder, in the order of their names; a BadInput says what cannot be read, and where."""
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".json")
    except OSError as error:
        raise BadInput(f"{folder} cannot be read: {error.strerror}") from error
    if not paths:
        raise BadInput(f"{folder} holds no .json file. Give the folder that holds one for each run.")
    return [read_run(path) for path in paths]


def read_run(path: Path) -> SavedRun:
    """The run of one file."""
    try:
        given = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise BadInput(f"{path.name} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{path.name} is not JSON: {error}") from error
    said = instant(given.get("now")) if isinstance(given, dict) else None
    if isinstance(given, dict):
        lists = [given.get(name) for name in _LISTS] + list(given.values())
        given = next((one for one in lists if isinstance(one, list)), [given] if "url" in given else None)
    if not isinstance(given, list):
        raise BadInput(f"{path.name} must be a list of {{method, url, status, headers, body}}.")
    exchanges, frames, urls, nows = [], [], [], []
    for index, entry in enumerate(given):
        if not isinstance(entry, Mapping):
            raise BadInput(f"{path.name}, entry {index}: must be {{method, url, status, headers, body}}.")
        exchange = _exchange(entry, f"{path.name}, entry {index}")
        urls.append(exchange.url)
        nows += [at for at in (instant(entry.get("now")), _date(exchange)) if at]
        if _streams(exchange):
            frames += list(_frames(exchange.body))
        else:
            exchanges.append(exchange)
    whole = "\n".join([*(e.body for e in exchanges), *frames])
    now = said or (max(nows) if nows else newest(whole))
    return SavedRun(path.name, now, _redirected(exchanges), frames, urls)


def instant(value: object) -> datetime | None:
    """The instant that was written, in UTC: ISO 8601, as in mails, or seconds since 1970; else None."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return datetime.fromtimestamp(value, UTC) if 0 < value < 1e11 else None
    if not isinstance(value, str):
        return None
    for parsed in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            at = parsed(value.strip())
        except (ValueError, TypeError, IndexError):
            continue
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    return None


def newest(text: str) -> datetime | None:
    """The newest date in a text, however it is written; None if there is none."""
    found = [
        instant(f"{y}-{m}-{d}T{h}:{n}:{s or '00'}{zone}") for y, m, d, h, n, s, zone in _ISO.findall(text)
    ]
    found += [instant(written) for written in _RFC.findall(text)]
    found += [instant(int(digits[:10]) + 1) for digits in _EPOCH.findall(text)]
    return max(filter(None, found), default=None)


def _exchange(entry: Mapping[str, Any], where: str) -> Exchange:
    request, response = entry.get("request"), entry.get("response")
    both = {**entry, **(request if isinstance(request, Mapping) else {})}
    both |= response if isinstance(response, Mapping) else {}
    method = str(both.get("method") or "GET").upper()
    url, body = both.get("url") or both.get("uri"), both.get("body")
    if url is None and method == "FRAME":
        url = ""
    if not isinstance(url, str):
        raise BadInput(f"{where}: url is missing.")
    try:
        status = int(both.get("status") or 200)
    except (TypeError, ValueError):
        raise BadInput(f"{where}: status must be a number.") from None
    headers = both.get("headers") or {}
    pairs = headers.items() if isinstance(headers, Mapping) else (h for h in headers if len(h) == 2)
    return Exchange(
        method,
        url,
        status,
        tuple(
            (str(name).lower(), str(one))
            for name, value in pairs
            for one in (value if isinstance(value, list) else [value])
            if str(name).lower() not in _UNPACKED
        ),
        body if isinstance(body, str) else "" if body is None else json.dumps(body, ensure_ascii=False),
    )


def _date(exchange: Exchange) -> datetime | None:
    return next((instant(value) for name, value in exchange.headers if name == "date"), None)


def _streams(exchange: Exchange) -> bool:
    events = any(n == "content-type" and v.startswith("text/event-stream") for n, v in exchange.headers)
    return exchange.method == "FRAME" or exchange.url.startswith(("ws:", "wss:")) or events


def _frames(body: str) -> Iterator[str]:
    """One message of a websocket a line, or server-sent events with an empty line between them."""
    lines = body.splitlines()
    if not any(line.startswith(("event:", "data:")) for line in lines):
        yield from filter(None, map(str.strip, lines))
        return
    text = "\n".join(line for line in lines if not line.startswith(":"))  # a comment keeps the line alive
    yield from filter(None, (block.strip("\n") for block in re.split(r"\n\s*\n", text)))


def _redirected(exchanges: list[Exchange]) -> list[Exchange]:
    """The same, each redirect with its target: where no header was saved, the next one says it."""
    mended = []
    for exchange, following in zip_longest(exchanges, exchanges[1:]):
        bare = exchange.status in (301, 302, 303, 307, 308) and "location" not in dict(exchange.headers)
        target = (("location", following.url),) if bare and following else ()
        mended.append(
            Exchange(exchange.method, exchange.url, exchange.status, exchange.headers + target, exchange.body)
        )
    return mended
