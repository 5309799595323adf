"""Secrets at rest: what the database holds of them cannot be read without the service's key."""

import hmac
import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from app.errors import AppError
from app.settings import Settings

KEY_FILE = "secret.key"  # in the data folder


class Vault:
    """Encrypts and opens secrets with one key (Fernet: AES-128-CBC with HMAC-SHA256)."""

    def __init__(self, key: str, *, lost: str = "") -> None:
        """`lost`: why this is not the key that secrets were sealed with; none is sealed with it then."""
        self._lost = lost
        try:
            self._fernet = Fernet(key)
            self._key = key.encode()
        except ValueError as error:
            raise AppError(
                "TOCSIN_SECRET_KEY is not a key: it must be 32 bytes in URL-safe base64. "
                "Make one with `tocsin keys secret`."
            ) from error

    def derive(self, purpose: str) -> str:
        """A secret for that purpose, always the same and of no use for any other: 64 hex digits."""
        return hmac.digest(self._key, purpose.encode(), "sha256").hex()

    def seal(self, secret: str) -> str:
        """The secret as the database may hold it; an AppError if the key of the others is lost."""
        if self._lost:
            raise AppError(self._lost)
        return self._fernet.encrypt(secret.encode()).decode()

    def open(self, sealed: str) -> str:
        """The secret itself; an AppError if it was sealed with another key."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except (InvalidToken, ValueError) as error:
            raise AppError(
                "a stored secret cannot be opened: TOCSIN_SECRET_KEY is not the key it was sealed with. "
                "Give the old key back, or set the secret again."
            ) from error


def fingerprint(key: str) -> str:
    """What the key is known by; it says nothing of the key itself."""
    return Vault(key).derive("fingerprint")[:32]


def new_key() -> str:
    """A fresh key for TOCSIN_SECRET_KEY."""
    return Fernet.generate_key().decode()


def open_vault(settings: Settings, *, sealed: bool = False) -> Vault:
    """The vault of the settings' key, or of the key file in the data folder, made at first need.

    `sealed`: the database holds secrets already. Then no new key is made in silence where the file is gone,
    as it would open none of them.
    """
    if settings.secret_key is not None:
        return Vault(settings.secret_key.get_secret_value())
    path = settings.data_dir / KEY_FILE
    if not path.exists() and sealed:
        return Vault(
            new_key(),
            lost=f"the key file {path.name} is gone from the data folder, and the database holds secrets "
            "that only it opens. Put it back from the backup; if it is lost for good, make a new one with "
            "`tocsin keys secret`, give it as TOCSIN_SECRET_KEY, and set each secret again.",
        )
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_key(path, new_key())
    return Vault(path.read_text().strip())


def write_secret(path: Path, text: str) -> None:
    """Write the file whole, readable by its owner alone, in the place of what stood there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _draft(path, text).replace(path)


def write_key(path: Path, text: str) -> None:
    """Write the key for its owner alone, if there is none."""
    # Linked into place whole: of two processes that start together one wins, and both read the same key.
    draft = _draft(path, text)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _draft(path: Path, text: str) -> Path:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    return draft
