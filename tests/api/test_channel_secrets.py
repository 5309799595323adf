"""A secret that has a form is looked at before it is kept."""

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from app.models import AuditEntry, Channel
from app.runtime import Runtime

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

TOKEN = "tk_never-to-be-seen"


def test_a_service_url_that_cannot_be_used_is_refused_in_a_sentence_and_nothing_is_kept(
    admin: TestClient, runtime: Runtime
) -> None:
    for secret, why in (
        (None, "is missing: the kind apprise needs one"),
        (
            f"syslog://{TOKEN}",
            "begins with the name of none of the services that are taken: 46elks://, bulksms://",
        ),
        (f"twilio://{TOKEN}", "is not understood as one of Twilio; its forms: {schema}://{account_sid}"),
        (f"ntfys://{TOKEN}@ntfy.example/a/b", "names 2 recipients: give one to a channel"),
        (f"ntfys://{TOKEN}@ntfy.example/a?verify=no", "may not set verify"),
    ):
        answer = admin.post("/api/v1/channels", json={"name": "phone", "kind": "apprise", "secret": secret})
        assert answer.status_code == 422
        (error,) = answer.json()["errors"]
        assert error["pointer"] == "#/secret"
        assert error["detail"].startswith(why)
        assert TOKEN not in answer.text
    with runtime.sessions() as session:
        assert session.scalars(select(Channel).where(Channel.name == "phone")).all() == []


def test_a_service_url_is_shown_to_nobody(admin: TestClient, runtime: Runtime) -> None:
    url = f"ntfys://{TOKEN}@ntfy.example/lea"
    made = admin.post("/api/v1/channels", json={"name": "phone", "kind": "apprise", "secret": url})
    assert made.status_code == 201, made.text
    path = f"/api/v1/channels/{made.json()['id']}"
    refused = admin.patch(path, json={"secret": f"discord://{TOKEN}"})
    assert refused.status_code == 422
    told = made.text + refused.text + admin.get(path).text
    assert admin.patch(path, json={"secret": url.replace("lea", "tom")}).json()["has_secret"] is True
    with runtime.sessions() as session:
        kept = str(session.execute(select(Channel.secret, Channel.settings)).all())
        audit = str([(entry.before, entry.after) for entry in session.scalars(select(AuditEntry))])
    assert TOKEN not in told + kept + audit
