"""The way out to other people's servers: guarded against our own network, bounded in time and size."""

from app.outside.fetching import DEADLINE, MAX_BYTES, Answer, fetch, open_client, retry_after, shown
from app.outside.guard import Refused, is_public

__all__ = [
    "DEADLINE",
    "MAX_BYTES",
    "Answer",
    "Refused",
    "fetch",
    "is_public",
    "open_client",
    "retry_after",
    "shown",
]
