"""A person's consent at Google: a refresh token, which Google changes for a token of an hour."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx

from app import http_client
from app.errors import SourceError
from app.sources.toolkit import loose
from app.sources.toolkit.text import digest
from app.sources.toolkit.tokens import Tokens

_TOKEN = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address
_WRONG = (
    "The secret of the source is not the JSON that holds client_id, client_secret and refresh_token. "
    "Make a client in Google Cloud, let a person who runs the places consent, and give the three as one JSON."
)
_SECRET = "the secret of the source"  # noqa: S105 - words for people
_FIELDS = ("client_id", "client_secret", "refresh_token")
_tokens = Tokens()


@dataclass(frozen=True, slots=True)
class Login:
    """The client, and what the person has granted it."""

    client_id: str
    client_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)

    @classmethod
    def of(cls, secret: str | None) -> "Login":
        """The login that the JSON holds; a SourceError, which does not show it, if it holds none."""
        try:
            given = json.loads(secret or "")
        except (ValueError, RecursionError):
            given = None
        values = [loose.word(loose.inner(given, name)).strip() for name in _FIELDS]
        if not all(values):
            raise SourceError(_WRONG, permanent=True)
        return cls(*values)

    def token(self, client: httpx.Client, *, now: datetime) -> str:
        """A token, lent for an hour."""
        return _tokens.get(self._name(), lambda: self._borrow(client, now), now=now)

    def forget(self) -> None:
        """Throw the token away: it was refused."""
        _tokens.forget(self._name())

    def _borrow(self, client: httpx.Client, now: datetime) -> tuple[str, timedelta]:
        form = {
            "grant_type": "refresh_token",
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "refresh_token": self.refresh_token,
        }
        response = http_client.ask(client, _TOKEN, method="POST", form=form, now=now)
        if response.status in (400, 401):
            raise SourceError(
                f"Google gives no token for this login: “{http_client.message(response)}”. Check the "
                "secret of the source. A consent ends when it is taken back, after six months without use, "
                "and after seven days while the app is in testing: let the person consent again, and set "
                "the new refresh token.",
                permanent=True,
            )
        told = loose.document(http_client.good(response, now=now, secret=_SECRET))
        token = loose.word(told.get("access_token"))
        if not token:
            raise SourceError("Google answers without a token. It is asked again at the next run.")
        return token, timedelta(seconds=loose.whole(told.get("expires_in")) or 3_600)

    def _name(self) -> str:
        return digest(self.client_id, self.refresh_token)


def stand_in() -> str:
    """A login that opens nothing, of the right shape."""
    return json.dumps(dict.fromkeys(_FIELDS, "nothing"))
