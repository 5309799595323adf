"""Public holidays of a watch's country."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from app.db import Sessions
from app.models import Watch
from app.pipeline.scoring.rest_days import known, rest_days
from tests.pipeline.brand import START
from tests.pipeline.conftest import HOUR, Opened

MAY, JUNE = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)


def _day(text: str) -> int:
    return (date.fromisoformat(text) - date(1970, 1, 1)).days


def test_the_holidays_of_a_country_are_days_of_rest() -> None:
    french = rest_days("FR", MAY, JUNE)
    assert {_day("2026-05-14"), _day("2026-07-14"), _day("2027-01-01")} <= french
    assert _day("2026-05-15") not in french
    assert _day("2026-07-14") not in rest_days("GB", MAY, JUNE)


def test_a_part_of_a_country_may_have_its_own() -> None:
    epiphany = _day("2026-01-06")
    assert epiphany in rest_days("DE-BY", MAY, JUNE)
    assert epiphany not in rest_days("DE-BE", MAY, JUNE)


def test_without_a_country_there_are_none() -> None:
    assert rest_days("", MAY, JUNE) == frozenset()


@pytest.mark.parametrize("country", ["ZZ", "DE-XX"])
def test_a_country_that_the_library_dropped_has_none_and_the_log_says_so(
    country: str,
) -> None:
    with capture_logs() as logged:
        assert rest_days(country, MAY.replace(year=2031), JUNE.replace(year=2031)) == frozenset()
    assert [(line["log_level"], line["country"]) for line in logged] == [("warning", country)]


@pytest.mark.parametrize(
    ("country", "is_known"), [("FR", True), ("DE-BY", True), ("DE-XX", False), ("ZZ", False)]
)
def test_what_is_known_of_the_world(country: str, is_known: bool) -> None:
    assert known(country) is is_known


@pytest.mark.from_the_start
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_watch_of_a_country_expects_a_sunday_on_its_holiday(street: Opened, sessions: Sessions) -> None:
    # 11 November 2026 is a Wednesday, and a day of rest in France; the brand's Sundays are as its workdays.
    with sessions.begin() as session:
        session.scalars(select(Watch)).one().country = "FR"
    life = street(begin=START)
    life.live(START + HOUR)
    scored = life.chain.following.scoring.scored
    assert scored is not None
    grid = life.chain.following.scoring._grid(0, None)
    assert [_day("2026-11-11") in days for days in grid.rest] == [True]
