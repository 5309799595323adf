"""A watch that does one thing otherwise than its policy, and follows it in all the rest."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

from app.admin import policies
from app.models import Policy, Watch
from app.pipeline.scoring.thresholds import thresholds_of
from app.runtime import Runtime
from tests.api.conftest import Clock

ONE, TWO, BASE = "/api/v1/watches/1", "/api/v1/watches/2", "/api/v1/policies/2"
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def two(admin: TestClient) -> None:
    admin.post("/api/v1/policies", json={"name": "calm", "floor": 6, "advice": {"large": 4}})
    for name in ("Danone", "Evian"):
        made = admin.post("/api/v1/watches", json={"name": name, "query": name, "policy": "calm"})
        assert made.status_code == 201, made.text


@pytest.fixture
def rings(runtime: Runtime) -> Callable[[int], Policy]:
    """The policy that the flow reads for a watch."""

    def read(watch_id: int) -> Policy:
        with runtime.sessions() as session:
            return session.get_one(Watch, watch_id).policy

    return read


def override(admin: TestClient, own: dict[str, Any] | None, watch: str = ONE) -> dict[str, Any]:
    answer = admin.patch(watch, json={"overrides": own})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.mark.usefixtures("two")
def test_it_is_its_own_and_the_rest_follows_the_policy(
    admin: TestClient, rings: Callable[[int], Policy]
) -> None:
    seen = override(admin, {"floor": 9, "advice": {"many_authors": 200}})
    assert (seen["policy"], seen["overrides"]) == ("calm", {"floor": 9, "advice": {"many_authors": 200}})
    assert admin.get(ONE).json() == seen
    assert (rings(1).floor, rings(2).floor) == (9, 6)
    assert (rings(1).advice["large"], rings(1).advice["many_authors"]) == (4, 200)
    for change, mine, theirs in (
        ({"cooldown_minutes": 60}, ("cooldown_minutes", 60), ("cooldown_minutes", 60)),
        ({"floor": 12}, ("floor", 9), ("floor", 12)),
        (
            {"rings": ["fire", "amplified"]},
            ("rings", ["fire", "amplified"]),
            ("rings", ["fire", "amplified"]),
        ),
        ({"advice": {"many_authors": 50}}, None, None),
    ):
        assert admin.patch(BASE, json=change).status_code == 200
        for watch_id, wanted in ((1, mine), (2, theirs)):
            if wanted is not None:
                assert getattr(rings(watch_id), wanted[0]) == wanted[1], (change, watch_id)
    assert (rings(1).advice["many_authors"], rings(2).advice["many_authors"]) == (200, 50)


@pytest.mark.usefixtures("two")
def test_it_is_given_up_field_by_field_or_as_a_whole_and_nothing_is_left_of_it(
    admin: TestClient, runtime: Runtime, rings: Callable[[int], Policy]
) -> None:
    override(admin, {"floor": 9, "cooldown_minutes": 10})
    assert override(admin, {"floor": None})["overrides"] == {"cooldown_minutes": 10}
    assert (rings(1).floor, rings(1).cooldown_minutes) == (6, 10)
    assert override(admin, None)["overrides"] == {}
    override(admin, {"floor": 9}, TWO)
    assert admin.delete(TWO).status_code == 204
    with runtime.sessions() as session:
        assert session.scalars(select(func.count()).select_from(Policy)).one() == 2, (
            "the default one, and calm"
        )
        assert session.get_one(Watch, 1).policy.name == "calm"


@pytest.mark.usefixtures("two")
def test_a_budget_of_its_own_goes_before_the_threshold_that_was_set_for_others(
    admin: TestClient, runtime: Runtime, clock: Clock
) -> None:
    def threshold(watch_id: int) -> tuple[str, float]:
        with runtime.sessions() as session:
            one = thresholds_of(session, [session.get_one(Watch, watch_id)], at=clock.at)[watch_id]
            return one.basis, one.alarm

    admin.patch(BASE, json={"threshold": 5})
    override(admin, {"alarms_per_month": 2})
    assert threshold(2) == ("threshold", 5.0)
    assert threshold(1)[0] == "calibration"
    override(admin, {"threshold": 3.5})
    assert threshold(1) == ("threshold", 3.5)


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize(
    ("own", "where"),
    [
        ({"floor": 0}, "#/overrides/floor"),
        ({"alarms_per_month": 1000}, "#/overrides/alarms_per_month"),
        ({"rings": []}, "#/overrides/rings"),
        ({"advice": {"tiny": 2}}, "#/overrides/advice/tiny"),
        ({"rota": "night"}, "#/overrides/rota"),
        ({"name": "mine"}, "#/overrides/name"),
        ({"floor": "9"}, "#/overrides/floor"),
    ],
)
def test_what_no_policy_takes_no_watch_overrides(
    admin: TestClient, rings: Callable[[int], Policy], own: dict[str, Any], where: str
) -> None:
    override(admin, {"floor": 9})
    refused = admin.patch(ONE, json={"overrides": own})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, where), refused.text
    assert rings(1).floor == 9


@pytest.mark.usefixtures("two")
def test_what_a_watch_overrides_is_no_policy_that_people_see_or_name(
    admin: TestClient, rings: Callable[[int], Policy]
) -> None:
    override(admin, {"floor": 9})
    hidden = rings(1)
    assert [one["name"] for one in admin.get("/api/v1/policies").json()["items"]] == ["default", "calm"]
    assert admin.get(f"/api/v1/policies/{hidden.id}").status_code == 404
    assert admin.patch(f"/api/v1/policies/{hidden.id}", json={"floor": 7}).status_code == 404
    assert admin.delete(f"/api/v1/policies/{hidden.id}").status_code == 404
    named = admin.patch(TWO, json={"policy": hidden.name})
    assert (named.status_code, "there is no policy" in named.text) == (422, True)
    admin.patch(TWO, json={"policy": "default"})
    refused = admin.delete(BASE)
    assert (refused.status_code, "in use by Danone" in refused.json()["detail"]) == (409, True)


@pytest.mark.usefixtures("two")
def test_it_stays_its_own_when_the_watch_goes_to_another_policy(
    admin: TestClient, rings: Callable[[int], Policy]
) -> None:
    override(admin, {"floor": 9})
    moved = admin.patch(ONE, json={"policy": "default"}).json()
    assert (moved["policy"], moved["overrides"]) == ("default", {"floor": 9})
    admin.patch(BASE, json={"cooldown_minutes": 5})
    assert (rings(1).floor, rings(1).cooldown_minutes) == (9, 360)
    made = {"name": "Volvic", "query": "Volvic", "policy": "calm", "overrides": {"remind_minutes": 5}}
    assert admin.post("/api/v1/watches", json=made).json()["overrides"] == {"remind_minutes": 5}
    assert (rings(3).remind_minutes, rings(3).floor) == (5, 6)


@pytest.mark.usefixtures("two")
def test_only_what_decides_costs_what_the_watch_has_learnt(
    admin: TestClient, rings: Callable[[int], Policy], clock: Clock
) -> None:
    made = clock.at

    def later() -> datetime:
        clock.at += timedelta(days=1)
        return clock.at

    later()
    override(admin, {"remind_minutes": 5})
    assert (rings(1).decides_since, rings(1).scores_since) == (made, made)
    at = later()
    override(admin, {"alarms_per_month": 2})
    assert (rings(1).decides_since, rings(1).scores_since) == (at, made)
    at = later()
    admin.patch(BASE, json={"floor": 8})
    assert (rings(1).decides_since, rings(1).scores_since) == (at, at)
    later()
    admin.patch(BASE, json={"name": "calmer", "alarms_per_month": 3})
    assert rings(1).decides_since == at, "its own budget did not change"
    assert admin.get(ONE).json()["policy"] == "calmer"


@pytest.mark.usefixtures("two")
def test_what_is_exported_makes_the_same_again(admin: TestClient, runtime: Runtime) -> None:
    override(admin, {"floor": 9})
    text = admin.get("/api/v1/export", headers={"Accept": "application/yaml"}).text
    assert "floor: 9" in text
    assert " · " not in text
    with runtime.sessions() as session:
        assert policies.base_of(session, session.get_one(Watch, 1).policy).name == "calm"
