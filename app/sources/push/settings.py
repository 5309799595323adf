"""Who pushes, how they prove it, and where the parts of a post stand in what they send."""

import re
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from app.sources.toolkit.rows import FIELDS

_PATH = re.compile(r"(\$\.)?[\w@:-]+(\.[\w@:-]+|\[\d+\])*", re.ASCII)
_HEADER = r"^[A-Za-z0-9_-]{0,64}$"


class PushSettings(BaseModel):
    """Nothing to set for who can sign as Tocsin does; else how the sender signs and what it sends."""

    model_config = ConfigDict(extra="forbid")

    sender: Literal["tocsin", "standard_webhooks", "hmac", "token"] = Field(
        "tocsin",
        description="tocsin: X-Tocsin-Signature; standard_webhooks: webhook-signature; hmac: a signature of "
        "the body in a header of its own; token: the secret itself in a header, for who cannot sign",
    )
    header: str = Field(
        "", description="hmac and token: the header that holds it, such as X-Hub-Signature", pattern=_HEADER
    )
    prefix: str = Field("", description="what stands before it there, such as sha1= or Bearer", max_length=40)
    algorithm: Literal["sha256", "sha1", "sha512"] = Field("sha256", description="hmac: the hash function")
    encoding: Literal["hex", "base64"] = Field("hex", description="hmac: how the signature is written")
    timestamp_header: str = Field(
        "",
        description="hmac: the header with the time of sending, which may be five minutes off",
        pattern=_HEADER,
    )
    signs: Literal["body", "timestamp.body"] = Field("body", description="hmac: what is signed")
    delivery_header: str = Field(
        "",
        description="the header with the id of a delivery; empty: two equal bodies are one",
        pattern=_HEADER,
    )
    posts: str = Field(
        "", description="path to the posts in the body, such as data.documents; empty: the usual places"
    )
    fields: dict[str, str] = Field(
        default_factory=dict,
        description="our field: path in their post, or several with | between; the usual names need none",
        max_length=20,
    )
    html: bool = Field(default=False, description="whether their text is HTML")
    answer: Literal[200, 202] = Field(
        202, description="status that the sender wants for a batch that was taken"
    )

    @field_validator("posts")
    @classmethod
    def _a_path(cls, path: str) -> str:
        if path and not _PATH.fullmatch(path):
            raise ValueError("write a path as names with full stops between: data.documents")
        return path

    @field_validator("fields")
    @classmethod
    def _paths(cls, given: dict[str, str]) -> dict[str, str]:
        for name, paths in given.items():
            if name not in FIELDS:
                raise ValueError(
                    f"{name[:40]!r} is not a field of a post; there are: {', '.join(sorted(FIELDS))}"
                )
            if not paths or not all(_PATH.fullmatch(path.strip()) for path in paths.split("|")):
                raise ValueError(f"{name}: write a path as content.body, or several as content.body|title")
        return given

    @model_validator(mode="after")
    def _complete(self) -> "PushSettings":
        if self.sender in ("hmac", "token") and not self.header:
            raise ValueError(
                f"the sender {self.sender} needs `header`, the name of the header that proves it"
            )
        if self.signs == "timestamp.body" and not self.timestamp_header:
            raise ValueError("to sign timestamp.body, `timestamp_header` must be named")
        return self
