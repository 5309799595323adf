"""Rows that this version cannot read: of the first brand alone, and the second must not feel it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from zoneinfo import ZoneInfo

from app.pipeline.ingest.match import Compiled, _Terms
from app.reading.matching import Matcher
from tests.faults.matrix.fault import Fault, Mend, Proof, replaced
from tests.faults.matrix.house import House
from tests.faults.matrix.proofs import FIRE, FIRST, OTHERS, both, named
from tests.faults.matrix.slack import STANDS_IN

_WATCH = f"name = '{FIRST}'"
_OF_WATCH = f"watch_id = (SELECT id FROM watch WHERE {_WATCH})"  # noqa: S608 - all of it stands above
_TOLD = f"incident_id IN (SELECT id FROM incident WHERE {_OF_WATCH})"  # noqa: S608 - as above


def _groups(
    _guard: object, _step: str, rows: Sequence[Any], do: Callable[[Any], None], **_how: object
) -> None:
    if rows:
        do(rows)


def _work(guard: Any, _step: str, rows: Sequence[Any], do: Callable[..., None], **_how: object) -> None:  # noqa: ANN401 - the guard
    if rows:
        with guard._sessions.begin() as session:
            do(session, rows)


@contextmanager
def _row(*_what: object) -> Iterator[None]:
    yield


GUARDED = Mend(
    "each row is guarded: what one does not let happen stops no other",
    replaced(
        ("app.pipeline.guard.Guard.groups", _groups),
        ("app.pipeline.guard.Guard.work", _work),
        ("app.pipeline.guard.Guard.row", _row),
    ),
)


def _compile(watches: Sequence[Any]) -> Compiled:
    """As it would be done without a thought of what may stand there."""
    terms = [_Terms(watch) for watch in watches]
    return Compiled(
        Matcher([one.query for one in terms]),
        tuple(watch.id for watch in watches),
        tuple(watch.source_ids for watch in watches),
        tuple(one.languages for one in terms),
        {watch.id: one.taught for one, watch in zip(terms, watches, strict=True) if one.taught is not None},
    )


COMPILED = Mend(
    "a watch that cannot be compiled keeps no other deaf",
    replaced(("app.pipeline.ingest.match.compile_watches", _compile)),
)
_ZONES = Mend(
    "an unknown time zone is taken for UTC",
    replaced(("app.clock.known_zone", lambda name: ZoneInfo(name).key)),
)
_KINDS = Mend(
    "where it cannot be read what a channel takes, it takes all",
    replaced(("app.pipeline.delivery.outbox.kinds_of", lambda channel: list(channel.kinds))),
)


def writing(column: str, value: object, where: str) -> Callable[[House], None]:
    """Somebody, or another version, has written that."""
    return lambda house: house.write(column, value, where)


def _waiting(column: str, value: object, where: str) -> Callable[[House], None]:
    """The same of what waits to be told, because Slack was away for a pass."""

    def inject(house: House) -> None:
        house.slack.kill()
        house.passes(1)
        house.write(column, value, where)
        house.slack.revive()

    return inject


def _goes_on(words: str) -> Proof:
    return both(OTHERS, named(words))


FAULTS = (
    Fault(
        "a watch whose query cannot be read", writing("watch.query", '{"near": 3}', _WATCH),
        _goes_on(FIRST), COMPILED, "burning",
    ),
    Fault(
        "a watch whose teaching cannot be read",
        writing("watch.taught", '{"used": true, "learnt": 3}', _WATCH), _goes_on(FIRST), COMPILED, "burning",
    ),
    Fault(
        "a watch in an unknown time zone", writing("watch.time_zone", "Europe/Atlantis", _WATCH), FIRE,
        _ZONES, "burning",
    ),
    Fault(
        "a policy that rings for nothing that is known",
        writing("policy.rings", "7", f"name = 'policy of {FIRST}'"), _goes_on(FIRST), GUARDED, "burning",
    ),
    Fault(
        "an incident in an unknown state", writing("incident.state", "raging", _OF_WATCH), _goes_on(FIRST),
        GUARDED, "burning",
    ),
    Fault(
        "a transition for an unknown reason", _waiting("transition.reason", "sparked", _TOLD),
        _goes_on("delivery"), GUARDED, "burning",
    ),
    Fault(
        "facts of an alert that cannot be read", _waiting("transition.facts", '{"observed": "many"}', _TOLD),
        _goes_on("delivery"), GUARDED, "burning",
    ),
    Fault(
        "a channel that takes kinds which nobody knows", writing("channel.kinds", "7", "name = 'alerts'"),
        FIRE, _KINDS, "burning",
    ),
    Fault(
        "a channel of a kind that nobody knows", writing("channel.kind", "telepathy", "name = 'alerts'"),
        FIRE, STANDS_IN, "burning",
    ),
    Fault(
        "a channel with settings that are none of its kind",
        writing("channel.settings", '{"url": 7}', "name = 'alerts'"), FIRE, STANDS_IN, "burning",
    ),
)  # fmt: skip
