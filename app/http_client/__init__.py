"""The way out to other people's servers: guarded against our own network, bounded in time and size."""

from app.http_client.addresses import shown
from app.http_client.asking import DEADLINE, MAX_BYTES, PATIENCE, HttpResponse, PacedClient, ask
from app.http_client.connection import Connection, dial
from app.http_client.fetching import Answer, fetch, open_client
from app.http_client.guard import Refused, is_public
from app.http_client.limits import QUOTAS, Quota, day_of, next_day
from app.http_client.pace import Paces, Used, digest_of
from app.http_client.pauses import pause, reset_in, retry_after
from app.http_client.refusals import good, message
from app.http_client.walls import wall

__all__ = [
    "DEADLINE",
    "MAX_BYTES",
    "PATIENCE",
    "QUOTAS",
    "Answer",
    "Connection",
    "HttpResponse",
    "PacedClient",
    "Paces",
    "Quota",
    "Refused",
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
    "wall",
]
