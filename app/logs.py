"""Structured logs that never hold a secret."""

import logging
import re
import sys
from typing import Any

import stamina.instrumentation
import structlog

_SECRET = re.compile(
    r"xox[a-z]-[\w-]+|xapp-[\w-]+|https://hooks\.slack\.com/\S+|tocsin_[\w-]{20,}|whsec_[\w+/=-]{20,}|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"
)


def mask(text: str) -> str:
    """The text without tokens, keys, webhook addresses and passwords in addresses.

    >>> mask("postgresql://me:secret@db/tocsin refused xoxb-1-abc")
    'postgresql://•••@db/tocsin refused •••'
    """
    return _SECRET.sub("•••", text)


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
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
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
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    stamina.instrumentation.set_on_retry_hooks([])  # a call that fails for good is told by who made it
    for noisy in ("httpx", "httpcore", "apscheduler", "alembic", "uvicorn.access", "slack_sdk"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def log() -> Any:  # noqa: ANN401 - structlog binds its type late
    """The logger of the service."""
    return structlog.get_logger("tocsin")
