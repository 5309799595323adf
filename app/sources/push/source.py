"""Posts that others bring: a signed request with a batch of them."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from app.errors import BadInput, TooLarge, Unauthorized, Unreadable
from app.sources.base import Item, Kind
from app.sources.push import mapping as push_mapping
from app.sources.push.settings import PushSettings
from app.sources.toolkit import strict_json
from app.sources.toolkit.rows import item_of, with_source

HEADER = "X-Tocsin-Signature"
MAX_BYTES = 5_000_000
MAX_POSTS = 1_000
TOLERANCE = timedelta(seconds=300)
_MAX_SIGNATURES = 8


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a batch held: its posts, and which could not be read, by their place in the batch, with why."""

    items: list[Item]
    rejected: list[tuple[int, str]] = field(default_factory=list)


def sign(body: bytes, secret: str, *, now: datetime) -> str:
    """The value of X-Tocsin-Signature for this body: `t=<unix>,v1=<HMAC-SHA256 of "<t>.<body>">`."""
    stamp = int(now.timestamp())
    return f"t={stamp},v1={_mac(body, secret, str(stamp))}"


def verify(body: bytes, headers: Mapping[str, str], secret: str, *, now: datetime) -> None:
    """Pass if one of the signatures is ours and fresh; Unauthorized says what is wrong with them."""
    header = next((value for name, value in headers.items() if name.lower() == HEADER.lower()), None)
    if not header:
        raise Unauthorized(f"the header {HEADER} is missing: sign the body with the secret of the source")
    stamps, signatures = _read(header)
    if len(stamps) != 1 or not (stamps[0].isascii() and stamps[0].isdigit() and len(stamps[0]) <= 12):
        raise Unauthorized(f"{HEADER} must hold one t=<seconds since 1970>")
    if not 1 <= len(signatures) <= _MAX_SIGNATURES:
        raise Unauthorized(f"{HEADER} must hold between one and {_MAX_SIGNATURES} v1=<HMAC-SHA256 in hex>")
    if abs(now.timestamp() - int(stamps[0])) > TOLERANCE.total_seconds():
        raise Unauthorized(
            f"the signature's time is more than {TOLERANCE.seconds} seconds off: "
            "sign each request when it is sent, and set the sender's clock"
        )
    ours = _mac(body, secret, stamps[0]).encode()
    matches = [hmac.compare_digest(ours, theirs.lower().encode()) for theirs in signatures]
    if not any(matches):
        raise Unauthorized("the signature does not match: check the secret, and sign the body byte for byte")


def parse(body: bytes, settings: PushSettings | None = None) -> Parsed:
    """The posts of a body; bad ones are told by index and skipped. Of posts with one id the last counts.

    From who signs as Tocsin does it is a JSON array or {"posts": [...]}, with the fields of `rows.item_of`;
    from others it is what the settings of the source say.
    """
    if len(body) > MAX_BYTES:
        raise TooLarge(f"the body is larger than {MAX_BYTES:,} bytes: send smaller batches")
    try:
        given = strict_json.loads(body.decode("utf-8-sig"))
    except ValueError as error:
        raise Unreadable(f"the body is not JSON in UTF-8: {error}") from error
    foreign = settings if settings and settings.sender != "tocsin" else None
    posts = push_mapping.posts_in(given, foreign) if foreign else _ours(given)
    if len(posts) > MAX_POSTS:
        raise TooLarge(f"{len(posts):,} posts are more than the {MAX_POSTS:,} that are taken at once")
    items: dict[str, Item] = {}
    rejected: list[tuple[int, str]] = []
    for index, post in enumerate(posts):
        if not isinstance(post, dict):
            rejected.append((index, "a post must be an object"))
            continue
        try:
            item = push_mapping.read(post, foreign) if foreign else _item(post)
        except BadInput as error:
            rejected.append((index, str(error)))
        else:
            items[item.external_id] = item
    if foreign and rejected and not items:
        raise BadInput(
            f"no post could be read, the first because {rejected[0][1]}: set `fields` of the source to where "
            "they stand"
        )
    return Parsed(list(items.values()), rejected)


def _ours(given: Any) -> list[Any]:  # noqa: ANN401 - whatever JSON holds
    posts = given.get("posts") if isinstance(given, dict) else given
    if not isinstance(posts, list):
        raise BadInput('the body must be {"posts": [...]} or an array of posts')
    return posts


def _item(post: dict[str, Any]) -> Item:
    source, item = item_of(post)
    return with_source(item, source)


def _read(header: str) -> tuple[list[str], list[str]]:
    parts = [part.strip().partition("=") for part in header.split(",")]
    stamps = [value for name, _, value in parts if name == "t"]
    return stamps, [value for name, _, value in parts if name == "v1"]


def _mac(body: bytes, secret: str, stamp: str) -> str:
    return hmac.new(secret.encode(), stamp.encode() + b"." + body, sha256).hexdigest()


def _brought(settings: PushSettings, body: bytes) -> tuple[list[Item], list[str]]:
    parsed = parse(body, settings)
    return parsed.items, [f"post {index} was rejected: {why}" for index, why in parsed.rejected]


KIND = Kind(
    name="push",
    summary="Posts that another system sends here, such as a listening tool, in signed requests.",
    settings=PushSettings,
    build=None,
    cadence=timedelta(minutes=1),  # how often it is noted that we were there to be told
    secret="made",  # noqa: S106 - says how the secret comes to be
    brought=_brought,
)
