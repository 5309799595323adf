"""Links by which a person acts on an incident from a message: without a login, once, and for a day.

The address is the right to do that one thing in the name of whom the message was for. It is signed, so nobody
makes one, and names no more than it needs, so that it fits into a text message.
"""

import hmac
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

HOLDS = timedelta(hours=24)
SNOOZE = timedelta(hours=1)
ACTS = ("acknowledge", "snooze", "false_alarm")  # numbered by their place: new ones behind
_LANGUAGES = ("en", "fr")  # the same
_HEAD = struct.Struct(">BBIL")  # act, language, incident, minutes since 1970
_SIGNED = 16  # bytes


@dataclass(frozen=True, slots=True)
class ActLink:
    """What a link does."""

    act: str
    incident_id: int
    by: str  # in whose name: the address or the channel that the message went to
    language: str
    until: datetime  # it holds


class ActLinks:
    """Makes and reads links, of this service alone."""

    def __init__(self, base: str, key: str) -> None:
        """`base`: the address of the service, as people reach it; `key`: what they are signed with."""
        self._base = base.rstrip("/")
        self._key = key.encode()

    def urls(self, incident_id: int, by: str, language: str, *, now: datetime) -> Mapping[str, str]:
        """From each act to the link that does it."""
        return {act: self._url(act, incident_id, by, language, now + HOLDS) for act in ACTS}

    def read(self, token: str) -> ActLink | None:
        """What the link does, also if it holds no more; None if it is none of ours."""
        try:
            whole = urlsafe_b64decode(token.encode() + b"=" * (-len(token) % 4))
            body, signature = whole[:-_SIGNED], whole[-_SIGNED:]
            if not hmac.compare_digest(signature, self._sign(body)):
                return None
            act, language, incident_id, minutes = _HEAD.unpack(body[: _HEAD.size])
        except (Error, UnicodeError, ValueError, struct.error):
            return None
        by = body[_HEAD.size :].decode()
        until = datetime.fromtimestamp(minutes * 60, UTC)
        return ActLink(ACTS[act], incident_id, by, _LANGUAGES[language], until)

    def _url(self, act: str, incident_id: int, by: str, language: str, until: datetime) -> str:
        minutes = int(until.timestamp()) // 60
        head = _HEAD.pack(ACTS.index(act), _LANGUAGES.index(language), incident_id, minutes)
        body = head + by.encode()
        return f"{self._base}/act/{urlsafe_b64encode(body + self._sign(body)).decode().rstrip('=')}"

    def _sign(self, body: bytes) -> bytes:
        return hmac.digest(self._key, body, "sha256")[:_SIGNED]
