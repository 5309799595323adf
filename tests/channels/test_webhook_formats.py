"""The bodies of a webhook in the forms of others, as their receivers read them."""

import json
from datetime import datetime
from typing import Any

import httpx

from app.channels.base import Alert, Earlier, idempotency_key
from app.channels.crisis import StakeholderUpdate
from app.channels.notices import Announcement, Bulletin, HandOver
from app.channels.webhook import Envelope, WebhookChannel
from app.channels.webhook_formats import Format
from app.models import State
from tests.channels.factory import NOW, alert, announcements, story


def sent(shape: Format, *messages: Alert | Announcement, check: bool = False) -> list[httpx.Request]:
    """What the receiver gets."""
    got: list[httpx.Request] = []

    def receive(request: httpx.Request) -> httpx.Response:
        got.append(request)
        return httpx.Response(200)

    http = httpx.Client(transport=httpx.MockTransport(receive))
    channel = WebhookChannel("https://x.example/hook", "s", http, shape=shape, house="abc", name="desk")
    for one in messages:
        tell = channel.tell if isinstance(one, Alert) else channel.say
        tell(one, Earlier(), now=NOW)  # type: ignore[arg-type] # each takes its own
    if check:
        channel.check(now=NOW)
    return got


def bodies(requests: list[httpx.Request]) -> list[dict[str, Any]]:
    return [json.loads(request.content) for request in requests]


def test_a_cloud_event_holds_the_same_body_and_says_what_it_is() -> None:
    requests = sent("cloudevents", alert(), *announcements(), check=True)
    events = bodies(requests)
    for request, event in zip(requests, events, strict=True):
        assert request.headers["Content-Type"] == "application/cloudevents+json"
        assert request.headers["X-Tocsin-Signature"]
        assert (event["specversion"], event["source"]) == ("1.0", "urn:tocsin:abc")
        assert event["type"] == f"tocsin.{event['data']['type']}"
        assert datetime.fromisoformat(event["time"]).tzinfo is not None
    assert Envelope.model_validate(events[0]["data"]).alert == alert()
    assert events[0]["id"] == idempotency_key(alert()) == requests[0].headers["Idempotency-Key"]
    assert events[0]["subject"] == "watches/2/incidents/5"
    assert len({event["id"] for event in events}) == len(events)


def test_a_fire_is_one_alert_from_its_beginning_to_its_end() -> None:
    groups = bodies(sent("alertmanager", *story(), alert(incident_id=6, story_id=6), alert(drill=True)))
    *fire, other, drill = groups
    for group, told in zip(fire, story(), strict=True):
        (one,) = group["alerts"]
        assert (group["version"], group["receiver"]) == ("4", "desk")
        assert group["status"] == one["status"] == ("resolved" if told.state is State.out else "firing")
        assert one["annotations"]["reason"] == told.reason
        assert (one["endsAt"] == "0001-01-01T00:00:00Z") == (told.state is not State.out)
    assert len({group["alerts"][0]["fingerprint"] for group in fire}) == 1
    assert len({group["groupKey"] for group in (*fire, other, drill)}) == 3
    assert "FIRE STARTING · Nimbus" in fire[0]["commonAnnotations"]["summary"]
    assert drill["commonLabels"]["drill"] == "true"
    assert fire[0]["externalURL"] == "https://tocsin.example/incidents/5"


def test_troubles_end_when_it_works_again_and_bulletins_are_no_alerts() -> None:
    told = [one for one in announcements() if not isinstance(one, Bulletin | HandOver | StakeholderUpdate)]
    groups = bodies(sent("alertmanager", *announcements()))
    assert len(groups) == len(told)
    status = {group["commonLabels"]["alertname"]: group["status"] for group in groups}
    assert {name for name, one in status.items() if one != "firing"} == {"TocsinTest"}
    assert all(group["alerts"][0]["annotations"]["summary"] for group in groups)
    over = [
        one.model_copy(update={name: value})
        for one in told
        for name, value in (("health", "ok"), ("works", True), ("goes_on", True))
        if name in type(one).model_fields
    ]
    ended = bodies(sent("alertmanager", *over))
    assert [group["status"] for group in ended] == ["resolved"] * 3
    known = {group["alerts"][0]["fingerprint"] for group in groups}
    assert {group["alerts"][0]["fingerprint"] for group in ended} <= known


def test_a_check_sends_a_group_of_none() -> None:
    (group,) = bodies(sent("alertmanager", check=True))
    assert (group["alerts"], group["status"]) == ([], "resolved")
