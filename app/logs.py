"""Structured logs that never hold a secret."""

import logging
import re
import sys
from collections.abc import Callable
from typing import Any

import stamina.instrumentation
import structlog

VEIL = "•••"  # stands for what people may not read
_TOKEN = re.compile(r"xox[a-z]-[\w-]+|xapp-[\w-]+|tocsin_[\w-]{20,}|whsec_[\w+/=-]{20,}")
_USER = re.compile(r"(?<=://)(?:[^/\s@?#]+|[^/\s:@]+:[^/\s@]+)(?=@)")
_PARAMETER = re.compile(
    r"([?&;](?:[\w.-]{0,40}(?:key(?!word)|token|secret|passw(?:or)?d|pwd|signature|credential)[\w.-]{0,40}"
    r"|auth|sig)=)[^&#;\s\"'<>]+",
    re.IGNORECASE,
)
# Whoever has the address of a hook, a dead man's switch, an incident's page or a link that acts may use it.
_HOOK = re.compile(
    r"(https?://(?:hooks?\.[^/\s]+|[^/\s]+\.webhook\.office\.com|hc-ping\.com|api\.telegram\.org"
    r"|[^/\s]+(?:/[^/\s?#]+){0,8}?/(?:web)?hooks?)/|/incidents/\d{1,10}/(?=[0-9a-f]{32})|/websub/(?=[0-9a-f]{16})"
    r"|/act/(?=[\w-]{32}))"
    r"[^\s\"'<>|]+",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"https?://[^\s\"'<>]+", re.IGNORECASE)
# A part of a path that no person would have written: random letters and figures, a long number, a UUID.
_RANDOM = re.compile(
    r"(?<=/)(?:(?=[^/?#]*\d)(?=[^/?#]*[a-z])\w{24,}|\d{16,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?=[/?#.]|$)",
    re.IGNORECASE,
)


def mask(text: str) -> str:
    """The text without tokens, and of its addresses without passwords, keys and the paths of webhooks.

    >>> mask("postgresql://me:secret@db/tocsin refused xoxb-1-abc")
    'postgresql://•••@db/tocsin refused •••'
    >>> mask("https://example.org/feed?lang=fr&api_key=abc is not https://hooks.slack.com/services/T0/B0/x")
    'https://example.org/feed?lang=fr&api_key=••• is not https://hooks.slack.com/•••'
    """
    text = _PARAMETER.sub(rf"\1{VEIL}", _USER.sub(VEIL, _TOKEN.sub(VEIL, text)))
    return _HOOK.sub(rf"\1{VEIL}", text)


def veil(text: str) -> str:
    """As `mask`, and of addresses also without what looks like a key in their paths.

    It is for addresses that somebody has set; those of posts hold such parts, and must still lead there.

    >>> veil("https://example.org/private/0f3a9c1e7b5d2468ace013579bdf/feed.xml")
    'https://example.org/private/•••/feed.xml'
    """
    return _ADDRESS.sub(lambda found: _RANDOM.sub(VEIL, found[0]), mask(text))


class _AlreadyTold(logging.Filter):
    """Leaves out tracebacks of what is told once, where it begins and where it ends."""

    told: Callable[[BaseException], bool] = staticmethod(lambda _error: False)

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        return error is None or not self.told(error)

    def drop(self, _logger: Any, _method: str, event: Any) -> Any:  # noqa: ANN401 - structlog's own types
        given = event.get("exc_info")
        error = given if isinstance(given, BaseException) else sys.exc_info()[1] if given else None
        if error is not None and self.told(error):
            raise structlog.DropEvent
        return event


_already_told = _AlreadyTold()


def tell_once(told: Callable[[BaseException], bool]) -> None:
    """Write down no more of the errors for which this is true: who knows them has told of them."""
    _already_told.told = told


def _masked(_logger: Any, _method: str, event: Any) -> Any:  # noqa: ANN401 - structlog's own types
    return {k: mask(v) if isinstance(v, str) else v for k, v in event.items()}


def configure(level: str, style: str) -> None:
    """Set up logging for the process: for people on a terminal, JSON lines elsewhere."""
    people = style == "console" or (style == "auto" and sys.stderr.isatty())
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _masked,
    ]
    structlog.configure(
        processors=[_already_told.drop, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    renderer = structlog.dev.ConsoleRenderer() if people else structlog.processors.JSONRenderer()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    handler.addFilter(_already_told)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    stamina.instrumentation.set_on_retry_hooks([])  # a call that fails for good is told by who made it
    for noisy in ("httpx", "httpcore", "apscheduler", "alembic", "uvicorn.access", "slack_sdk"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def log() -> Any:  # noqa: ANN401 - structlog binds its type late
    """The logger of the service."""
    return structlog.get_logger("tocsin")
