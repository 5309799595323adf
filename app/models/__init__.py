"""The tables. Their names are the words of the product; every instant is UTC."""

from app.kinds import IncidentKind, KindTerm
from app.models.base import Base, Unreadable, UnreadableRow, UTCDateTime, require_readable, unreadable
from app.models.calendar import PlannedEvent, Silence
from app.models.channels import Channel, Delivery, DeliveryState
from app.models.clock import ClockMark
from app.models.duty import Rota, Substitution
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
    Aside,
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
from app.models.people import ApiKey, AuditEntry, Person, SlackPress, SlackUser
from app.models.proposals import Proposal, ProposalState
from app.models.reports import ReportNote
from app.models.restoring import LostMessage, Restoration
from app.models.teams import Membership, Team
from app.models.watching import (
    DRILL,
    DRILL_NAME,
    WHOLE,
    WITH_SOURCES,
    Label,
    Policy,
    Relation,
    Watch,
    WatchChannel,
    WatchSource,
    hears,
)

__all__ = [
    "DRILL",
    "DRILL_NAME",
    "MILESTONES",
    "WHOLE",
    "WITH_SOURCES",
    "WITH_WATCH",
    "ApiKey",
    "Aside",
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
    "Membership",
    "Mention",
    "Notice",
    "Person",
    "PlannedEvent",
    "Policy",
    "Post",
    "PostPrecision",
    "Proposal",
    "ProposalState",
    "QuotaUse",
    "Reason",
    "Relation",
    "ReportNote",
    "Restoration",
    "Rota",
    "Run",
    "RunStatus",
    "Silence",
    "SlackPress",
    "SlackUser",
    "Source",
    "SourceHealth",
    "State",
    "Subscription",
    "Substitution",
    "Team",
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
    "hears",
    "require_readable",
    "unreadable",
]
