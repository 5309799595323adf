"""What the cases of the decision are written with: how an incident stands, what is seen, what is wanted."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from app.channels.acts import Act, Audience
from app.models import Reason, State
from app.pipeline.incidents.decide import Hold
from app.pipeline.incidents.standing import Rules, Signal, Standing, Thresholds

# ruff: noqa: ANN401 - the fields of a standing are of many types

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
RULES = Rules(Thresholds(alarm=2.0, calm=1.0, smoke=1.5), calm_for=HOUR, out_after=6 * HOUR)
REST = Standing()
FREE, NOW = Hold(), timedelta(0)
NOBODY, INFORMED, EVERYONE = Audience.nobody, Audience.informed, Audience.everyone


def ago(minutes: float) -> datetime:
    return AT - minutes * MINUTE


def smouldering(**more: Any) -> Standing:
    return replace(Standing(State.smouldering), **more)


def burning(**more: Any) -> Standing:
    """A fire that was told at 100 mentions an hour, so long ago that nothing of it cools down any more."""
    return replace(
        Standing(State.burning, alerted_rate=100.0, burning_at=ago(600), last_alert_at=ago(600)), **more
    )


def contained(**more: Any) -> Standing:
    return replace(burning(), state=State.contained, **more)


def story(**more: Any) -> Standing:
    """Nothing burns, but did: the story was told at 100 mentions an hour."""
    return burning(out_at=ago(60), **more).rekindled()


def seen(score: float, observed: float = 100.0, high: float = 20.0, news: Reason | None = None) -> Signal:
    return Signal(AT, score, observed, high, news)


@dataclass(frozen=True)
class Case:
    """What is so, and what follows from it."""

    says: str
    standing: Standing
    signal: Signal
    reason: Reason | None
    state: State  # after it
    told: Audience = NOBODY
    later: Act = Act.nothing  # where the story has its message
    after: dict[str, Any] = field(default_factory=dict)  # of the standing after it, what matters
    kind: str = "fire"
    hold: Hold = FREE
    due: timedelta = NOW  # after the instant


def quiet(says: str, standing: Standing, signal: Signal, **after: Any) -> Case:
    """Nothing is to be written down."""
    return Case(says, standing, signal, None, standing.state, after=after)


def alert(says: str, standing: Standing, signal: Signal, reason: Reason, **after: Any) -> Case:
    """All are told aloud."""
    aloud = {"last_alert_at": AT, "suppressed_by_cooldown": False}
    return Case(says, standing, signal, reason, State.burning, EVERYONE, Act.broadcast, aloud | after)


def relit(says: str, standing: Standing, signal: Signal) -> Case:
    """It burns again, and that is not told aloud."""
    after = {
        "suppressed_by_cooldown": True,
        "last_alert_at": standing.last_alert_at,
        "alerted_rate": standing.alerted_rate,
        "calm_since": None,
    }
    return Case(says, standing, signal, Reason.relit, State.burning, INFORMED, Act.update, after)


def news(says: str, standing: Standing, signal: Signal) -> Case:
    """A milestone is told in the thread."""
    assert signal.news is not None
    after = {"last_alert_at": AT, "suppressed_by_cooldown": False, "alerted_rate": 100.0, "level": 0}
    return Case(says, standing, signal, signal.news, State.burning, INFORMED, Act.reply, after)


def went_on(says: str, standing: Standing, signal: Signal) -> Case:
    """What was told is brought up to date."""
    after = {"last_alert_at": standing.last_alert_at, "last_transition_at": AT, "calm_since": None}
    return Case(says, standing, signal, Reason.went_on, State.burning, INFORMED, Act.update, after)


def calmed(says: str, standing: Standing, signal: Signal, reason: Reason, later: Act = Act.reply) -> Case:
    """It is less than it was."""
    state = State.contained if reason is Reason.contained else State.out
    after = {"calm_since": standing.calm_since, "out_at": AT if state is State.out else None}
    return Case(says, standing, signal, reason, state, INFORMED, later, after)


def buzz(says: str, standing: Standing, signal: Signal, reason: Reason, later: Act, **after: Any) -> Case:
    """It burns and is of a kind that does not ring: recorded, and nobody is told."""
    untold = {"suppressed_by_kind": True, "last_alert_at": None}
    return Case(says, standing, signal, reason, State.burning, NOBODY, later, untold | after, kind="buzz")


def held(case: Case, hold: Hold, due: timedelta) -> Case:
    """Something holds messages back; `due` is how long it holds back this one."""
    return replace(case, hold=hold, due=due)


GREW, FLARED, IGNITED = Reason.grew, Reason.flared, Reason.ignited
SPREAD = seen(3.0, news=Reason.spread)
UNTOLD = burning(suppressed_by_kind=True, last_alert_at=None)
HUSHED = {"suppressed_by_cooldown": True}
