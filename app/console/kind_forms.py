"""The form of a source or a channel: its name, what its kind needs, and its secret, which is never shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from app.console.forms import FormField, fields_of, read_fields

_UNSET = frozenset({"csrf", "kind"})


@dataclass(frozen=True, slots=True)
class KindForm:
    """What the form of one kind asks for."""

    kind: str
    summary: str  # English, as the API describes it
    secret: str  # none, optional, needed, made
    needs: str
    fields: Sequence[FormField]

    @property
    def names(self) -> tuple[str, ...]:
        """Of all that it asks for."""
        return ("name", "secret", "enabled", *(one.name for one in self.fields))

    def read(self, form: Mapping[str, str]) -> dict[str, Any]:
        """What was given, as the spec of a source or a channel takes it."""
        given: dict[str, Any] = {
            "name": form.get("name", "").strip(),
            "kind": self.kind,
            "settings": read_fields(self.fields, form),
            "enabled": "enabled" in form,
        }
        if secret := form.get("secret", "").strip():
            given["secret"] = secret
        return given


def kind_form(
    name: str, summary: str, secret: str, needs: str, model: type[BaseModel], given: Mapping[str, Any]
) -> KindForm:
    """The form, with what is set or was given."""
    return KindForm(name, summary, secret, needs, fields_of(model, given))


def filled(form: KindForm, given: Mapping[str, str]) -> KindForm:
    """The form with what was given just now, as it was typed."""
    fields = [
        FormField(one.name, one.hint, one.kind, given.get(one.name, ""), one.required, one.choices)
        for one in form.fields
        if one.name not in _UNSET
    ]
    return KindForm(form.kind, form.summary, form.secret, form.needs, fields)
