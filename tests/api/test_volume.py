"""The volume of a source over HTTP."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.pipeline.ingest.volume import remember
from app.runtime import Runtime
from app.sources.base import Volume

QUARTER, WEEK = timedelta(minutes=15), timedelta(weeks=1)
AT = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


@pytest.fixture
def press(admin: TestClient) -> str:
    """The address of a source of the press."""
    made = admin.post(
        "/api/v1/sources", json={"name": "press", "kind": "gdelt", "settings": {"query": "Danone"}}
    )
    assert made.status_code == 201, made.text
    return str(made.headers["location"])


def keep(runtime: Runtime, *volume: Volume) -> None:
    with runtime.sessions.begin() as session:
        remember(session, 1, volume)


def test_each_stretch_has_its_share_and_what_is_usual(
    press: str, viewer: TestClient, runtime: Runtime
) -> None:
    keep(runtime, Volume(AT, QUARTER, 30, 2_000), Volume(AT - WEEK, QUARTER, 4, 1_000))
    answer = viewer.get(f"{press}/volume", params={"zone": "Europe/Paris"}).json()
    assert answer == {
        "next": None,
        "items": [
            {"at": "2026-11-20T08:00:00Z", "step_seconds": 900, "count": 30, "total": 2_000, "share": 0.015,
             "usual": pytest.approx(8), "weeks": 1},
            {"at": "2026-11-13T08:00:00Z", "step_seconds": 900, "count": 4, "total": 1_000, "share": 0.004,
             "usual": None, "weeks": 0},
        ],
    }  # fmt: skip


def test_it_is_turned_over_page_by_page_newest_first(
    press: str, viewer: TestClient, runtime: Runtime
) -> None:
    keep(runtime, *(Volume(AT + n * QUARTER, QUARTER, n) for n in range(10)))
    counts: list[int] = []
    asked: dict[str, Any] = {"limit": 3}
    while True:
        page = viewer.get(f"{press}/volume", params=asked).json()
        counts += [one["count"] for one in page["items"]]
        if page["next"] is None:
            break
        asked["cursor"] = page["next"]
    assert counts == list(range(9, -1, -1))


def test_an_unknown_zone_is_refused_with_one_that_is_known(press: str, viewer: TestClient) -> None:
    answer = viewer.get(f"{press}/volume", params={"zone": "Mars/Olympus"})
    assert answer.status_code == 422
    assert "write one such as Europe/Paris" in answer.text


def test_another_query_begins_anew_and_another_setting_does_not(
    press: str, admin: TestClient, runtime: Runtime
) -> None:
    keep(runtime, Volume(AT, QUARTER, 30))
    admin.patch(press, json={"settings": {"query": "Danone", "timeline": False}})
    assert len(admin.get(f"{press}/volume").json()["items"]) == 1
    admin.patch(press, json={"settings": {"query": "Evian"}})
    assert admin.get(f"{press}/volume").json()["items"] == []
