"""What went wrong, in a sentence for the one at the keyboard."""

import errno

from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError

from app.errors import AppError, invalid
from app.logs import mask


def sentence(error: Exception) -> str | None:
    """What is wrong and what to do; None for a mistake of ours, which deserves its traceback."""
    if isinstance(error, AppError):
        return mask(str(error))
    if isinstance(error, SQLAlchemyError):
        why = mask(str(getattr(error, "orig", None) or error)).splitlines()[0]
        if "disk is full" in why or "No space left" in why:
            return "The disk is full: nothing was stored, and nothing is lost. Make room and start again."
        return f"The database says: {why}. `tocsin check` tells more."
    if isinstance(error, OSError):
        if error.errno == errno.ENOSPC:
            return "The disk is full. Make room and start again."
        where = f": {error.filename}" if error.filename else ""
        return f"{error.strerror or error}{where}"
    if isinstance(error, ValidationError):
        return mask(f"The settings are not right: {invalid(error)}.")
    return None
