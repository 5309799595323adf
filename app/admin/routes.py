"""Routes: which channel is told of a watch, of what, in which language, and who stands in for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.models import Watch
from app.pipeline.delivery.failover import fails
from app.pipeline.delivery.outbox import enabled, fallback_of, named_channels, routed, takes


@dataclass(frozen=True, slots=True)
class Route:
    """One channel that a watch alerts."""

    channel: str
    kind: str  # of channel
    language: str
    from_level: int
    kinds: tuple[str, ...]  # of incident
    works: bool
    why: str  # it does not
    fallback: tuple[str, ...]  # those that are switched on


def routes_of(session: Session, watch: Watch, *, language: str, now: datetime) -> list[Route]:
    """The routes of the watch, in the order of its channels; `language` is the service's."""
    everyone = enabled(session)
    own = named_channels(session, [watch.id])[watch.id]
    on = {channel.name for channel in everyone}
    return [
        Route(
            channel=channel.name,
            kind=channel.kind,
            language=channel.language or watch.language or language,
            from_level=channel.from_level,
            kinds=tuple(kind for kind in watch.policy.rings if takes(channel, kind, channel.from_level)),
            works=not fails(channel, now),
            why=channel.broken_why,
            fallback=tuple(name for name in fallback_of(channel) if name in on),
        )
        for channel in routed(own, everyone, watch.team_id)
    ]


def hole(routes: Sequence[Route], rings: Sequence[str]) -> str:
    """What of the watch nobody would be told of, in a sentence; empty if nothing is."""
    if not routes:
        return "no channel is told: add one, or enable one"
    untold = [kind for kind in rings if not any(kind in route.kinds for route in routes)]
    if untold:
        return f"no channel takes {' and '.join(untold)}, which its policy rings for"
    lowest = min(route.from_level for route in routes)
    if lowest > 0:
        return f"nobody is told before level {lowest}: let one channel begin at 0"
    return ""


def sentence(route: Route, rings: Sequence[str]) -> str:
    """The route in one line, for people."""
    text = f"{route.channel} ({route.kind}, {route.language}"
    text += f", from level {route.from_level}" if route.from_level else ""
    text += f", {', '.join(route.kinds) or 'nothing'} only" if set(route.kinds) != set(rings) else ""
    text += ")"
    return f"{text}, else {', '.join(route.fallback)}" if route.fallback else text
