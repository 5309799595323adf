"""Looks after the passes from inside: when they stop, the channels are told past the queue they would fill.

It knows the channels from the last pass that worked, as a database that hangs may be why there is none.
"""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError

from app import metrics
from app.channels.base import Earlier
from app.channels.notices import Standstill, known_language
from app.db import only_read
from app.logs import log
from app.models import Channel
from app.pipeline.delivery.messages import first_zone
from app.pipeline.delivery.outbox import enabled, first_told
from app.runtime import Runtime

_PATIENCE = 5  # passes that are missing
_LEAST = timedelta(minutes=5)


class Watchdog:
    """Tells the channels once when no pass ends any more, and once when passes are made again."""

    def __init__(self, runtime: Runtime, seconds: int) -> None:
        self._runtime = runtime
        self._patience = max(_PATIENCE * timedelta(seconds=seconds), _LEAST)
        self._channels: Sequence[Channel] = ()
        self._zone = "UTC"
        self._told = False

    def remember(self) -> None:
        """Keep who is told, while the database answers."""
        try:
            with self._runtime.sessions() as session:
                only_read(session)
                self._channels, self._zone = first_told(enabled(session)), str(first_zone(session))
        except SQLAlchemyError as error:
            log().warning("channels not remembered", why=type(error).__name__)

    def look(self) -> None:
        """Tell that the passes stand still, or that they go on, if that is new."""
        vitals = self._runtime.vitals
        since = max(vitals.since_pass(), vitals.failing_for())  # what cannot be written down is no pass
        stands = since > self._patience
        if stands == self._told:
            return
        self._told = stands
        log().error("passes stand still", seconds=since.seconds) if stands else log().info("passes go on")
        for channel in self._channels:
            self._tell(channel, since if stands else timedelta(0))

    def _tell(self, channel: Channel, since: timedelta) -> None:
        now = self._runtime.now()
        said = Standstill(
            at=now,
            since=now - since,
            goes_on=not since,
            why=self._runtime.vitals.failing() or "",
            language=known_language(channel.language, self._runtime.settings.language),
            time_zone=self._zone,
        )
        try:
            self._runtime.chain.delivery.open(channel).say(said, Earlier(), now=now)
        except Exception as error:  # noqa: BLE001 - the next channel is told all the same
            log().warning("standstill not told", channel=channel.name, why=type(error).__name__)
            metrics.count(metrics.deliveries, channel.kind, "failed")
