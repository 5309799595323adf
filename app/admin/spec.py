"""What every spec holds to: unknown fields, other types and what no database stores are errors."""

from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator, model_validator

from app.admin.fields import storable

_NAMED: dict[type, str] = {bool: "true or false", float: "a number", int: "a whole number", str: "text"}


def _plain_types(annotation: Any) -> frozenset[type]:  # noqa: ANN401 - any annotation
    """The plain types that a field takes beside null; none if it takes anything else."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return frozenset(type(each) for each in inner)
    if origin is Annotated:
        return _plain_types(inner[0])
    if origin in {Union, UnionType}:
        parts = [_plain_types(each) for each in inner if each is not NoneType]
        return frozenset[type]().union(*parts) if all(parts) else frozenset()
    return frozenset({annotation}) if annotation in _NAMED else frozenset()


class Spec(BaseModel):
    """Something that is set as a whole; an unknown field is an error, not a guess."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _refuse_unstorable(cls, given: Any) -> Any:  # noqa: ANN401 - pydantic gives anything
        storable(given)
        return given

    @field_validator("*", mode="before")
    @classmethod
    def _refuse_another_type(cls, given: Any, info: ValidationInfo) -> Any:  # noqa: ANN401 - the same
        """0 is not false, and "5" is not 5: who wrote that meant something else."""
        wanted = _plain_types(cls.model_fields[str(info.field_name)].annotation)
        number = type(given) in {int, float} and wanted & {int, float}  # 5.0 is a whole number too
        if wanted and type(given) in _NAMED and type(given) not in wanted and not number:
            raise ValueError("must be " + " or ".join(_NAMED[each] for each in _NAMED if each in wanted))
        return given
