"""How long it is until somebody has a fire, where ways fail and people sleep: 1,000 fires, three people.

    python -m benchmarks.escalation [--fires 1000] [--fails 0.3] [--sleeps 0.4] [--minutes 60] [--seed 1]

The real steps run, minute by minute, on a database: reminders and calls, the queue, lapses. Each message to
a person (a mention in the team's channel, or a call by their own way) is lost with the one probability, and
is slept through with the other, each time anew; who hears it takes the fire in hand a minute later. Nobody
knows of a loss: the way said that it took the message. Wanted: 99 % within 15 minutes of the alert, and
nothing told twice.
"""

import argparse
import random
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import db, logs
from app.admin import people, policies, rotas
from app.admin.policy_specs import PolicySpec
from app.admin.team_specs import LayerSpec, PersonSpec, RotaSpec
from app.channels.base import Alert, Earlier, Sent
from app.channels.facts import Facts
from app.channels.notices import Announcement
from app.db import Sessions
from app.errors import Conflict
from app.models import Channel, Incident, Policy, Reason, State, Watch
from app.pipeline.delivery.messages import DeliveryContext
from app.pipeline.delivery.notify import notify
from app.pipeline.guard import Guard
from app.pipeline.incidents import respond
from app.pipeline.incidents.incidents import record
from app.pipeline.incidents.lapse import lapse
from app.pipeline.incidents.remind import remind
from app.pipeline.oncall.unanswered import unanswered_calls

NOW = datetime(2026, 11, 30, 2, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
NAMES = ("Léa", "Max", "Zoé")
WANTED, WITHIN = 0.99, 15  # of the fires, minutes
_A_NIGHT = 100  # fires at once: what is measured is how people are called, not how many at once


@dataclass
class Night:
    """The people, asleep or not, and what reaches them."""

    fails: float
    sleeps: float
    dice: random.Random
    heard: dict[int, tuple[datetime, str]] = field(
        default_factory=dict
    )  # by incident: who will take it, and when
    told: Counter[tuple[int, str]] = field(default_factory=Counter)  # by delivery and person
    calls: Counter[str] = field(default_factory=Counter)

    def reach(self, alert: Alert, name: str, now: datetime) -> None:
        """Let one message get to one person, or not."""
        self.calls[name] += 1
        self.told[alert.delivery_id, name] += 1
        if self.dice.random() < self.fails or self.dice.random() < self.sleeps:
            return
        due = now + MINUTE
        if alert.incident_id not in self.heard or due < self.heard[alert.incident_id][0]:
            self.heard[alert.incident_id] = (due, name)


@dataclass(frozen=True)
class Way:
    """A channel that takes every message, and may lose it."""

    night: Night
    owner: str  # empty: the team's, in which people are mentioned

    def tell(self, alert: Alert, earlier: Earlier, *, now: datetime) -> Sent:
        """Reach whom the message is for."""
        handle = earlier.root or f"m{alert.delivery_id}"
        for name in [self.owner] if self.owner else [one.name for one in alert.called or ()]:
            self.night.reach(alert, name, now)
        return Sent(handle)

    def say(self, news: Announcement, earlier: Earlier, *, now: datetime) -> Sent:  # noqa: ARG002
        """Nobody is called by it."""
        return Sent(None)

    def check(self, *, now: datetime) -> str:  # noqa: ARG002
        """It works."""
        return ""


def team(session: Session) -> None:
    """Three people with a way of their own each, the team's channel, and the rota."""
    stamps = {"created_at": NOW, "updated_at": NOW}
    session.add(Channel(name="team", kind="slack", settings={}, **stamps))
    for name in NAMES:
        person = people.create(
            session, PersonSpec(name=name, slack_user=f"U0{name[0]}"), by="benchmark", now=NOW
        )
        session.flush()
        session.add(
            Channel(name=f"phone of {name}", kind="webhook", settings={}, person_id=person.id, **stamps)
        )
    layer = LayerSpec(people=list(NAMES), starts_on=date(2026, 1, 5), hand_over=time(9))
    rotas.create(session, RotaSpec(name="comms", layers=[layer]), by="benchmark", now=NOW)
    session.flush()
    policies.create(session, PolicySpec(name="calm", rota="comms"), by="benchmark", now=NOW)


def light(session: Session, fires: int) -> None:
    """As many fires, each of a watch of its own, told at once."""
    facts = Facts(
        observed=48, expected=6, low=3, high=11, score=4, threshold=2.9, quiet_below=19, mentions=90,
        onset_at=NOW - 30 * MINUTE, authors=61, loudest=None, sources=(), amplified=0,
    )  # fmt: skip
    policy = session.scalars(select(Policy)).one()
    for n in range(fires):
        watch = Watch(
            name=f"brand {n}", query={"any_of": [f"brand{n}"]}, languages=[], policy=policy, created_at=NOW,
            updated_at=NOW,
        )  # fmt: skip
        incident = Incident(
            watch=watch, state=State.burning, level=0, onset_at=facts.onset_at, opened_at=NOW, burning_at=NOW,
            last_transition_at=NOW, last_alert_at=NOW, peak_at=NOW, peak=48, mentions=90, alerted_rate=48,
            top_score=4, threshold=2.9,
        )  # fmt: skip
        session.add(incident)
        session.flush()
        record(session, incident, Reason.ignited, at=NOW, facts=facts)


def live(sessions: Sessions, night: Night, minutes: int) -> tuple[dict[int, int], int, int]:
    """(by incident the minutes until somebody had it, takes that came second, fires told as unanswered)."""
    with sessions() as session:
        owners = {
            row.id: row.name.removeprefix("phone of ") if row.person_id else ""
            for row in session.scalars(select(Channel))
        }
    context = DeliveryContext(lambda channel: Way(night, owners[channel.id]), "en", lambda _incident: None)
    taken: dict[int, int] = {}
    second, silent = 0, set[int]()
    for minute in range(minutes + 1):
        now = NOW + minute * MINUTE
        for incident_id, (due, name) in list(night.heard.items()):
            if due <= now:
                try:
                    with sessions.begin() as session:
                        respond.acknowledge(session, incident_id, by=name, now=now)
                    taken[incident_id] = minute
                except Conflict:
                    second += 1
                del night.heard[incident_id]
        guard = Guard(sessions, now=now)
        lapse(sessions, guard, now=now)
        remind(sessions, guard, now=now)
        while notify(sessions, context, guard, now=now) == 500:
            pass
        guard.raise_errors()
        with sessions() as session:
            silent |= {one.incident_id for one in unanswered_calls(session)}
    return taken, second, len(silent)


@dataclass
class Outcome:
    """What came of the fires of all nights."""

    after: list[int] = field(default_factory=list)  # minutes until somebody had it, of those that were taken
    second: int = 0
    silent: int = 0
    twice: int = 0
    calls: Counter[str] = field(default_factory=Counter)

    def add(self, fires: int, night: Night, minutes: int) -> None:
        """Live through one night, on a database of its own."""
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite:///{Path(folder) / 'night.db'}"
            db.migrate(url)
            engine = db.connect(url, durable=False)
            sessions = db.sessions_of(engine)
            with sessions.begin() as session:
                team(session)
            with sessions.begin() as session:
                light(session, fires)
            taken, second, silent = live(sessions, night, minutes)
            engine.dispose()
        self.after = sorted([*self.after, *taken.values()])
        self.second += second
        self.silent += silent
        self.twice += sum(count > 1 for count in night.told.values())
        self.calls += night.calls


def main() -> None:
    """Print the distribution."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--fires", type=int, default=1000)
    parser.add_argument("--fails", type=float, default=0.3)
    parser.add_argument("--sleeps", type=float, default=0.4)
    parser.add_argument("--minutes", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    logs.configure("error", "json")
    outcome, dice = Outcome(), random.Random(given.seed)
    for first in range(0, given.fires, _A_NIGHT):
        fires = min(_A_NIGHT, given.fires - first)
        outcome.add(fires, Night(given.fails, given.sleeps, dice), given.minutes)
        print(f"{first + fires} of {given.fires} fires", end="\r", file=sys.stderr)
    within = sum(minutes <= WITHIN for minutes in outcome.after) / given.fires
    print(f"{given.fires} fires, ways fail {given.fails:.0%}, calls slept through {given.sleeps:.0%}")
    for part in (0.5, 0.9, 0.95, 0.99, 0.999):
        place = int(part * given.fires)
        minutes = outcome.after[place] if place < len(outcome.after) else "more than were lived"
        print(f"  {part:6.1%} have somebody within {minutes} min")
    print(f"  within {WITHIN} min: {within:.1%} (wanted {WANTED:.0%})")
    print(f"  nobody in {given.minutes} min: {given.fires - len(outcome.after)}")
    print(
        f"  told as unanswered: {outcome.silent}; told twice: {outcome.twice}; taken second: {outcome.second}"
    )
    print(f"  messages a fire: {', '.join(f'{n} {outcome.calls[n] / given.fires:.1f}' for n in NAMES)}")
    counts = Counter(outcome.after)
    for minute in sorted(counts):
        print(f"  {minute:3} min {counts[minute]:4} {'#' * (counts[minute] * 60 // given.fires)}")


if __name__ == "__main__":
    main()
