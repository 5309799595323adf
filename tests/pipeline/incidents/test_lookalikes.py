"""What became of earlier fires of a watch that looked like this one."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.channels.document import plain
from app.channels.facts import Alike, Share
from app.channels.wording.sentences import words_of
from app.channels.wording.why import why
from app.db import Sessions
from app.models import Incident, Reason, State, Watch
from app.pipeline.incidents.incidents import record
from app.pipeline.incidents.lookalikes import alikes
from tests.channels.factory import alert, facts
from tests.pipeline.brand import START

NOW = START + timedelta(days=40)
DAY = timedelta(days=1)


@pytest.fixture
def database(sqlite: str) -> str:
    return sqlite


def earlier(
    sessions: Sessions,
    days_ago: float,
    *,
    level: int = 0,
    **more: Any,  # noqa: ANN401 - any field
) -> None:
    at = NOW - days_ago * DAY
    with sessions.begin() as session:
        watch = session.scalars(select(Watch)).one()
        incident = Incident(
            watch=watch, state=State.burning, level=0, onset_at=at, opened_at=at, burning_at=at,
            last_transition_at=at,
            peak_at=at, peak=40.0, threshold=2.7,
        )  # fmt: skip
        session.add(incident)
        session.flush()
        record(session, incident, Reason.ignited, at=at, facts=facts())
        values = {"state": State.out, "out_at": at + DAY, "level": level} | more
        for field, value in values.items():
            setattr(incident, field, value)


def found(sessions: Sessions, **changes: Any) -> Alike | None:  # noqa: ANN401
    with sessions() as session:
        return alikes(session, session.scalars(select(Watch.id)).one(), facts(**changes), at=NOW)


@pytest.mark.usefixtures("velinor")
def test_what_looked_alike_is_counted_by_what_became_of_it(sessions: Sessions) -> None:
    assert found(sessions) is None
    earlier(sessions, 30)
    earlier(sessions, 20, level=2)
    earlier(sessions, 10, level=1, verdict="false_alarm")
    assert found(sessions) == Alike(fires=3, calmed=2, grew=1)
    text = " ".join(map(plain, why(alert(facts={"alike": found(sessions)}), words_of(alert()), left_out=0)))
    assert "3 fires; 2 died down, 1 grew" in text


@pytest.mark.usefixtures("velinor")
@pytest.mark.parametrize(
    "unlike",
    [
        {"authors": 20},
        {"negative": 20},
        {"amplified": 250},
        {"sources": (Share(name="Forum", mentions=312),)},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_what_looks_otherwise_says_nothing(sessions: Sessions, unlike: dict[str, Any]) -> None:
    earlier(sessions, 30)
    assert found(sessions, **unlike) is None


@pytest.mark.usefixtures("velinor")
@pytest.mark.parametrize(
    "more",
    [
        {"suppressed_by_kind": True},
        {"out_at": NOW + DAY},
        {"state": State.contained},
    ],
    ids=["never told", "not over then", "not over yet"],
)
def test_only_what_was_told_and_is_over_counts(sessions: Sessions, more: dict[str, Any]) -> None:
    earlier(sessions, 3, **more)
    assert found(sessions) is None


@pytest.mark.usefixtures("velinor")
def test_a_fire_that_is_out_looks_like_others_and_not_like_itself(sessions: Sessions) -> None:
    earlier(sessions, 30, onset_at=facts().onset_at, out_at=NOW)
    assert found(sessions) is None
    earlier(sessions, 10)
    assert found(sessions) == Alike(fires=1, calmed=1, grew=0)
