"""The tables. Their names are the words of the product; every instant is UTC."""

from app.kinds import IncidentKind, KindTerm
from app.models.base import Base, Unreadable, UnreadableRow, UTCDateTime, require_readable, unreadable
from app.models.calendar import PlannedEvent, Silence
from app.models.channels import Channel, Delivery, DeliveryState
from app.models.clock import ClockMark
from app.models.faults import Fault
from app.models.incidents import (
    MILESTONES,
    WITH_WATCH,
    Incident,
    Reason,
    State,
    Transition,
    Verdict,
    VerdictWord,
)
from app.models.listening import (
    Bucket,
    Coverage,
    Intake,
    LookBack,
    Mention,
    Post,
    PostPrecision,
    QuotaUse,
    Run,
    RunStatus,
    Source,
    SourceHealth,
    Subscription,
    Volume,
)
from app.models.notices import Notice
from app.models.people import ApiKey, AuditEntry, SlackPress, SlackUser
from app.models.proposals import Proposal, ProposalState
from app.models.restoring import LostMessage, Restoration
from app.models.watching import (
    DRILL,
    DRILL_NAME,
    WHOLE,
    WITH_SOURCES,
    Label,
    Policy,
    Watch,
    WatchChannel,
    WatchSource,
)

__all__ = [
    "DRILL",
    "DRILL_NAME",
    "MILESTONES",
    "WHOLE",
    "WITH_SOURCES",
    "WITH_WATCH",
    "ApiKey",
    "AuditEntry",
    "Base",
    "Bucket",
    "Channel",
    "ClockMark",
    "Coverage",
    "Delivery",
    "DeliveryState",
    "Fault",
    "Incident",
    "IncidentKind",
    "Intake",
    "KindTerm",
    "Label",
    "LookBack",
    "LostMessage",
    "Mention",
    "Notice",
    "PlannedEvent",
    "Policy",
    "Post",
    "PostPrecision",
    "Proposal",
    "ProposalState",
    "QuotaUse",
    "Reason",
    "Restoration",
    "Run",
    "RunStatus",
    "Silence",
    "SlackPress",
    "SlackUser",
    "Source",
    "SourceHealth",
    "State",
    "Subscription",
    "Transition",
    "UTCDateTime",
    "Unreadable",
    "UnreadableRow",
    "Verdict",
    "VerdictWord",
    "Volume",
    "Watch",
    "WatchChannel",
    "WatchSource",
    "require_readable",
    "unreadable",
]
