"""Names of before 0.2 answer for one version more, and say what takes their place."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient


@pytest.mark.usefixtures("fire")
def test_the_old_address_of_a_threshold_answers_the_same_and_names_the_new_one(viewer: TestClient) -> None:
    old, new = (viewer.get(f"/api/v1/watches/1/{name}") for name in ("line", "threshold"))
    assert (old.status_code, old.json()) == (200, new.json())
    assert old.headers["link"] == '</api/v1/watches/1/threshold>; rel="successor-version"'
    since = datetime.fromtimestamp(int(old.headers["deprecation"].removeprefix("@")), UTC)
    assert parsedate_to_datetime(old.headers["sunset"]) > since
    assert not {"deprecation", "sunset", "link"} & set(new.headers)


@pytest.mark.usefixtures("fire")
def test_an_address_that_leads_nowhere_is_not_called_deprecated(viewer: TestClient) -> None:
    answer = viewer.get("/api/v1/watches/999/line")
    assert (answer.status_code, "deprecation" in answer.headers) == (404, False)


def test_fields_keep_their_old_names_beside_the_new_ones(viewer: TestClient, fire: int) -> None:
    shown = viewer.get(f"/api/v1/incidents/{fire}").json()
    assert shown["line"] == shown["threshold"]
    assert shown["quiet"] is shown["suppressed_by_kind"] is False
    facts = shown["timeline"][0]["facts"]
    assert facts["line"] == facts["threshold"]
    prices = viewer.get("/api/v1/watches/1/threshold").json()["prices"]
    assert all(price["line"] == price["threshold"] for price in prices)


def test_what_is_old_is_marked_in_the_description(app: FastAPI) -> None:
    described = app.openapi()
    assert described["paths"]["/api/v1/watches/{id}/line"]["get"]["deprecated"] is True
    schemas = described["components"]["schemas"]
    for schema, field in (
        ("IncidentView", "line"), ("IncidentView", "quiet"), ("BudgetPriceView", "line"), ("Ringing", "line"),
        ("Price", "line"),
    ):  # fmt: skip
        assert schemas[schema]["properties"][field]["deprecated"] is True, (schema, field)
