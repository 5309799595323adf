"""What people set is checked at the door, in sentences."""

from typing import Any

import pytest
from pydantic import ValidationError

from app.admin.policy_specs import PolicySpec
from app.admin.spec import Spec
from app.admin.specs import PlannedEventSpec, SilenceSpec, SourceSpec, WatchSpec
from app.admin.team_specs import KeySpec

OK = {"name": "Danone", "query": "any of: Danone"}
WINDOW = {"starts_at": "2026-11-23T08:00:00+01:00", "ends_at": "2026-11-23T18:00:00+01:00"}


def says(spec: type[Spec], given: Any) -> str:  # noqa: ANN401 - whatever somebody gives
    with pytest.raises(ValidationError) as caught:
        spec.model_validate(given)
    return "; ".join(error["msg"] for error in caught.value.errors())


def test_a_watch_is_read_with_its_defaults() -> None:
    watch = WatchSpec.model_validate(OK | {"name": "  Danone ", "languages": ["FR"]})
    assert (watch.name, watch.languages, watch.time_zone, watch.policy) == (
        "Danone",
        ["fr"],
        "UTC",
        "default",
    )
    assert WatchSpec.model_validate(watch.model_dump()) == watch


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": ""}, "at least 1 character"),
        ({"name": "a\nb"}, "one line of printable"),
        ({"name": "x" * 121}, "at most 120"),
        ({"name": "a\ud800"}, "cannot be stored"),
        ({"query": "Danone, Evian"}, "Write: Danone OR Evian"),
        ({"query": {"any": ["x"]}}, "any_of, all_of and none_of"),
        ({"query": {"any_of": "x", "none_of": ["X"]}}, "both asked for and excluded"),
        ({"query": None}, "written as text"),
        ({"kind": "person"}, "'brand', 'competitor', 'topic' or 'risk'"),
        ({"languages": ["french"]}, "ISO 639-1"),
        ({"languages": ["zz"]}, "ISO 639-1"),
        ({"language": "de"}, "'en' or 'fr'"),
        ({"time_zone": "Paris"}, "Europe/Paris"),
        ({"time_zone": ""}, "no time zone"),
        ({"time_zone": "/etc/localtime"}, "no time zone"),
        ({"objetcive": ""}, "not permitted"),
    ],
)
def test_a_watch_that_cannot_be_is_refused_in_words(change: dict[str, Any], words: str) -> None:
    assert words in says(WatchSpec, OK | change)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"alarms_per_month": 0}, "greater than or equal to 0.1"),
        ({"alarms_per_month": 400}, "less than or equal to 30"),
        ({"alarms_per_month": float("nan")}, "finite"),
        ({"alarms_per_month": float("inf")}, "finite"),
        ({"threshold": 0}, "greater than 0"),
        ({"floor": 0}, "greater than or equal to 1"),
        ({"out_minutes": 10**9}, "less than or equal to"),
    ],
)
def test_a_policy_has_a_budget_and_limits(change: dict[str, Any], words: str) -> None:
    assert words in says(PolicySpec, {"name": "x"} | change)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"ends_at": WINDOW["starts_at"]}, "later than starts_at"),
        ({"ends_at": "2026-11-23T06:59:00Z"}, "later than starts_at"),
        ({"ends_at": "2026-11-23T18:00:00"}, "timezone"),
        ({"ends_at": "9999-12-31T23:59:59-12:00"}, "between the years"),
        ({"starts_at": "0001-01-01T00:00:00+12:00"}, "between the years"),
    ],
)
def test_a_window_ends_after_it_starts_in_years_that_calendars_know(
    change: dict[str, Any], words: str
) -> None:
    assert words in says(SilenceSpec, {"why": "drill"} | WINDOW | change)
    assert words in says(PlannedEventSpec, {"name": "results", "factor": 2} | WINDOW | change)


def test_a_silence_says_why_and_an_event_never_lowers_what_is_expected() -> None:
    assert "at least 1" in says(SilenceSpec, WINDOW | {"why": " "})
    assert "greater than or equal to 1" in says(PlannedEventSpec, WINDOW | {"name": "x", "factor": 0.5})


def test_a_secret_is_not_in_the_repr_of_a_spec_or_of_its_error() -> None:
    spec = SourceSpec.model_validate({"name": "x", "kind": "push", "secret": "do-not-print-me"})
    assert "do-not-print-me" not in repr(spec) + str(spec.model_dump()) + spec.model_dump_json()


def test_a_key_has_a_role_that_there_is() -> None:
    assert "'viewer', 'responder' or 'admin'" in says(KeySpec, {"name": "x", "role": "root"})
