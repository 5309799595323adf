"""The page that the link in an alert opens: read without a key by who has its address, and by nobody else."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.models import Transition
from app.runtime import Runtime, open_runtime
from app.settings import Settings
from tests.api.conftest import Clock

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_who_has_the_link_reads_the_incident_as_it_stands(
    client: TestClient, runtime: Runtime, fire: int
) -> None:
    answer = client.get(f"/incidents/{fire}/{runtime.page_key(fire)}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "FIRE STARTING · Danone" in answer.text
    assert "48 mentions in the last hour" in answer.text
    assert "script" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


PATHS = ("/incidents/{other}/{key}", "/incidents/{fire}/{wrong}", "/incidents/{fire}/é")


@pytest.mark.parametrize("path", PATHS)
def test_another_key_another_number_and_no_incident_are_answered_alike(
    client: TestClient, runtime: Runtime, fire: int, path: str
) -> None:
    key = runtime.page_key(fire)
    where = path.format(fire=fire, other=fire + 1, key=key, wrong=key[::-1])
    assert client.get(where).status_code == 404
    assert client.get(f"/incidents/{2**70}/{key}").status_code == 404
    assert client.get("/incidents/none/at-all").status_code in {404, 422}


def test_what_this_version_cannot_read_is_passed_over(
    client: TestClient, runtime: Runtime, fire: int
) -> None:
    with runtime.sessions.begin() as session:
        first = session.query(Transition).one()
        columns = {c.key: getattr(first, c.key) for c in Transition.__table__.columns if c.key != "id"}
        session.add(Transition(**columns | {"facts": [7]}))
    assert client.get(f"/incidents/{fire}/{runtime.page_key(fire)}").status_code == 200


def test_the_link_of_an_alert_leads_there(tmp_path: Path, database: str, clock: Clock) -> None:
    settings = Settings(data_dir=tmp_path, database_url=database, public_url="https://tocsin.example/")
    with open_runtime(settings, now=clock) as runtime:
        assert runtime.chain.delivery.link(7) == f"https://tocsin.example/incidents/7/{runtime.page_key(7)}"
