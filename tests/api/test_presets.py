"""A source made of a preset, over HTTP."""

from starlette.testclient import TestClient


def test_a_preset_makes_a_source_and_does_not_change_one(admin: TestClient) -> None:
    made = admin.post("/api/v1/sources", json={"name": "CERT", "preset": "cert-fr"})
    assert made.status_code == 201
    assert (made.json()["kind"], made.json()["settings"]) == (
        "rss", {"url": "https://www.cert.ssi.gouv.fr/feed/"},
    )  # fmt: skip
    refused = admin.patch(f"/api/v1/sources/{made.json()['id']}", json={"preset": "cnil"})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "#/preset")
    unknown = admin.post("/api/v1/sources", json={"name": "x", "preset": "cert"})
    assert unknown.status_code == 422
    assert "there are: bonjour-la-fuite, cert-fr" in unknown.text
    neither = admin.post("/api/v1/sources", json={"name": "x"})
    assert neither.json()["errors"][0]["pointer"] == "#/kind"


def test_the_presets_are_listed_with_the_kinds(admin: TestClient) -> None:
    presets = admin.get("/api/v1/kinds").json()["presets"]
    assert {"name", "summary", "kind", "settings", "asks", "known"} == set(presets[0])
    assert {one["name"]: one["asks"] for one in presets}["xenforo"] == "forum"
