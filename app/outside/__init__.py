"""The way out to other people's servers: guarded against our own network, bounded in time and size."""

from app.outside.addresses import shown
from app.outside.asking import DEADLINE, MAX_BYTES, PATIENCE, PacedClient, Said, ask
from app.outside.fetching import Answer, fetch, open_client
from app.outside.guard import Refused, is_public
from app.outside.limits import QUOTAS, Quota, day_of, next_day
from app.outside.line import Line, dial
from app.outside.pace import Paces, Used, digest_of
from app.outside.pauses import pause, reset_in, retry_after
from app.outside.refusals import good, message

__all__ = [
    "DEADLINE",
    "MAX_BYTES",
    "PATIENCE",
    "QUOTAS",
    "Answer",
    "Line",
    "PacedClient",
    "Paces",
    "Quota",
    "Refused",
    "Said",
    "Used",
    "ask",
    "day_of",
    "dial",
    "digest_of",
    "fetch",
    "good",
    "is_public",
    "message",
    "next_day",
    "open_client",
    "pause",
    "reset_in",
    "retry_after",
    "shown",
]
