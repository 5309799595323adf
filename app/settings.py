"""The settings of the service, all from the environment: `TOCSIN_…`, or files in /run/secrets."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

_SECRETS = Path("/run/secrets")
_ANY = {"", "0.0.0.0", "::"}  # noqa: S104 - a machine listens on all of its addresses, and is opened at one


class Settings(BaseSettings):
    """Read once at the start; everything has a default that works on one machine."""

    model_config = SettingsConfigDict(
        env_prefix="TOCSIN_",
        env_file=".env",
        extra="ignore",
        secrets_dir=_SECRETS if _SECRETS.is_dir() else None,
    )

    data_dir: Path = Field(Path("var"), description="where the SQLite file and the key file live")
    database_url: str = Field("", description="empty: SQLite in the data folder; else postgresql://…")
    forgotten_file: Path | None = Field(
        None, description="keyed hashes of what was forgotten; in the data folder if not given"
    )
    secret_key: SecretStr | None = Field(
        None, description="encrypts stored secrets; made and kept in the data folder if not given"
    )
    host: str = Field("127.0.0.1", description="address that the service listens on")
    port: int = Field(8321, ge=0, le=65535, description="port that the service listens on")
    public_url: str = Field("", description="address at which people and hubs of feeds reach the service")
    heartbeat_url: SecretStr | None = Field(
        None, description="asked after each pass; a dead man's switch calls somebody once it is not"
    )
    cycle_seconds: int = Field(60, ge=5, le=3600, description="pause between two passes of the chain")
    language: Literal["en", "fr"] = Field("en", description="language of alerts, unless the watch says")
    slack_bot_token: SecretStr | None = Field(None, description="xoxb-… token of the Slack app")
    slack_signing_secret: SecretStr | None = Field(
        None, description="of the Slack app: takes buttons and commands over HTTP"
    )
    slack_app_token: SecretStr | None = Field(
        None, description="xapp-… token of the Slack app: takes buttons and commands over its socket"
    )
    slack_channel: str = Field("", description="id (C…) of the channel that gets alerts by default")
    slack_api_url: str = Field("https://slack.com/api/", description="Slack's Web API")
    contact: str = Field("", description="e-mail or address in the User-Agent that sources see")
    allow_private_hosts: Annotated[list[str], NoDecode] = Field(
        default_factory=list,
        description="hosts inside the network that sources and webhooks may reach, between commas",
    )
    pictures: bool = Field(
        False,
        description="whether pictures of an incident's posts are fetched, to know copies (extra `pictures`)",
    )
    retention_days: int = Field(90, ge=36, description="posts older than this are deleted")
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["auto", "console", "json"] = Field(
        "auto", description="auto: for people on a terminal, JSON elsewhere"
    )

    @field_validator("allow_private_hosts", mode="before")
    @classmethod
    def _listed(cls, given: object) -> object:
        """Hosts between commas; a JSON list is taken as well."""
        if not isinstance(given, str):
            return given
        bare = given.strip().removeprefix("[").removesuffix("]")
        return [host for part in bare.split(",") if (host := part.strip(" \"'"))]

    def forgotten(self) -> Path:
        """The list of what was forgotten."""
        return self.forgotten_file or self.data_dir / "forgotten.list"

    def address(self, path: str) -> str:
        """Where people open a path of ours: by the address that they reach us at, else on this machine.

        >>> Settings(port=80, host="0.0.0.0").address("/reports")
        'http://127.0.0.1:80/reports'
        """
        host = "127.0.0.1" if self.host in _ANY else self.host
        host = f"[{host}]" if ":" in host else host
        return (self.public_url.rstrip("/") or f"http://{host}:{self.port}") + path

    def database(self) -> str:
        """The SQLAlchemy address of the database."""
        return self.database_url or f"sqlite:///{self.data_dir / 'tocsin.db'}"
