"""What people change, and what is forgotten, in the midst of a fire."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from app.channels.acts import LOUDNESS
from app.clock import step_start
from app.pipeline.incidents.follow import Following
from app.pipeline.scoring.thresholds import thresholds_of
from tests.faults.matrix.fault import Fault, Mend, Proof, nothing, replaced
from tests.faults.matrix.house import House
from tests.faults.matrix.proofs import FIRE, FIRST

_UNREACHED = 1000.0  # a threshold
_DAY = timedelta(days=1)


def _policy_id(house: House) -> int:
    page = house.get("/api/v1/policies?limit=100").json()
    return next(int(row["id"]) for row in page["items"] if FIRST in row["name"])


def _edit(house: House, **changes: object) -> None:
    house.http.patch(f"/api/v1/policies/{_policy_id(house)}", json=changes).raise_for_status()


def _lower_the_threshold(house: House) -> None:
    """It was set far too high; somebody sees that in the midst of a fire."""
    _edit(house, threshold=_UNREACHED)
    house.passes(1)
    assert not FIRE.holds(house)
    _edit(house, threshold=None)


def _bring_the_reminder_forward(house: House) -> None:
    """The fire was told, and nobody has taken it: the policy is renamed, and is to remind sooner."""
    house.passes(1)
    assert FIRE.holds(house)
    _edit(house, name=f"{FIRST} by night", remind_minutes=5)


def _snooze(house: House) -> None:
    """The fire was told, and somebody will not hear of it for hours; then it grows."""
    house.passes(1)
    assert FIRE.holds(house)
    page = house.get("/api/v1/incidents?limit=100").json()
    (incident,) = (row for row in page["items"] if row["watch"] == FIRST)
    until = (house.at + timedelta(hours=8)).isoformat()
    house.http.post(f"/api/v1/incidents/{incident['id']}/snooze", json={"until": until}).raise_for_status()
    house.world.burn(FIRST, per_hour=5_000.0)


def _forget_in_its_midst(house: House) -> None:
    """The fire was told, and burns in nobody's hands; all that was told of it is forgotten meanwhile."""
    house.passes(1)
    assert FIRE.holds(house)
    house.sql("UPDATE transition SET at = :at", at=house.at - 40 * _DAY)
    house.restart(lambda environment: environment.update(TOCSIN_RETENTION_DAYS="36"))
    house.passes(1)
    house.sql("UPDATE incident SET last_alert_at = :at", at=house.at - timedelta(hours=5))


def _said_aloud(word: str, says: str) -> Proof:
    """A reply that all see, and that holds the word."""

    def holds(house: House) -> bool:
        messages = [m for room in house.slack.channels.values() for m in room if m.get("reply_broadcast")]
        return any(word in m["text"] for m in messages)

    return Proof(says, holds)


def _known_for_the_day(self: Following, session: Any, watches: Any, *, at: Any) -> Any:  # noqa: ANN401 - as it stands
    key = step_start(at, _DAY)
    if key not in self.known:
        self.known[key] = thresholds_of(session, watches, at=at)
    return self.known[key]


_ANEW = Mend(
    "a threshold is worked out anew when its policy changes",
    replaced(("app.pipeline.incidents.follow.Following.thresholds", _known_for_the_day)),
)
_REMINDS = Mend(
    "of a fire that nobody has taken in hand people are reminded",
    replaced(("app.pipeline.incidents.remind.remind", nothing)),
)
_THROUGH = Mend(
    "a snooze holds back the news of a fire, never its growth",
    replaced(
        (
            "app.channels.acts.LOUDNESS",
            {reason: replace(loudness, through_snooze=False) for reason, loudness in LOUDNESS.items()},
        )
    ),
)
_FIGURES = Mend(
    "what is forgotten of a fire is its posts and names; its figures stay",
    replaced(("app.pipeline.forgetting.without_people", lambda _facts: {})),
)
_REMINDED = _said_aloud("Nobody has it yet", "people are reminded of the fire")

FAULTS = (
    Fault(
        "a threshold that was out of reach is lowered during a fire", _lower_the_threshold, FIRE, _ANEW,
        "burning",
    ),
    Fault(
        "a policy is renamed during a fire, and its reminder brought forward", _bring_the_reminder_forward,
        _REMINDED, _REMINDS, "burning",
    ),
    Fault(
        "a fire is snoozed, and grows", _snooze, _said_aloud(FIRST, "its growth is told to all"), _THROUGH,
        "burning", passes=5,
    ),
    Fault("the retention runs in the midst of a fire", _forget_in_its_midst, _REMINDED, _FIGURES, "burning"),
)  # fmt: skip
