"""All parts of the running service, built once from the settings: the only place where they meet."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import httpx
from pydantic import BaseModel, ValidationError
from rich.console import Console
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app import clock, db
from app.admin import policies
from app.admin.secrets import sealed_secrets
from app.channels import KINDS as CHANNEL_KINDS
from app.channels.act_links import ActLinks
from app.channels.base import Channel as Telling
from app.channels.base import Dependencies
from app.errors import AppError, ChannelError, NotYet, SourceError, invalid
from app.forgotten import Forgotten
from app.heartbeat import Heartbeat
from app.http_client import Paces, dial, open_client
from app.models import Channel, Source
from app.pipeline import Chain
from app.pipeline.delivery.messages import DeliveryContext
from app.pipeline.incidents.follow import Following
from app.pipeline.ingest.collect import IngestContext
from app.pipeline.ingest.match import Matchers
from app.pipeline.ingest.quotas import recall_quotas
from app.pipeline.ingest.streams import StreamContext as StreamMeans
from app.pipeline.ingest.streams import Streams
from app.pipeline.ingest.websub import Hubs
from app.pipeline.scoring.detect import ScoringEngine
from app.settings import Settings
from app.sources import kind as source_kind
from app.sources.base import Batch, Stream
from app.sources.base import Source as Listening
from app.sources.feed import websub
from app.vault import Vault, open_vault
from app.vitals import Vitals
from detectors import FireDetector


@dataclass(frozen=True, slots=True)
class Runtime:
    """What the shells hold on to."""

    settings: Settings
    engine: Engine
    sessions: db.Sessions
    vault: Vault
    chain: Chain
    now: Callable[[], datetime]
    streams: Streams  # holds no line before somebody asks it to
    vitals: Vitals
    heartbeat: Heartbeat
    http: httpx.Client

    def websub_token(self, source_id: int) -> str:
        """What makes the address that a hub calls one that nobody else can guess."""
        return _websub_token(self.vault, source_id)

    def websub_secret(self, source_id: int, topic: str) -> str:
        """What a hub signs its deliveries with."""
        return _websub_secret(self.vault, source_id, topic)

    @property
    def act_links(self) -> ActLinks:
        """Links by which people act from a message."""
        return _act_links(self.settings, self.vault)

    def page_key(self, incident_id: int) -> str:
        """What the address of an incident's page holds: who has it may read that page, and no other."""
        return _page_key(self.vault, incident_id)

    @property
    def ingest(self) -> IngestContext:
        """The listening end of the chain."""
        return self.chain.ingest


@contextmanager
def open_runtime(
    settings: Settings,
    *,
    now: Callable[[], datetime] = clock.utc_now,
    transport: httpx.BaseTransport | None = None,
    console: Console | None = None,
    monotonic: Callable[[], float] = time.monotonic,
) -> Iterator[Runtime]:
    """A runtime on the settings' database, its tables up to date; closed at the end.

    `now`, `monotonic` and `transport` are where the world begins: tests give their own.
    """
    db.migrate(settings.database())
    engine, vitals = db.connect(settings.database()), Vitals(monotonic)
    db.watch(engine, vitals)
    sessions = db.sessions_of(engine)
    with sessions() as session:
        db.only_read(session)
        vault = open_vault(settings, sealed=bool(sealed_secrets(session)))
    forgotten = Forgotten(settings.forgotten(), vault.derive)
    with (
        open_client(settings, transport=transport) as http,
        open_client(settings, transport=transport, beside=http) as spare,
    ):
        dependencies = Dependencies(
            http=http,
            console=console or Console(),
            slack_token=settings.slack_bot_token,
            slack_api_url=settings.slack_api_url,
            slack_acts=bool(settings.slack_signing_secret or settings.slack_app_token),
            private_hosts=tuple(settings.allow_private_hosts),
            house=vault.derive("house")[:12],
            act_links=_act_links(settings, vault) if settings.public_url else None,
        )
        chain = Chain(
            IngestContext(
                Matchers(),
                _opener_of_sources(http, vault),
                timedelta(days=settings.retention_days),
                http.paces or Paces(),
                forgotten=forgotten,
                open_beside=_opener_of_sources(spare, vault),
            ),
            Following(ScoringEngine(FireDetector())),
            DeliveryContext(
                _opener_of_channels(dependencies, vault),
                settings.language,
                _links(settings, vault),
                now,
                frozenset(kind.name for kind in CHANNEL_KINDS if kind.probed),
            ),
            _hubs(http, settings, vault),
        )
        with sessions.begin() as session:
            db.alone(session, "tocsin: first start")
            policies.ensure_default(session, now=now())
            _ensure_channel(session, settings, now())
            recall_quotas(session, chain.ingest.paces, now=now())
        streams = Streams(
            StreamMeans(
                sessions,
                chain.ingest,
                _listener(vault),
                lambda call: dial(
                    http,
                    call.url,
                    headers=call.headers,
                    silence=call.silence,
                    allowed=settings.allow_private_hosts,
                ),
                now,
            )
        )
        try:
            heartbeat = Heartbeat(http, settings.heartbeat_url)
            yield Runtime(settings, engine, sessions, vault, chain, now, streams, vitals, heartbeat, http)
        finally:
            streams.close()
            chain.ingest.pool.close()
            chain.ingest.beside.close()
            chain.refreshing.pool.close()
            if chain.hubs is not None:
                chain.hubs.pool.close()
            engine.dispose()


def _opener_of_sources(http: httpx.Client, vault: Vault) -> Callable[[Source], Listening | None]:
    def opened(source: Source) -> Listening | None:
        kind = source_kind(source.kind)
        if kind.build is None:
            return None if kind.listen is None else _Unheard()
        settings = _settings_of(kind.name, kind.settings, source.settings, SourceError)
        if kind.secret == "needed" and not source.secret:  # noqa: S105 - a word, not a secret
            raise SourceError(f"it has no secret, and {kind.name} needs one. Set it.", permanent=True)
        return kind.build(settings, http, _secret(vault, source.secret, SourceError))

    return opened


class _Unheard:
    """A stream that nobody holds the line of."""

    def fetch(self, cursor: dict[str, Any], *, now: datetime) -> Batch:  # noqa: ARG002
        raise NotYet("it is a stream, and is heard while `tocsin serve` runs", timedelta(minutes=1))


def _listener(vault: Vault) -> Callable[[Source], tuple[Stream, bool] | None]:
    def listen(source: Source) -> tuple[Stream, bool] | None:
        kind = source_kind(source.kind)
        if kind.listen is None:
            return None
        settings = _settings_of(kind.name, kind.settings, source.settings, SourceError)
        stream = kind.listen(settings, _secret(vault, source.secret, SourceError))
        return None if stream is None else (stream, kind.floods)

    return listen


def _settings_of(
    kind: str,
    model: type[BaseModel],
    given: dict[str, Any],
    failure: type[SourceError] | type[ChannelError],
) -> BaseModel:
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise failure(f"its settings are not those of {kind}: {invalid(error)}.", permanent=True) from None


def _secret(vault: Vault, sealed: str | None, failure: type[SourceError] | type[ChannelError]) -> str | None:
    """The secret of a row, if it has one; the failure of such a row if it cannot be opened."""
    try:
        return vault.open(sealed) if sealed else None
    except AppError as error:
        raise failure(str(error), permanent=True) from None


def _opener_of_channels(dependencies: Dependencies, vault: Vault) -> Callable[[Channel], Telling]:
    kinds = {kind.name: kind for kind in CHANNEL_KINDS}

    def opened(channel: Channel) -> Telling:
        kind = kinds.get(channel.kind)
        if kind is None:
            raise ChannelError(f"there is no kind of channel {channel.kind!r}", permanent=True)
        settings = _settings_of(kind.name, kind.settings, channel.settings, ChannelError)
        # One that cannot be opened fails as what somebody must mend: others stand in, and people are told.
        mine = replace(dependencies, channel=channel.name)
        return kind.build(settings, mine, _secret(vault, channel.secret, ChannelError))

    return opened


def _hubs(http: httpx.Client, settings: Settings, vault: Vault) -> Hubs | None:
    base = settings.public_url.rstrip("/")
    if not base:
        return None

    def ask(hub: str, topic: str, callback: str, secret: str, now: datetime) -> None:
        websub.ask(http, hub, topic=topic, callback=callback, secret=secret, now=now)

    def address(source_id: int, _topic: str) -> str:
        return f"{base}/api/v1/sources/{source_id}/websub/{_websub_token(vault, source_id)}"

    return Hubs(ask, address, lambda source_id, topic: _websub_secret(vault, source_id, topic))


def _websub_token(vault: Vault, source_id: int) -> str:
    return vault.derive(f"websub address {source_id}")[:32]


def _websub_secret(vault: Vault, source_id: int, topic: str) -> str:
    return vault.derive(f"websub secret {source_id} {topic}")


def _links(settings: Settings, vault: Vault) -> Callable[[int], str | None]:
    base = settings.public_url.rstrip("/")
    return lambda number: f"{base}/incidents/{number}/{_page_key(vault, number)}" if base else None


def _act_links(settings: Settings, vault: Vault) -> ActLinks:
    return ActLinks(settings.public_url, vault.derive("links that act"))


def _page_key(vault: Vault, incident_id: int) -> str:
    return vault.derive(f"page of incident {incident_id}")[:32]


def _ensure_channel(session: Session, settings: Settings, now: datetime) -> None:
    """The Slack channel of the settings is among the channels; without any channel, the terminal is told."""
    names = set(session.scalars(select(Channel.name)))
    made = {"created_at": now, "updated_at": now}
    if settings.slack_bot_token is not None and settings.slack_channel:
        if "slack" not in names:
            where = {"channel": settings.slack_channel}
            session.add(Channel(name="slack", kind="slack", settings=where, **made))
    elif not names:
        session.add(Channel(name="terminal", kind="terminal", settings={}, **made))
