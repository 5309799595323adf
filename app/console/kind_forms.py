"""The form of a source or a channel: its name, what its kind needs, and its secret, which is never shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from fastapi import Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

from app.console.forms import NOTHING_WRONG, FormField, Wrong, fields_of, read_fields, wrong_of
from app.console.pages import render
from app.errors import AppError


class Made(Protocol):
    """A source or a channel."""

    id: Any
    secret: Any


@dataclass(frozen=True, slots=True)
class KindForm:
    """What the form of one kind asks for, and what stands in it."""

    kind: str
    summary: str  # as the API describes it
    secret: str  # none, optional, needed, made
    needs: str
    fields: Sequence[FormField]
    name: str = ""
    enabled: bool = True
    person: str = ""  # whose own it is, of a channel
    wrong: Wrong = NOTHING_WRONG

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

    def again(self, form: Mapping[str, str], error: AppError) -> "KindForm":
        """The form as it was sent, with what is wrong beside its fields."""
        names = ("name", "secret", "enabled", "person", *(one.name for one in self.fields))
        return replace(
            self,
            fields=[replace(one, value=form.get(one.name, "")) for one in self.fields],
            name=form.get("name", ""),
            enabled="enabled" in form,
            person=form.get("person", ""),
            wrong=wrong_of(error, names),
        )


def kind_form(
    name: str, summary: str, secret: str, needs: str, model: type[BaseModel], given: Mapping[str, Any]
) -> KindForm:
    """The form of a kind, with the settings that are known."""
    return KindForm(name, summary, secret, needs, fields_of(model, given))


def show_form(
    request: Request,
    asked: KindForm,
    row: Made | None,
    *,
    home: str,
    may_change: bool,
    on: str,
    people: Sequence[tuple[str, str]] = (),
) -> HTMLResponse:
    """The page of the form; `row`: what it changes, `home`: the list of such, `people`: whose it may be."""
    return render(
        request,
        "kind_form.html",
        status=422 if asked.wrong.any else 200,
        asked=asked,
        wrong=asked.wrong,
        action=f"{home}/{row.id}" if row else home,
        back=home,
        new=row is None,
        has_secret=bool(row and row.secret),
        may_change=may_change,
        on=on,
        people=people,
    )
