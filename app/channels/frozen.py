"""What values of messages have in common."""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """A value that is passed on and never changed."""

    model_config = ConfigDict(frozen=True)
