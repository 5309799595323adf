"""One bucket of one watch: what is seen becomes a decision, and the decision a transition with its facts.

The decision itself is pure, in `decide`; here is what it is made from and what comes of it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from math import isnan

from sqlalchemy.orm import Session

from app.channels.acts import LOUDNESS, Audience, Cooldown
from app.channels.facts import Facts
from app.clock import STEP
from app.models import Incident, Reason, State, Transition, Watch
from app.pipeline.delivery.outbox import CatchUp
from app.pipeline.incidents.decide import Decision, Occurrence, decide, what_happened
from app.pipeline.incidents.explain import explain
from app.pipeline.incidents.hold import hold_of
from app.pipeline.incidents.incidents import (
    last_facts,
    last_of,
    open_incident,
    record_decision,
    standing_of,
    store_standing,
)
from app.pipeline.incidents.late import LateFire
from app.pipeline.incidents.milestones import AlertContext, alert_context_of, joining, milestone_of
from app.pipeline.incidents.second_key import may_turn
from app.pipeline.incidents.standing import Rules, Signal, Standing, Story
from app.pipeline.incidents.stories import JOINS, join, others_told, told_elsewhere
from app.pipeline.incidents.story_news import grow_with, measure_from, renew, story_of
from app.pipeline.incidents.untold import note_untold
from app.pipeline.scoring.arming import armed
from app.pipeline.scoring.counts import HEARD
from app.pipeline.scoring.detect import ScoringEngine
from app.pipeline.scoring.hours import hour_before
from app.pipeline.scoring.scored_series import ScoredSeries

Listener = Callable[[Transition, Incident], None]


@dataclass(frozen=True, slots=True)
class BucketStep:
    """A bucket of a watch, when it has ended."""

    session: Session
    scoring: ScoringEngine
    scored: ScoredSeries
    watch: Watch
    rules: Rules
    column: int  # of the bucket
    score: float
    listen: Listener | None = None  # a replay hears what is written
    catch_up: CatchUp | None = None  # the pass comes long after it
    stories: bool = True  # watches that burn in one fire share a story; a preview's do not
    late: LateFire | None = None  # what burnt before it, in posts that have come since

    @property
    def at(self) -> datetime:
        """When the bucket ended."""
        return self.scored.series.start + (self.column + 1) * STEP

    @property
    def _last(self) -> int:
        """The end of the hour that is told: that of the bucket, or of what came late."""
        return (self.late.column if self.late else self.column) + 1

    def follow(self, incident: Incident | None) -> Incident | None:
        """Write what the bucket means for the open incident of the watch; the one that is open after it."""
        signal = self._signal(incident)
        recent = self._recent(signal) if incident is None else None
        standing, happened = what_happened(_standing(incident, recent), signal, self.rules)
        if happened is not None:
            self.scoring.look_back(self.session, self._row, self.column + 1)
            incident = incident or open_incident(
                self.session, self.scored, self.watch, self.column + 1, recent=recent,
                seen_until=self._last, threshold=self.rules.thresholds.alarm,
            )  # fmt: skip
        if incident is None:
            return None  # quiet, or another cycle was first and the next one goes on from what it wrote
        if signal.crossed and incident.state is State.burning:
            measure_from(incident, signal.observed)
        self._count(incident, signal)
        store_standing(incident, standing)
        facts = None
        if happened is not None:
            self.scoring.forget_incidents()
            facts = self._write(incident, standing, happened)
        if happened is None or happened.reason is Reason.smoke:
            self._try_second_key(incident, signal, facts)
        return None if incident.state is State.out else incident

    def _try_second_key(self, incident: Incident, signal: Signal, facts: Facts | None) -> None:
        """Ring, or reveal, what is not told yet if its words are those of a fire; asked when posts came.

        `facts` are those of this bucket, if its posts were read already.
        """
        untold = incident.state is State.burning and incident.suppressed_by_kind
        if not signal.armed or not (untold or incident.state is State.smouldering):
            return
        posts_came = self.scored.series.mentions[self._row, self.column] > 0
        if (
            facts is None
            and posts_came
            and may_turn(self.session, self.watch, began=incident.onset_at, at=self.at)
        ):
            facts = self._explain(incident, was_told=False, reread=True)
        if facts is None or not facts.second_key or self._is_known(incident):
            return
        standing, happened = what_happened(
            standing_of(incident), replace(signal, second_key=True), self.rules
        )
        store_standing(incident, standing)
        if happened is not None:
            self._write(incident, standing, happened, facts)

    def _is_known(self, incident: Incident) -> bool:
        """Whether people were told of these posts by another watch: then only the volume is news of them."""
        return self.stories and told_elsewhere(self.session, incident, at=self.at)

    @property
    def _row(self) -> int:
        return self.scored.row(self.watch.id)

    def _signal(self, incident: Incident | None) -> Signal:
        hour = hour_before(self.scored, self._row, self._last)
        if self.late is not None:
            return Signal(self.at, self.late.score, hour.observed, hour.high, heard=False)
        heard = bool(self.scored.series.coverage[self._row, self.column] >= HEARD)
        news = self._news(incident, hour.observed)
        crossed = incident is not None and incident.top_score < self.rules.thresholds.alarm <= self.score
        return Signal(
            self.at, self.score, hour.observed, hour.high, news, heard, self._is_armed(), crossed=crossed
        )

    def _is_armed(self) -> bool:
        """Whether what is said may ring before the volume does."""
        threshold = self.rules.thresholds.alarm
        return bool(armed(self.scored, self.watch, self.column, self.column + 1, threshold=threshold)[0])

    def _news(self, incident: Incident | None, observed: float) -> Reason | None:
        """What is new of a fire since the last alert; looked for no oftener than it may be told."""
        if (
            incident is None
            or incident.last_alert_at is None
            or not self.score >= self.rules.thresholds.alarm
        ):
            return None
        if self.at - incident.last_alert_at < self.rules.refresh_after:
            return None
        with self.session.no_autoflush:  # what was noted of the incident is not what is asked for
            return milestone_of(self.session, self.watch, incident, at=self.at, observed=observed)

    def _recent(self, signal: Signal) -> Incident | None:
        """The incident whose story goes on if one begins now; nothing begins below the smoke."""
        raised = signal.armed or signal.score >= self.rules.thresholds.smoke
        return last_of(self.session, self.watch, at=self.at) if raised else None

    def _count(self, incident: Incident, signal: Signal) -> None:
        before, smoke = incident.top_score, self.rules.thresholds.smoke
        incident.top_score = max(before, 0.0 if isnan(signal.score) else signal.score)
        if before < smoke <= incident.top_score:
            self.scoring.forget_incidents()  # from here on it is none that is learnt from
        incident.mentions += int(self.scored.series.mentions[self._row, self.column])
        if signal.observed > incident.peak:
            incident.peak = signal.observed
            incident.peak_at = self.scored.series.start + self._last * STEP

    def _write(
        self, incident: Incident, standing: Standing, happened: Occurrence, facts: Facts | None = None
    ) -> Facts:
        """Read what the posts say, decide what is told of it, and write it down; `facts`: they were read."""
        voice = None
        if happened.reason is Reason.joined:
            voice = joining(self.session, self.watch, incident, at=self.at)
        if facts is None:
            facts = self._explain(
                incident, was_told=happened.was_told, reread=happened.reason is not Reason.went_on
            )
        if standing.state is not State.burning and incident.suppressed_by_kind:
            facts = self._of_same_source(incident, facts)
        if voice is not None:
            facts = facts.model_copy(update={"joined": voice})
        hold = hold_of(self.session, incident, at=self.at)
        decide_it = partial(decide, standing, happened, hold, kind=facts.kind, rings=self.rules.rings)
        decision, story, burnt_before = decide_it(), None, incident.story_id
        others = self._others(incident, decision)
        if others and decision.audience is Audience.everyone:
            story, adds = story_of(
                self.session, self.watch, incident, others, facts, at=self.at, cooldown=self.rules.cooldown
            )
            decision = decide_it(story=story)
            if decision.reason in JOINS and incident.story_id != burnt_before:
                facts = facts.model_copy(update={"adds": adds})
        if standing.last_alert_at == self.at:
            # What the story was told to be is no news any more.
            context = alert_context_of(self.session, self.watch, incident, happened.reason, at=self.at)
            incident.alert_context = context.model_dump(mode="json")
        incident.kind = facts.kind
        self._note_told(incident, others, decision, story, happened.observed)
        transition = record_decision(self.session, incident, decision, facts=facts, catch_up=self.catch_up)
        note_untold(self.session, incident, decision, facts)
        if self.listen is not None:
            self.listen(transition, incident)
        return facts

    def _others(self, incident: Incident, decision: Decision) -> list[Incident]:
        """Of what is told anew, the incidents of other watches that are one fire with this one."""
        told = decision.audience is not Audience.nobody
        if not (self.stories and told and LOUDNESS[decision.reason].cooldown is Cooldown.begins):
            return []
        if decision.reason in JOINS:
            join(self.session, incident, at=self.at)
        return others_told(self.session, incident)

    def _note_told(
        self,
        incident: Incident,
        others: Sequence[Incident],
        decision: Decision,
        story: Story | None,
        observed: float,
    ) -> None:
        """Note in the whole story what it is told by this decision, so that it is told once."""
        if decision.audience is Audience.everyone:
            told_at, posts = self.at, story.posts if story else observed
            if story is not None and decision.suppressed_by_story:
                told_at, posts = story.told_at, story.posts_told
            context = AlertContext.of(incident)
            told = context.model_copy(update={"told_at": told_at, "posts": posts})
            incident.alert_context = told.model_dump(mode="json")
        last = self.column + 1
        if not decision.suppressed_by_story:
            renew(self.session, self.scored, incident, others, decision.reason, last=last, at=self.at)
        elif decision.reason is Reason.grew:
            grow_with(self.scored, others, last=last)

    def _of_same_source(self, incident: Incident, facts: Facts) -> Facts:
        """The facts of what calms, put down to the same source: the other watches are calm by then too."""
        known = last_facts(self.session, incident)
        if known.swing is None:
            return facts
        same = {name: getattr(known, name) for name in ("kind", "kind_because", "swing")}
        return facts.model_copy(update=same)

    def _explain(self, incident: Incident, *, was_told: bool, reread: bool) -> Facts:
        return explain(
            self.session,
            self.scoring,
            self.scored,
            self.watch,
            began=incident.onset_at,
            last=self.column + 1,
            seen_until=self._last,
            threshold=self.rules.thresholds.alarm,
            # What people are reading stays; where nobody was told, all is read anew.
            known=last_facts(self.session, incident) if was_told else None,
            reread=reread,
            kept_quiet=incident.suppressed_by_kind and not was_told,
        )


def _standing(incident: Incident | None, recent: Incident | None) -> Standing:
    """How the open incident stands; if there is none, with what its story remembers."""
    if incident is not None:
        return standing_of(incident)
    return standing_of(recent).rekindled() if recent else Standing()
