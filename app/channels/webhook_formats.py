"""Bodies of a webhook in the forms that other programs read already: CloudEvents, and Alertmanager's webhook.

CloudEvents 1.0 in JSON: <https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md>.
Alertmanager's webhook, version 4: <https://prometheus.io/docs/alerting/latest/configuration/#webhook_config>.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from app.channels.base import Alert
from app.channels.crisis import StakeholderUpdate
from app.channels.document import Paragraph, plain
from app.channels.notices import (
    Announcement,
    Bulletin,
    ClockJump,
    HandOver,
    News,
    Outage,
    Restore,
    SetAside,
    Standstill,
    Trial,
)
from app.channels.wording import bulletins, documents
from app.models import State

Format = Literal["tocsin", "cloudevents", "alertmanager"]
_STILL = "0001-01-01T00:00:00Z"  # Alertmanager's end of what has none


def cloud_event(
    envelope: Mapping[str, Any], message: Alert | Announcement | None, *, house: str, key: str, now: datetime
) -> dict[str, Any]:
    """The envelope as the data of an event; `key`: its id, the same for each try. None is a ping."""
    event: dict[str, Any] = {
        "specversion": "1.0",
        "id": key or f"ping-{int(now.timestamp())}",
        "source": f"urn:tocsin:{house}",
        "type": f"tocsin.{envelope['type']}",
        "time": (message.at if message is not None else now).isoformat(),
        "datacontenttype": "application/json",
        "data": dict(envelope),
    }
    if isinstance(message, Alert):
        event["subject"] = f"watches/{message.watch_id}/incidents/{message.incident_id}"
    return event


def alert_group(message: Alert | Announcement | None, *, receiver: str) -> dict[str, Any] | None:
    """A group of one alert, as Alertmanager tells its receivers; of none for a ping.

    None: it is nothing that fires or ends. The labels of a fire stay the same from its alert to its end, as
    receivers know it by them.
    """
    if isinstance(message, Bulletin | HandOver | StakeholderUpdate):
        return None
    alerts = [] if message is None else [_fire(message) if isinstance(message, Alert) else _trouble(message)]
    first = alerts[0] if alerts else {"status": "resolved", "labels": {}, "annotations": {}}
    return {
        "version": "4",
        "groupKey": f"{{}}:{json.dumps(first['labels'], ensure_ascii=False, sort_keys=True)}",
        "truncatedAlerts": 0,
        "status": first["status"],
        "receiver": receiver,
        "groupLabels": first["labels"],
        "commonLabels": first["labels"],
        "commonAnnotations": first["annotations"],
        "externalURL": message.link or "" if isinstance(message, Alert) else "",
        "alerts": alerts,
    }


def _fire(alert: Alert) -> dict[str, Any]:
    document = documents.root(alert, chart=False)
    labels = {"alertname": "TocsinFire", "incident": str(alert.incident_id), "watch": alert.watch}
    if alert.drill:
        labels["drill"] = "true"
    annotations = {
        "summary": documents.subject(alert, follows=False),
        "description": next((plain(part.text) for part in document.parts if isinstance(part, Paragraph)), ""),
        "reason": alert.reason.value,
        "state": alert.state.value,
        "level": str(alert.level),
        "acknowledged_by": alert.acknowledged_by or "",
    }
    began, ended = alert.burning_at or alert.opened_at, None
    if alert.state is State.out:
        ended = alert.out_at or alert.at
    return _alert(labels | {"severity": "critical"}, annotations, began, ended, alert.link or "")


def _trouble(news: Announcement) -> dict[str, Any]:
    """What is told of the service itself; a trouble that is over has ended."""
    labels, over, since = {}, False, news.at
    match news:
        case News():
            labels, over, since = {"source": news.source}, news.health == "ok", news.since
        case Outage():
            labels, over, since = {"channel": news.channel}, news.works, news.since
        case Standstill():
            over, since = news.goes_on, news.since
        case SetAside():
            labels = {"watch": news.watch}
        case Trial():
            labels, over = {"channel": news.channel}, True  # nobody has to end it
        case ClockJump() | Restore() | Bulletin() | HandOver() | StakeholderUpdate():
            pass
    severity = "info" if isinstance(news, SetAside | Restore | Trial) else "warning"
    labels = {"alertname": _NAMES[type(news)], **labels, "severity": severity}
    text = plain(bulletins.notice(news).summary)
    return _alert(labels, {"summary": text, "description": text}, since, news.at if over else None, "")


_NAMES: Mapping[type, str] = {
    News: "TocsinSource",
    Outage: "TocsinChannel",
    Standstill: "TocsinStandstill",
    ClockJump: "TocsinClock",
    Restore: "TocsinRestored",
    SetAside: "TocsinSetAside",
    Trial: "TocsinTest",
}


def _alert(
    labels: dict[str, str], annotations: dict[str, str], began: datetime, ended: datetime | None, url: str
) -> dict[str, Any]:
    known = json.dumps(labels, sort_keys=True).encode()
    return {
        "status": "resolved" if ended else "firing",
        "labels": labels,
        "annotations": annotations,
        "startsAt": _utc(began),
        "endsAt": _utc(ended) if ended else _STILL,
        "generatorURL": url,
        "fingerprint": hashlib.sha256(known).hexdigest()[:16],
    }


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
