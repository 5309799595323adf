"""What answers have in common."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from app.admin.change import veiled_settings

Json = dict[str, Any]


class View(BaseModel):
    """An answer, read from a row or made of parts."""

    model_config = ConfigDict(from_attributes=True, json_schema_serialization_defaults_required=True)


class Made(View):
    """A secret, shown this once."""

    secret: str = Field(examples=["the-only-sight-of-it"])


def shown(settings: Json) -> Json:
    """Settings as people may see them: no token, of an address no password and no key."""
    return dict(veiled_settings(settings))
