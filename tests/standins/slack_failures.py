"""The ways in which a Slack stand-in can fail."""

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Failure:
    """One way to fail. `taken`: what was asked for is done all the same."""

    status: int = 200
    body: Json | str | None = None  # a str is sent as HTML; None: the connection is cut
    headers: dict[str, str] = field(default_factory=dict)
    taken: bool = False
    silent: bool = False  # never answers


def says(error: str, *, taken: bool = False, **more: Any) -> Failure:  # noqa: ANN401 - JSON
    """Slack's `{"ok": false, "error": …}`."""
    return Failure(body={"ok": False, "error": error, **more}, taken=taken)


def limited(seconds: int = 1) -> Failure:
    """HTTP 429 with Retry-After."""
    return Failure(429, {"ok": False, "error": "ratelimited"}, {"Retry-After": str(seconds)})


def http(status: int, *, taken: bool = False) -> Failure:
    """A proxy's HTML page instead of Slack's answer."""
    return Failure(status, f"<html><title>{status}</title></html>", taken=taken)


CUT = Failure()  # before anything was done
TAKEN_THEN_CUT = Failure(taken=True)
TAKEN_THEN_SILENT = Failure(taken=True, silent=True)
