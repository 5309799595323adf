"""Whether a pushed body comes from who has the secret, in each way that senders have to prove it."""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

from app.errors import Unauthorized
from app.sources.push import source as push
from app.sources.push.settings import PushSettings
from app.sources.toolkit import loose

_MAX_SIGNATURES = 8
_MILLISECONDS = 1e11


def verify(
    body: bytes, headers: Mapping[str, str], secret: str, settings: PushSettings, *, now: datetime
) -> None:
    """Pass if the sender has the secret; Unauthorized says what is wrong with its proof."""
    if settings.sender == "tocsin":
        push.verify(body, headers, secret, now=now)
    elif settings.sender == "standard_webhooks":
        _standard(body, headers, secret, now)
    elif settings.sender == "token":
        _token(headers, secret, settings)
    else:
        _custom(body, headers, secret, settings, now)


def delivery(body: bytes, headers: Mapping[str, str], settings: PushSettings) -> str | None:
    """What a delivery is known by, so that its repetition is seen; None if only its posts count."""
    if settings.sender == "standard_webhooks":
        given = headers.get("webhook-id", "")
    else:
        given = headers.get(settings.delivery_header, "") if settings.delivery_header else ""
    if settings.sender == "tocsin" and not given:
        return None
    return sha256(given.encode(errors="replace") if given else body).hexdigest()[:24]


def _standard(body: bytes, headers: Mapping[str, str], secret: str, now: datetime) -> None:
    names = ("webhook-id", "webhook-timestamp", "webhook-signature")
    missing = [name for name in names if not headers.get(name)]
    if missing:
        raise Unauthorized(f"the header {missing[0]} is missing: send Standard Webhooks")
    number, stamp, signatures = (headers[name] for name in names)
    _fresh(stamp, "webhook-timestamp", now)
    signed = f"{number}.{stamp}.".encode(errors="replace") + body
    given = [part.removeprefix("v1,") for part in signatures.split() if part.startswith("v1,")]
    ours = [b64encode(hmac.digest(key, signed, "sha256")).decode() for key in _keys(secret)]
    _match(ours, given, "webhook-signature")


def _custom(
    body: bytes, headers: Mapping[str, str], secret: str, settings: PushSettings, now: datetime
) -> None:
    signed = body
    if settings.timestamp_header:
        stamp = headers.get(settings.timestamp_header, "")
        _fresh(stamp, settings.timestamp_header, now)
        signed = stamp.encode(errors="replace") + b"." + body if settings.signs == "timestamp.body" else body
    mac = hmac.digest(secret.encode(), signed, settings.algorithm)
    ours = mac.hex() if settings.encoding == "hex" else b64encode(mac).decode()
    given = [part.strip() for part in headers.get(settings.header, "").replace(",", " ").split()]
    prefix = settings.prefix.strip()
    given = [part.removeprefix(prefix) for part in given if part.startswith(prefix)]
    if settings.encoding == "hex":
        given = [part.lower() for part in given]
    _match([ours], given, settings.header)


def _token(headers: Mapping[str, str], secret: str, settings: PushSettings) -> None:
    given = headers.get(settings.header, "").strip()
    prefix = settings.prefix.strip()
    if not given.startswith(prefix):
        raise Unauthorized(f"the header {settings.header} must begin with {prefix!r}")
    _match([secret], [given.removeprefix(prefix).strip()], settings.header)


def _keys(secret: str) -> list[bytes]:
    """The key as Standard Webhooks write it, whsec_ and base64, and the secret as it stands."""
    try:
        return [b64decode(secret.removeprefix("whsec_"), validate=True), secret.encode()]
    except ValueError:
        return [secret.encode()]


def _match(ours: list[str], given: list[str], header: str) -> None:
    if not 1 <= len(given) <= _MAX_SIGNATURES or not all(given):
        raise Unauthorized(f"the header {header} must hold between one and {_MAX_SIGNATURES} signatures")
    # Every pair is compared, so that the time taken says nothing.
    matches = [
        hmac.compare_digest(one.encode(), theirs.encode(errors="replace")) for one in ours for theirs in given
    ]
    if not any(matches):
        raise Unauthorized(
            f"what {header} holds does not match: check the secret, and sign the body byte for byte"
        )


def _fresh(stamp: str, header: str, now: datetime) -> None:
    at = loose.instant(stamp.strip()) if "-" in stamp.strip()[1:] else None
    if at is None:
        try:
            seconds = float(stamp)
        except ValueError:
            seconds = 0.0
        at = loose.epoch(seconds / 1_000 if seconds > _MILLISECONDS else seconds)
    if at is None:
        raise Unauthorized(f"the header {header} must hold the time of sending, in seconds since 1970")
    if abs(now - at) > push.TOLERANCE:
        raise Unauthorized(
            f"the time in {header} is more than {push.TOLERANCE.seconds} seconds off: "
            "sign each request when it is sent, and set the sender's clock"
        )
