"""The tables. Their names are the words of the product; every instant is UTC."""

from app.models.base import Base, Unreadable, UnreadableRow, UTCDateTime, require_readable, unreadable
from app.models.calendar import PlannedEvent, Silence
from app.models.channels import Channel, Delivery, DeliveryState
from app.models.faults import Fault
from app.models.incidents import (
    MILESTONES,
    Incident,
    IncidentKind,
    KindTerm,
    Reason,
    State,
    Transition,
    Verdict,
)
from app.models.listening import (
    Bucket,
    Coverage,
    Mention,
    Post,
    QuotaUse,
    Run,
    Source,
    Subscription,
    Volume,
)
from app.models.notices import Notice
from app.models.people import ApiKey, AuditEntry, SlackPress, SlackUser
from app.models.proposals import Proposal
from app.models.watching import DRILL, DRILL_NAME, Label, Policy, Watch, WatchChannel, WatchSource

__all__ = [
    "DRILL",
    "DRILL_NAME",
    "MILESTONES",
    "ApiKey",
    "AuditEntry",
    "Base",
    "Bucket",
    "Channel",
    "Coverage",
    "Delivery",
    "DeliveryState",
    "Fault",
    "Incident",
    "IncidentKind",
    "KindTerm",
    "Label",
    "Mention",
    "Notice",
    "PlannedEvent",
    "Policy",
    "Post",
    "Proposal",
    "QuotaUse",
    "Reason",
    "Run",
    "Silence",
    "SlackPress",
    "SlackUser",
    "Source",
    "State",
    "Subscription",
    "Transition",
    "UTCDateTime",
    "Unreadable",
    "UnreadableRow",
    "Verdict",
    "Volume",
    "Watch",
    "WatchChannel",
    "WatchSource",
    "require_readable",
    "unreadable",
]
