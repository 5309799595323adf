"""What is so of an incident, and what is decided: each case reads as a rule, each border from both sides."""

# ruff: noqa: ANN401 - the fields of a standing are of many types

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from math import nan
from typing import Any

from app.channels.acts import Act, Audience
from app.models import MILESTONES, Reason, State
from app.pipeline.incidents.decide import Hold
from app.pipeline.incidents.standing import Rules, Signal, Standing, Thresholds

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

# fmt: off
NOTHING_BURNS = [
    quiet("an ordinary hour is nothing", REST, seen(0.5), calm_since=None),
    quiet("just below the threshold for smoke is nothing", REST, seen(1.499)),
    quiet("what was not heard is nothing", REST, seen(nan)),
    quiet("nor is what was hardly heard and is not enough by itself", REST, replace(seen(1.9), heard=False)),
    alert("what was hardly heard and is enough by itself rings", REST, replace(seen(2.0), heard=False),
          IGNITED, alerted_rate=100.0),
    Case("at the threshold for smoke it is recorded",
         REST, seen(1.5), Reason.smoke, State.smouldering,
         after={"burning_at": None, "last_alert_at": None, "last_transition_at": AT}),
    Case("just below the threshold it is smoke", REST, seen(1.999), Reason.smoke, State.smouldering),
    Case("smoke of a story that burnt remembers what it was told",
         story(**HUSHED), seen(1.6), Reason.smoke, State.smouldering,
         after={"alerted_rate": 100.0, "last_alert_at": ago(600)} | HUSHED),
    alert("at the threshold it is a fire",
          REST, seen(2.0), IGNITED, burning_at=AT, alerted_rate=100.0, level=0),
    alert("an hour that is as usual is no reason to wait where nothing burns yet",
          REST, seen(2.0, 20), IGNITED),
    alert("after the end a new one begins",
          story(level=3), seen(2.1), IGNITED, burning_at=AT, level=0, out_at=None),
    relit("a new fire of a story that was just told is not told again",
          story(last_alert_at=ago(120)), seen(2.1)),
    relit("nor is it just before the cool-down ends", story(last_alert_at=ago(359)), seen(2.1)),
    alert("when the cool-down ends it is",
          story(last_alert_at=ago(360)), seen(2.1), IGNITED, alerted_rate=100.0),
    alert("its doublings are from what it begins with, though the story was told at more",
          story(), seen(2.1, 60), IGNITED, alerted_rate=60.0),
    alert("a new topic of a story that was just told is told",
          story(last_alert_at=ago(120)), seen(3.0, news=Reason.turned), IGNITED, alerted_rate=100.0),
    alert("twice what was told is told",
          story(last_alert_at=ago(120)), seen(2.1, 200), IGNITED, alerted_rate=200.0),
    relit("almost twice is not", story(last_alert_at=ago(120)), seen(2.1, 199)),
]
SMOKE = [
    quiet("smoke goes on below the threshold",
          smouldering(calm_since=ago(300)), seen(1.999), calm_since=None),
    quiet("smoke that calms has an hour", smouldering(), seen(0.2), calm_since=AT),
    quiet("and not less", smouldering(calm_since=ago(59)), seen(0.2), calm_since=ago(59)),
    Case("smoke that is calm for an hour is nothing any more",
         smouldering(calm_since=ago(60)), seen(0.2), Reason.fizzled, State.out,
         after={"out_at": AT, "burning_at": None}),
    quiet("of smoke an hour that is as usual says nothing",
          smouldering(calm_since=ago(60)), seen(1.2, 2), calm_since=None),
    quiet("a deaf hour is no sign of calm", smouldering(calm_since=ago(300)), seen(nan), calm_since=None),
    quiet("nor is one that was hardly heard", smouldering(calm_since=ago(300)),
          replace(seen(0.1), heard=False), calm_since=None),
    alert("smoke becomes a fire", smouldering(), seen(2.0), IGNITED, burning_at=AT, alerted_rate=100.0),
    relit("unless the story was just told",
          smouldering(last_alert_at=ago(120), alerted_rate=100.0), seen(2.0)),
    alert("or the cool-down ended",
          smouldering(last_alert_at=ago(360), alerted_rate=100.0), seen(2.0, 60), IGNITED, alerted_rate=60.0),
]
CALM = [
    quiet("calm has to last", burning(), seen(0.9), calm_since=AT),
    quiet("59 minutes are not enough", burning(calm_since=ago(59)), seen(0.9), calm_since=ago(59)),
    calmed("an hour of calm contains it", burning(calm_since=ago(60)), seen(0.9), Reason.contained),
    calmed("just below the calm threshold is calm",
           burning(calm_since=ago(60)), seen(0.999), Reason.contained),
    quiet("at the calm threshold it is not", burning(calm_since=ago(60)), seen(1.0), calm_since=None),
    calmed("an hour that is as usual is calm, whatever the hours before weigh",
           burning(calm_since=ago(60)), seen(3.0, 20), Reason.contained),
    quiet("one post above the usual is not", burning(calm_since=ago(60)), seen(1.2, 21), calm_since=None),
    calmed("where three mentions are usual, an hour without a post says something",
           burning(calm_since=ago(60)), seen(1.2, 0, high=3.0), Reason.contained),
    quiet("where fewer are, it says nothing",
          burning(calm_since=ago(60)), seen(1.2, 0, high=2.999), calm_since=None),
    quiet("what was not heard is no sign of calm",
          burning(calm_since=ago(300)), seen(nan), calm_since=None),
    calmed("of a fire that was not told to burn again, nothing is told aloud",
           burning(calm_since=ago(60), **HUSHED), seen(0.9), Reason.contained, Act.update),
    quiet("contained is not out", contained(calm_since=ago(419)), seen(0.1), calm_since=ago(419)),
    quiet("the hours of calm after it was contained are counted from the hour before",
          contained(calm_since=ago(360)), seen(0.1), calm_since=ago(360)),
    calmed("six more hours of calm put it out", contained(calm_since=ago(420)), seen(0.1), Reason.went_out),
    calmed("of an hour that is as usual too",
           contained(calm_since=ago(420)), seen(3.0, 20), Reason.went_out),
    calmed("unheard of by those who were not told that it burnt again",
           contained(calm_since=ago(420), **HUSHED), seen(0.1), Reason.went_out, Act.update),
    quiet("between the lines it is neither out nor on",
          contained(calm_since=ago(420)), seen(1.999), calm_since=None),
    quiet("nor where it is not heard", contained(calm_since=ago(420)), seen(nan), calm_since=None),
]
FLARES = [
    alert("over the threshold again it flares up",
          contained(calm_since=ago(90)), seen(2.0), FLARED, alerted_rate=100.0, calm_since=None,
          burning_at=ago(600)),
    alert("its next doubling is from the most that was told",
          contained(), seen(2.0, 60), FLARED, alerted_rate=100.0),
    alert("or from what it has now", contained(), seen(2.0, 150), FLARED, alerted_rate=150.0, level=0),
    relit("the same fire is not told again", contained(last_alert_at=ago(120)), seen(2.1)),
    relit("not even shortly before the cool-down ends", contained(last_alert_at=ago(359)), seen(2.1)),
    alert("after the cool-down it is", contained(last_alert_at=ago(360)), seen(2.1), FLARED),
    alert("twice the alerted volume is", contained(last_alert_at=ago(120)), seen(2.1, 200), FLARED),
    alert("a new source is", contained(last_alert_at=ago(120)), SPREAD, FLARED),
    quiet("what was suppressed stays so for a while",
          burning(last_alert_at=ago(359), **HUSHED), seen(3.0), **HUSHED),
    alert("what burns on beyond the cool-down is told after all",
          burning(last_alert_at=ago(360), **HUSHED), seen(3.0), FLARED, alerted_rate=100.0, level=0),
    alert("also where nobody was told before",
          burning(last_alert_at=None, **HUSHED), seen(3.0, 100), FLARED),
    quiet("but not below the threshold", burning(**HUSHED), seen(1.999), **HUSHED),
    quiet("and not what was told when it flared", burning(last_alert_at=ago(400)), seen(3.0)),
]
GROWTH = [
    quiet("a fire that holds is no news", burning(), seen(3.0, 199)),
    alert("a doubling is told", burning(), seen(3.0, 200), GREW, level=1, alerted_rate=200.0),
    quiet("a doubling below the threshold is none", burning(), seen(1.999, 200)),
    quiet("four posts more are no doubling", burning(alerted_rate=4.0), seen(3.0, 8, high=1), level=0),
    alert("five are", burning(alerted_rate=4.0), seen(3.0, 9, high=1), GREW, level=1, alerted_rate=9.0),
    alert("five after nothing are",
          burning(alerted_rate=0.0), seen(3.0, 5, high=1), GREW, level=1, alerted_rate=5.0),
    quiet("four after nothing are not", burning(alerted_rate=0.0), seen(3.0, 4, high=1)),
    alert("a level is a doubling: almost four times is one",
          burning(level=2), seen(3.0, 399), GREW, level=3),
    alert("four times is two", burning(), seen(3.0, 400), GREW, level=2, alerted_rate=400.0),
    quiet("growth takes breath between two messages",
          burning(last_alert_at=ago(9)), seen(3.0, 300), alerted_rate=100.0),
    alert("and is not lost", burning(last_alert_at=ago(10)), seen(3.0, 300), GREW),
    alert("growth is never suppressed", burning(last_alert_at=ago(120), **HUSHED), seen(3.0, 200), GREW),
    alert("growth comes before news", burning(), seen(3.0, 200, news=Reason.spread), GREW),
]
NEWS = [
    *(news(f"a fire is told that it {reason}", burning(), seen(3.0, news=reason)) for reason in MILESTONES),
    quiet("news waits for half an hour", burning(last_alert_at=ago(29)), SPREAD),
    news("and no longer", burning(last_alert_at=ago(30)), SPREAD),
    news("in the cool-down too, which it ends", burning(last_alert_at=ago(120), **HUSHED), SPREAD),
    news("news comes before what goes on", burning(last_transition_at=ago(60)), SPREAD),
    quiet("below the threshold is no news", burning(), seen(1.999, news=Reason.spread)),
    went_on("a fire that goes on is told anew each half hour",
            burning(last_transition_at=ago(30)), seen(3.0)),
    went_on("between the lines too", burning(last_transition_at=ago(30), calm_since=ago(30)), seen(1.2)),
    quiet("and not more often", burning(last_transition_at=ago(29)), seen(3.0)),
    quiet("nor between the lines", burning(last_transition_at=ago(29)), seen(1.2)),
    quiet("what is calm does not go on", burning(last_transition_at=ago(60)), seen(0.9)),
    quiet("nor does what is contained", contained(last_transition_at=ago(60)), seen(1.2)),
    quiet("nor smoke", smouldering(last_transition_at=ago(60)), seen(1.7)),
]
TOLD_GROWS = alert("growth", burning(), seen(3.0, 200), GREW, suppressed_by_kind=False)
TOLD_FLARES = alert("flaring", contained(), seen(2.0), FLARED, suppressed_by_kind=False)
KINDS = [
    buzz("buzz is recorded, and nobody is told", REST, seen(2.0), IGNITED, Act.broadcast, burning_at=AT),
    buzz("nor is anybody told that it grows", UNTOLD, seen(3.0, 200), GREW, Act.broadcast, level=1),
    buzz("nor that it flares up", replace(UNTOLD, state=State.contained), seen(2.0), FLARED, Act.broadcast),
    buzz("nor that it goes on",
         replace(UNTOLD, last_transition_at=ago(30)), seen(2.0), Reason.went_on, Act.update),
    Case("nor that it calms",
         replace(UNTOLD, calm_since=ago(60)), seen(0.1), Reason.contained, State.contained, later=Act.reply,
         after={"suppressed_by_kind": True}),
    Case("nor that it is out",
         replace(UNTOLD, state=State.contained, calm_since=ago(420)), seen(0.1), Reason.went_out, State.out,
         later=Act.reply, after={"suppressed_by_kind": True}),
    alert("what turns out to be a fire is told, as from its first level",
          replace(UNTOLD, level=2), seen(3.0, 200), Reason.revealed, suppressed_by_kind=False, level=0,
          alerted_rate=200.0),
    alert("also if nothing else is new of it",
          replace(UNTOLD, last_transition_at=ago(30)), seen(1.2, 90), Reason.revealed,
          suppressed_by_kind=False, alerted_rate=90.0),
    alert("also when it flares up",
          replace(UNTOLD, state=State.contained), seen(2.0), Reason.revealed, suppressed_by_kind=False,
          alerted_rate=100.0),
    alert("what the cool-down suppressed too is told from there on as any fire",
          replace(UNTOLD, last_transition_at=ago(30), suppressed_by_cooldown=True), seen(1.2, 90),
          Reason.revealed,
          suppressed_by_kind=False),
    replace(TOLD_GROWS, kind="buzz", says="a fire that was told is told to its end, whatever is said later"),
    replace(TOLD_FLARES, kind="buzz", says="also if it was contained before"),
    buzz("a new fire is of its own kind, whatever the last one was told as",
         story(), seen(2.0), IGNITED, Act.broadcast),
    buzz("and so is what the cool-down suppresses as well",
         story(last_alert_at=ago(120)), seen(2.0), Reason.relit, Act.update, **HUSHED),
    Case("smoke is of no kind yet",
         REST, seen(1.6), Reason.smoke, State.smouldering, kind="buzz", after={"suppressed_by_kind": False}),
]
CALMS = calmed("calm", burning(calm_since=ago(60)), seen(0.9), Reason.contained)
HELD = [
    held(alert("a silence holds back an alarm", REST, seen(2.0), IGNITED), Hold(AT + HOUR), HOUR),
    held(replace(TOLD_GROWS, says="a silence holds back growth"), Hold(AT + HOUR, AT + 2 * HOUR), HOUR),
    held(replace(TOLD_GROWS, says="a snooze does not"), Hold(snoozed_until=AT + HOUR), NOW),
    held(replace(CALMS, says="a snooze holds back that it calms"), Hold(snoozed_until=AT + HOUR), HOUR),
    held(replace(CALMS, says="a silence does too"), Hold(AT + HOUR), HOUR),
    held(replace(CALMS, says="of the two the longer one counts"), Hold(AT + HOUR, AT + 2 * HOUR), 2 * HOUR),
    held(replace(CALMS, says="whichever it is"), Hold(AT + 3 * HOUR, AT + 2 * HOUR), 3 * HOUR),
    held(replace(CALMS, says="a snooze that is over holds back nothing"), Hold(None, AT - HOUR), NOW),
]
# fmt: on
CASES = [*NOTHING_BURNS, *SMOKE, *CALM, *FLARES, *GROWTH, *NEWS, *KINDS, *HELD]
