"""The stored secrets as a whole: whether the key at hand opens them."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import AppError
from app.models import Channel, Source
from app.vault import Vault

_TRIED = 20  # secrets: one that cannot be opened may be a row that is broken; if none can, the key is another


def sealed_secrets(session: Session) -> list[str]:
    """Some of the secrets that are stored, as they are sealed."""
    return [
        secret
        for table in (Source, Channel)
        for secret in session.scalars(select(table.secret).where(table.secret.is_not(None)).limit(_TRIED))
        if secret
    ]


def is_lost(session: Session, vault: Vault) -> bool:
    """Whether there are secrets, and the key opens none of them."""
    sealed = sealed_secrets(session)
    return bool(sealed) and not any(_opens(vault, secret) for secret in sealed)


def _opens(vault: Vault, sealed: str) -> bool:
    try:
        vault.open(sealed)
    except AppError:
        return False
    return True
