"""A service account of Google: its key signs a request, which Google answers with a token for an hour."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import httpx
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from app import http_client
from app.errors import SourceError
from app.sources.toolkit import loose
from app.sources.toolkit.text import digest
from app.sources.toolkit.tokens import Tokens

_TOKEN = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address
_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_LASTS = timedelta(hours=1)
_WRONG = (
    "The secret of the source is not the JSON key of a service account. "
    "In Google Cloud make a key of the type JSON, and give the file whole."
)
_SECRET = "the secret of the source"  # noqa: S105 - words for people
_tokens = Tokens()


@dataclass(frozen=True, slots=True)
class Account:
    """Who asks, and the key that proves it."""

    email: str
    key: rsa.RSAPrivateKey
    key_id: str

    @classmethod
    def of(cls, secret: str | None) -> "Account":
        """The account of a JSON key as Google Cloud gives it out; a SourceError if it is none."""
        return _account(secret or "")

    def token(self, client: httpx.Client, scope: str, *, now: datetime) -> str:
        """A token for that scope, lent for an hour."""
        return _tokens.get(self._name(scope), lambda: self._borrow(client, scope, now), now=now)

    def forget(self, scope: str) -> None:
        """Throw the token for that scope away: it was refused."""
        _tokens.forget(self._name(scope))

    def assertion(self, scope: str, *, now: datetime) -> str:
        """The signed request for a token: a JSON Web Token of RFC 7523, signed as RS256 says."""
        head = {"alg": "RS256", "typ": "JWT"} | ({"kid": self.key_id} if self.key_id else {})
        issued = int(now.timestamp())
        claims = {
            "iss": self.email,
            "scope": scope,
            "aud": _TOKEN,
            "iat": issued,
            "exp": issued + int(_LASTS.total_seconds()),
        }
        signed = f"{_packed(head)}.{_packed(claims)}"
        return f"{signed}.{_base64(self.key.sign(signed.encode(), padding.PKCS1v15(), SHA256()))}"

    def _borrow(self, client: httpx.Client, scope: str, now: datetime) -> tuple[str, timedelta]:
        form = {"grant_type": _GRANT, "assertion": self.assertion(scope, now=now)}
        response = http_client.ask(client, _TOKEN, method="POST", form=form, now=now)
        if response.status in (400, 401):
            raise SourceError(
                f"Google gives no token for {self.email}: “{http_client.message(response)}”. Check the "
                "secret of the source, that the key was not deleted, and that the clock of this machine "
                "is right.",
                permanent=True,
            )
        told = loose.document(http_client.good(response, now=now, secret=_SECRET))
        token = loose.word(told.get("access_token"))
        if not token:
            raise SourceError("Google answers without a token. It is asked again at the next run.")
        return token, timedelta(seconds=loose.whole(told.get("expires_in")) or 3_600)

    def _name(self, scope: str) -> str:
        public = self.key.public_key().public_numbers()
        return digest(self.email, str(public.n), scope)


@lru_cache(maxsize=64)  # a key takes 30 ms to read, and is the same from run to run
def _account(secret: str) -> Account:
    try:
        given = json.loads(secret)
        key = load_pem_private_key(given["private_key"].encode(), password=None)
        email = given["client_email"]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, UnsupportedAlgorithm):
        # The cause may hold a piece of the key.
        raise SourceError(_WRONG, permanent=True) from None
    if not isinstance(key, rsa.RSAPrivateKey) or not isinstance(email, str):
        raise SourceError(_WRONG, permanent=True)
    return Account(email, key, loose.word(given.get("private_key_id")))


def stand_in() -> str:
    """A key that opens nothing, of the right shape."""
    key = rsa.generate_private_key(65_537, 2_048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return json.dumps(
        {"type": "service_account", "client_email": "nobody@project.invalid", "private_key": pem}
    )


def _packed(value: Mapping[str, Any]) -> str:
    return _base64(json.dumps(value, separators=(",", ":")).encode())


def _base64(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()
