"""Addresses with keys in them: veiled wherever they are shown, in one way; and changes that are merged."""

from io import StringIO
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.http_client.addresses import shown
from app.logs import log, mask, veil
from app.models import Channel, Source
from app.runtime import Runtime

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

FEED = "https://example.org/feed.xml?lang=fr&token=abc123"
HOOK = "https://hooks.example.com/services/T0/B0/secret"


def made(admin: TestClient, path: str, **body: Any) -> int:  # noqa: ANN401 - JSON
    answer = admin.post(f"/api/v1/{path}", json={"name": "one", **body})
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


@pytest.mark.parametrize(
    ("address", "seen"),
    [
        ("https://me:pw@example.org/a", "https://•••@example.org/a"),
        ("https://token@example.org/a", "https://•••@example.org/a"),
        ("https://example.org/a?api_key=x&lang=fr", "https://example.org/a?api_key=•••&lang=fr"),
        ("https://example.org/a?lang=fr&access_token=x#top", "https://example.org/a?lang=fr&access_token=•••#top"),
        ("https://example.org/a?sig=x", "https://example.org/a?sig=•••"),
        ("https://hooks.slack.com/services/T0/B0/x", "https://hooks.slack.com/•••"),
        ("https://chat.example.org/hooks/abc", "https://chat.example.org/hooks/•••"),
        ("https://discord.com/api/webhooks/1/x", "https://discord.com/api/webhooks/•••"),
        ("https://hc-ping.com/0f3a9c1e", "https://hc-ping.com/•••"),
        ("/incidents/7/0123456789abcdef0123456789abcdef", "/incidents/7/•••"),
        ("/api/v1/sources/7/websub/0123456789abcdef", "/api/v1/sources/7/websub/•••"),
    ],
)  # fmt: skip
def test_of_an_address_the_key_is_veiled_and_the_rest_is_read(address: str, seen: str, database: str) -> None:
    assert database
    assert mask(f"{address} failed") == f"{seen} failed"
    assert mask(seen) == seen


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org/2026/11/le-lot-4417-rappele-par-velinor-apres-des-malaises",
        "https://example.org/search?keyword=danone&page=2",
        "https://social.example/@lea/113512345",
        "/api/v1/incidents/7/transitions",
    ],
)
def test_an_address_without_a_key_is_read_whole(address: str, database: str) -> None:
    assert database
    assert (mask(address), veil(address)) == (address, address)


def test_an_error_shows_no_key_of_the_path_either(database: str) -> None:
    assert database
    key = "0f3a9c1e7b5d2468ace013579bdf"
    assert (
        shown(f"https://me@example.org/private/{key}/feed.xml?q=1")
        == "https://example.org/private/•••/feed.xml"
    )


def test_a_feed_with_a_key_is_veiled_in_answers_the_audit_and_the_log(
    admin: TestClient, written: StringIO
) -> None:
    source = made(admin, "sources", kind="rss", settings={"url": FEED})
    answer = admin.get(f"/api/v1/sources/{source}").json()
    assert answer["settings"]["url"] == "https://example.org/feed.xml?lang=fr&token=•••"
    entry = admin.get("/api/v1/audit?limit=1").json()["items"][0]
    assert entry["after"]["settings"]["url"] == answer["settings"]["url"]
    log().warning("not fetched", url=FEED)
    assert "abc123" not in written.getvalue()


@pytest.mark.parametrize(
    ("path", "table", "body"),
    [
        ("sources", Source, {"kind": "rss", "settings": {"url": FEED}}),
        ("channels", Channel, {"kind": "webhook", "settings": {"url": HOOK}}),
    ],
)
def test_what_is_given_back_with_its_veil_stays_as_it_is(
    admin: TestClient, runtime: Runtime, path: str, table: Any, body: dict[str, Any]  # noqa: ANN401 - a table
) -> None:  # fmt: skip
    row_id = made(admin, path, **body)
    seen = admin.get(f"/api/v1/{path}/{row_id}").json()
    assert "•••" in seen["settings"]["url"]
    answer = admin.patch(f"/api/v1/{path}/{row_id}", json={"name": "two", "settings": seen["settings"]})
    assert (answer.status_code, answer.json()["name"]) == (200, "two")
    with runtime.sessions() as session:
        assert session.get_one(table, row_id).settings["url"] == body["settings"]["url"]
    for settings in ({"url": "https://other.example/•••"}, {"url": "•••"}):
        refused = admin.patch(f"/api/v1/{path}/{row_id}", json={"settings": settings})
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "#/settings/url")
    refused = admin.post(f"/api/v1/{path}", json={"name": "three", **body, "settings": seen["settings"]})
    assert (refused.status_code, "give it whole" in refused.json()["detail"]) == (422, True)


def test_a_change_of_a_part_leaves_the_other_parts(admin: TestClient) -> None:
    policy = made(admin, "policies", advice={"many_authors": 200, "few_authors": 3})
    patched = admin.patch(f"/api/v1/policies/{policy}", json={"advice": {"few_authors": 4}}).json()
    assert (patched["advice"]["many_authors"], patched["advice"]["few_authors"]) == (200, 4)
    patched = admin.patch(f"/api/v1/policies/{policy}", json={"advice": {"many_authors": None}}).json()
    assert (patched["advice"]["many_authors"] != 200, patched["advice"]["few_authors"]) == (True, 4)

    watch = made(admin, "watches", query={"any_of": ["Evian", "eau"], "none_of": ["thonon"]})
    patched = admin.patch(f"/api/v1/watches/{watch}", json={"query": {"any_of": ["Evian"]}}).json()
    assert patched["query"] == {"any_of": ["Evian"], "all_of": [], "none_of": ["thonon"]}
    patched = admin.patch(f"/api/v1/watches/{watch}", json={"query": "any of: Volvic"}).json()
    assert patched["query"] == {"any_of": ["Volvic"], "all_of": [], "none_of": []}


def test_a_merge_patch_may_say_that_it_is_one(admin: TestClient) -> None:
    policy = made(admin, "policies")
    answer = admin.patch(
        f"/api/v1/policies/{policy}",
        content='{"floor": 7}',
        headers={"Content-Type": "application/merge-patch+json"},
    )
    assert (answer.status_code, answer.json()["floor"]) == (200, 7)
    description = admin.get("/api/v1/openapi.json").json()
    assert "RFC 7396" in description["info"]["description"]


def test_the_root_leads_people_to_something_readable_and_programs_to_the_places(admin: TestClient) -> None:
    browser = admin.get("/", headers={"Accept": "text/html,*/*;q=0.8"}, follow_redirects=False)
    assert (browser.status_code, browser.headers["location"]) == (303, "/sign-in")
    places = admin.get("/").json()
    assert (places["name"], places["docs"], places["health"]) == ("Tocsin", "/docs", "/healthz")
    assert admin.get(places["docs"]).status_code == 200
