"""Secrets of sources and channels: given or made, sealed at rest, shown at most once."""

import secrets
from base64 import b64encode
from typing import Literal

from pydantic import SecretStr

from app.admin.change import Invalid
from app.errors import AppError
from app.vault import Vault

Need = Literal["none", "optional", "needed", "made"]
_SHORTEST_SIGNING_SECRET = 16


def first(need: Need, given: SecretStr | None, vault: Vault, kind: str) -> tuple[str | None, str | None]:
    """(the secret as the database may hold it, the secret itself if it was made here and must be shown)."""
    if given is not None:
        return sealed(need, given, vault, kind), None
    if need == "needed":
        raise Invalid([{"pointer": "#/secret", "detail": f"is missing: the kind {kind} needs one"}])
    if need != "made":
        return None, None
    # As Standard Webhooks write a secret, so that who signs in their way can take it, too.
    made = f"whsec_{b64encode(secrets.token_bytes(32)).decode()}"
    return vault.seal(made), made


def sealed(need: Need, given: SecretStr, vault: Vault, kind: str) -> str:
    """The given secret as the database may hold it; Invalid if the kind takes none such."""
    secret = given.get_secret_value()
    if need == "none":
        raise Invalid([{"pointer": "#/secret", "detail": f"the kind {kind} takes no secret"}])
    if not secret:
        raise Invalid([{"pointer": "#/secret", "detail": "is empty: leave it out, or give it"}])
    if need == "made" and len(secret) < _SHORTEST_SIGNING_SECRET:
        detail = f"needs {_SHORTEST_SIGNING_SECRET} characters or more; leave it out and Tocsin makes one"
        raise Invalid([{"pointer": "#/secret", "detail": detail}])
    return vault.seal(secret)


def replaced(
    need: Need, stored: str | None, given: SecretStr | None, vault: Vault, kind: str
) -> tuple[str | None, str]:
    """(the secret as the database may hold it, what the audit log says of it: before, changed or none)."""
    if given is None:
        if need == "made":
            raise Invalid([{"pointer": "#/secret", "detail": "cannot be taken away; rotate it instead"}])
        if need == "needed":
            raise Invalid([{"pointer": "#/secret", "detail": "cannot be taken away; set another"}])
        return None, "none" if stored else "before"
    if stored is not None and _same(stored, given, vault):
        return stored, "before"
    return sealed(need, given, vault, kind), "changed"


def _same(stored: str, given: SecretStr, vault: Vault) -> bool:
    # One that was sealed with another key cannot be compared, so it is set again.
    try:
        return secrets.compare_digest(vault.open(stored).encode(), given.get_secret_value().encode())
    except AppError:
        return False
