"""The fires of a day, written as the service writes them: their life, and what people do about them."""

import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.channels.facts import Facts
from app.errors import Conflict
from app.models import (
    MILESTONES,
    WITH_WATCH,
    Delivery,
    Incident,
    IncidentKind,
    Reason,
    State,
    Transition,
    VerdictWord,
    Watch,
)
from app.pipeline.incidents import respond
from app.pipeline.incidents.incidents import last_of, record
from app.pipeline.incidents.remind import unanswered, write_reminders
from tests.channels.factory import NOW, facts, points, sample
from tests.faults.day import Event

STEP, MINUTE = timedelta(minutes=5), timedelta(minutes=1)
SLOT = timedelta(hours=3)  # a fire of each watch, from first smoke to its end
STORMS = {2, 5}  # slots in which all watches catch fire at once
PEOPLE = ("Léa", "Noé", "Camille", "Sam")
COOLDOWN = timedelta(hours=6)

Step = Callable[[Session, datetime], None]


@dataclass
class Ledger:
    """What was written: which transitions are to be told, and which deliveries were held back at first."""

    told: set[int] = field(default_factory=set)
    held: set[int] = field(default_factory=set)
    fires: int = 0
    _seen: int = 0

    def note(self, session: Session, *, told: bool) -> None:
        """Enter the transitions that are new."""
        session.flush()
        new = session.execute(
            select(Transition.id, Delivery.id, Delivery.due_at > Delivery.created_at)
            .outerjoin(Delivery, Delivery.transition_id == Transition.id)
            .where(Transition.id > self._seen)
        )
        for transition, delivery, held in new:
            self._seen = max(self._seen, transition)
            if told:
                self.told.add(transition)
            if held:
                self.held.add(delivery)


class Fire:
    """One fire of a watch."""

    def __init__(self, rng: random.Random, ledger: Ledger, watch_id: int, *, rings: bool) -> None:
        self._rng, self._ledger, self._watch_id = rng, ledger, watch_id
        self._id = 0
        self._rate = float(rng.randint(20, 90))
        self._mentions = 0
        self.told = rings  # it is of a kind that rings

    def does(self, step: Step) -> Step:
        """The step, entered in the ledger."""

        def do(session: Session, at: datetime) -> None:
            step(session, at)
            self._ledger.note(session, told=self.told)

        return do

    def smoke(self, session: Session, at: datetime) -> None:
        self._open(session, at)
        record(session, self._incident(session), Reason.smoke, at=at, facts=self._facts(at))
        self._ledger.note(session, told=False)

    def ignite(self, session: Session, at: datetime) -> None:
        """It burns: the alert, or, soon after the story was told and with nothing new, not aloud."""
        incident = self._incident(session) if self._id else self._open(session, at)
        cooling = incident.last_alert_at is not None and at - incident.last_alert_at < COOLDOWN
        quietly = incident.story_id is not None and cooling and self._rng.random() < 0.4
        incident.state, incident.burning_at = State.burning, at
        incident.suppressed_by_kind, incident.kind = (
            (False, IncidentKind.fire) if self.told else (True, IncidentKind.buzz)
        )
        incident.suppressed_by_cooldown = quietly
        if not quietly:
            incident.last_alert_at = at if self.told else None
        self._ledger.fires += 1
        self._record(session, Reason.relit if quietly else Reason.ignited, at)

    def reveal(self, session: Session, at: datetime) -> None:
        incident = self._incident(session)
        incident.suppressed_by_kind, incident.kind, incident.last_alert_at = False, IncidentKind.fire, at
        self.told = True
        self._record(session, Reason.revealed, at)

    def grow(self, session: Session, at: datetime) -> None:
        self._rate *= 2
        self._incident(session).level += 1
        self._aloud(session, Reason.grew, at)

    def milestone(self, session: Session, at: datetime) -> None:
        self._aloud(session, self._rng.choice(MILESTONES), at)

    def go_on(self, session: Session, at: datetime) -> None:
        self._record(session, Reason.went_on, at)

    def flare(self, session: Session, at: datetime) -> None:
        self._incident(session).state = State.burning
        self._aloud(session, Reason.flared, at)

    def calm(self, session: Session, at: datetime) -> None:
        self._rate = 3.0
        self._incident(session).state = State.contained
        self._record(session, Reason.contained, at)

    def end(self, session: Session, at: datetime) -> None:
        incident = self._incident(session)
        incident.state, incident.out_at = State.out, at
        self._record(session, Reason.went_out, at)

    def acknowledge(self, session: Session, at: datetime) -> None:
        """Two press at once, and then perhaps a third takes over."""
        first, second, third = self._rng.sample(PEOPLE, 3)
        respond.acknowledge(session, self._id, by=first, now=at)
        with suppress(Conflict):
            respond.acknowledge(session, self._id, by=second, now=at)
        if self._rng.random() < 0.2:
            respond.take_over(session, self._id, by=third, now=at)

    def snooze(self, session: Session, at: datetime) -> None:
        until = at + self._rng.randint(20, 150) * MINUTE
        respond.snooze(session, self._id, until=until, by=self._rng.choice(PEOPLE), now=at)

    def close(self, session: Session, at: datetime) -> None:
        respond.close(session, self._id, by=self._rng.choice(PEOPLE), now=at, note="seen to")

    def judge(self, session: Session, at: datetime) -> None:
        respond.judge(session, self._id, verdict=VerdictWord.fire, by=self._rng.choice(PEOPLE), now=at)

    def _open(self, session: Session, at: datetime) -> Incident:
        watch = session.get_one(Watch, self._watch_id)
        recent = last_of(session, watch, at=at)
        story = recent if recent is not None and recent.burning_at is not None else None
        incident = Incident(
            watch_id=watch.id,
            story_id=(story.story_id or story.id) if story else None,
            state=State.smouldering,
            onset_at=at - 2 * STEP,
            opened_at=at,
            last_transition_at=at,
            peak_at=at,
            peak=0.0,
            last_alert_at=recent.last_alert_at if recent else None,
            threshold=5.0,
        )
        session.add(incident)
        session.flush()
        incident.watch = watch
        self._id = incident.id
        return incident

    def _incident(self, session: Session) -> Incident:
        return session.get_one(Incident, self._id, options=[WITH_WATCH])

    def _aloud(self, session: Session, reason: Reason, at: datetime) -> None:
        incident = self._incident(session)
        incident.suppressed_by_cooldown = False
        if self.told:
            incident.last_alert_at = at
        self._record(session, reason, at)

    def _record(self, session: Session, reason: Reason, at: datetime) -> None:
        incident, known = self._incident(session), self._facts(at)
        incident.last_transition_at, incident.mentions = at, known.mentions
        if known.observed > incident.peak:
            incident.peak, incident.peak_at = known.observed, at
        record(session, incident, reason, at=at, facts=known)

    def _facts(self, at: datetime) -> Facts:
        observed = round(self._rate * self._rng.uniform(1.0, 1.3))
        self._mentions += observed
        shift, onset = at - NOW, at - 30 * MINUTE
        return facts(
            observed=observed,
            mentions=self._mentions,
            authors=self._mentions // 2 + 1,
            onset_at=onset,
            points=tuple(point.model_copy(update={"at": point.at + shift}) for point in points()),
            samples=(sample(published_at=onset), sample(post_id=9, why="latest", published_at=at - MINUTE)),
        )


def fires_of(rng: random.Random, ledger: Ledger, watch_id: int, begin: datetime, slots: int) -> list[Event]:
    """A fire of the watch in each slot of the day."""
    events: list[Event] = []
    for slot in range(slots):
        late = 3 if slot in STORMS else rng.randrange(6)
        fire = Fire(rng, ledger, watch_id, rings=rng.random() > 0.1)
        lived = list(_life(rng, fire, begin + slot * SLOT + late * STEP))
        events += [Event(at, fire.does(step)) for at, step in lived]
    return events


def _life(rng: random.Random, fire: Fire, at: datetime) -> Iterator[tuple[datetime, Step]]:
    if rng.random() < 0.3:
        yield at, fire.smoke
        at += 2 * STEP
    burning = [at]
    yield at, fire.ignite
    for _ in range(rng.choice([1, 1, 1, 2, 2])):
        at += rng.randint(1, 3) * STEP
        burning.append(at)
        if len(burning) == 2 and not fire.told and rng.random() < 0.6:
            yield at, fire.reveal
        else:
            yield at, rng.choice([fire.grow, fire.go_on, fire.go_on, fire.milestone])
    yield from _people(rng, fire, burning)
    if rng.random() < 0.1:
        yield at + 90 * timedelta(seconds=1), fire.close
        return
    at += rng.randint(2, 5) * STEP
    yield at, fire.calm
    if rng.random() < 0.2:
        at += 2 * STEP
        yield at, fire.flare
        at += 2 * STEP
        yield at, fire.calm
    at += rng.randint(2, 5) * STEP
    yield at, fire.end
    if rng.random() < 0.3:
        yield at + rng.randint(60, 900) * timedelta(seconds=1), fire.judge


def _people(rng: random.Random, fire: Fire, burning: list[datetime]) -> Iterator[tuple[datetime, Step]]:
    """What people do in the midst of it, at any second."""
    for act, likely in ((fire.acknowledge, 0.5), (fire.snooze, 0.25)):
        if rng.random() < likely and len(burning) > 1:
            begin, end = rng.choice(list(pairwise(burning)))
            yield begin + rng.uniform(0.05, 0.95) * (end - begin), act


def reminders(ledger: Ledger, begin: datetime, end: datetime) -> Iterator[Event]:
    """The service looks every five minutes whether somebody has taken what burns."""

    def look(session: Session, at: datetime) -> None:
        write_reminders(session, unanswered(session, now=at), now=at)
        ledger.note(session, told=True)

    at = begin
    while at < end:
        yield Event(at + timedelta(seconds=1), look)
        at += STEP
