"""What each column that holds a time says, and how far ahead of now it may lie.

The rule, for all of them: **no stored time is believed that lies later than now allows.** A clock that ran
ahead and is right again, or was set back, leaves such times behind; believed, they would keep the service
deaf until the clock has come there. What is allowed follows from what the column says:

- `HAPPENED`: when something happened. Not later than now; one that is, is taken for now.
- `JUDGED`: the same, of what is counted in five minutes: taken for the five minutes that are not over yet.
- `DUE`: when something is to be done. Not later than the longest wait that is ever set (`LONGEST`), and once
  the clock is known to have been ahead, not later than now: a wait that it set has no length.
- `COUNTED`: which five minutes a row counts. What a source was heard for in the future is forgotten, and what
  was dated by our own clock moves back by as far as it had run ahead.
- `TOLD`: what a far end says; its posts are dated by `app.pipeline.ingest.store`, which believes no future.
- `MEANT`: what people set: a silence, a planned event, the end of a snooze or of a key. It may lie ahead.

`TOLERANCE` is what machines and threads may differ by. A test walks the tables and fails if a column that
holds a time is not classified here.
"""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

from app.backoff import CHANNELS, FAULTS, LONGEST_ASKED

TOLERANCE = timedelta(minutes=2)


class Says(StrEnum):
    """What a column that holds a time says."""

    HAPPENED = "happened"
    JUDGED = "judged"
    DUE = "due"
    COUNTED = "counted"
    TOLD = "told"
    MEANT = "meant"


TIMES: Mapping[str, Says] = {
    "aside.at": Says.COUNTED,
    "api_key.created_at": Says.HAPPENED,
    "api_key.expires_at": Says.MEANT,
    "api_key.revoked_at": Says.HAPPENED,
    "api_key.used_at": Says.HAPPENED,
    "audit_entry.at": Says.HAPPENED,
    "bucket.at": Says.COUNTED,
    "bucket.counted_at": Says.HAPPENED,
    "channel.broken_since": Says.HAPPENED,
    "channel.created_at": Says.HAPPENED,
    "channel.failing_since": Says.HAPPENED,
    "channel.probed_at": Says.HAPPENED,
    "channel.told_since": Says.HAPPENED,
    "channel.updated_at": Says.HAPPENED,
    "channel.worked_at": Says.HAPPENED,
    "clock_mark.jumped_at": Says.HAPPENED,
    "clock_mark.passed_at": Says.HAPPENED,
    "console_session.created_at": Says.HAPPENED,
    "console_session.used_at": Says.HAPPENED,
    "coverage.at": Says.COUNTED,
    "crisis_room.created_at": Says.HAPPENED,
    "delivery.attempted_at": Says.HAPPENED,
    "delivery.created_at": Says.HAPPENED,
    "delivery.due_at": Says.DUE,
    "delivery.edit_due_at": Says.DUE,
    "delivery.sent_at": Says.HAPPENED,
    "fault.due_at": Says.DUE,
    "fault.first_at": Says.HAPPENED,
    "fault.last_at": Says.HAPPENED,
    "incident.acknowledged_at": Says.HAPPENED,
    "incident.burning_at": Says.JUDGED,
    "incident.calm_since": Says.JUDGED,
    "incident.last_alert_at": Says.JUDGED,
    "incident.last_transition_at": Says.JUDGED,
    "incident.noted_at": Says.JUDGED,
    "incident.onset_at": Says.JUDGED,
    "incident.opened_at": Says.JUDGED,
    "incident.out_at": Says.JUDGED,
    "incident.peak_at": Says.JUDGED,
    "incident.snoozed_until": Says.MEANT,
    "intake.at": Says.COUNTED,
    "label.at": Says.HAPPENED,
    "log_entry.at": Says.HAPPENED,
    "log_entry.due_at": Says.MEANT,
    "log_entry.settled_at": Says.HAPPENED,
    "look_back.asked_at": Says.HAPPENED,
    "look_back.due_at": Says.DUE,
    "look_back.ended_at": Says.HAPPENED,
    "look_back.reached": Says.HAPPENED,
    "look_back.since": Says.HAPPENED,
    "look_back.until": Says.HAPPENED,
    "lost_message.at": Says.HAPPENED,
    "lost_message.settled_at": Says.HAPPENED,
    "mention.at": Says.COUNTED,
    "mention_note.at": Says.HAPPENED,
    "mention_tag.at": Says.HAPPENED,
    "notice.at": Says.HAPPENED,
    "notice.since": Says.HAPPENED,
    "person.created_at": Says.HAPPENED,
    "person.updated_at": Says.HAPPENED,
    "planned_event.created_at": Says.HAPPENED,
    "planned_event.ends_at": Says.MEANT,
    "planned_event.starts_at": Says.MEANT,
    "policy.created_at": Says.HAPPENED,
    "policy.decides_since": Says.HAPPENED,
    "policy.scores_since": Says.HAPPENED,
    "policy.updated_at": Says.HAPPENED,
    "post.bucket_at": Says.COUNTED,
    "post.edited_at": Says.TOLD,
    "post.first_seen_at": Says.HAPPENED,
    "post.published_at": Says.TOLD,
    "proposal.at": Says.HAPPENED,
    "proposal.decided_at": Says.HAPPENED,
    "restoration.restored_at": Says.HAPPENED,
    "restoration.settled_at": Says.HAPPENED,
    "restoration.taken_at": Says.HAPPENED,
    "relation.at": Says.HAPPENED,
    "report_link.created_at": Says.HAPPENED,
    "report_link.expires_at": Says.MEANT,
    "report_link.opened_at": Says.HAPPENED,
    "report_note.updated_at": Says.HAPPENED,
    "rota.created_at": Says.HAPPENED,
    "rota.updated_at": Says.HAPPENED,
    "run.ended_at": Says.HAPPENED,
    "run.started_at": Says.HAPPENED,
    "run.window_from": Says.HAPPENED,
    "run.window_to": Says.HAPPENED,
    "sign_in_link.created_at": Says.HAPPENED,
    "sign_in_link.expires_at": Says.MEANT,
    "silence.created_at": Says.HAPPENED,
    "silence.ends_at": Says.MEANT,
    "silence.starts_at": Says.MEANT,
    "slack_press.at": Says.HAPPENED,
    "slack_user.created_at": Says.HAPPENED,
    "source.created_at": Says.HAPPENED,
    "source.due_at": Says.DUE,
    "source.health_since": Says.HAPPENED,
    "source.heard_until": Says.HAPPENED,
    "source.updated_at": Says.HAPPENED,
    "stakeholder_updates.created_at": Says.HAPPENED,
    "stakeholder_updates.due_at": Says.DUE,
    "stakeholder_updates.ended_at": Says.HAPPENED,
    "statement.created_at": Says.HAPPENED,
    "statement_step.at": Says.HAPPENED,
    "statement_template.created_at": Says.HAPPENED,
    "statement_template.updated_at": Says.HAPPENED,
    "subscription.asked_at": Says.HAPPENED,
    "subscription.delivered_at": Says.HAPPENED,
    "subscription.due_at": Says.DUE,
    "subscription.lease_until": Says.DUE,
    "subscription.since": Says.HAPPENED,
    "substitution.created_at": Says.HAPPENED,
    "substitution.ends_at": Says.MEANT,
    "substitution.starts_at": Says.MEANT,
    "team.created_at": Says.HAPPENED,
    "team.updated_at": Says.HAPPENED,
    "transition.at": Says.JUDGED,
    "transition.forgotten_at": Says.HAPPENED,
    "verdict.at": Says.HAPPENED,
    "volume.at": Says.TOLD,
    "watch.counts_again_since": Says.HAPPENED,
    "watch.created_at": Says.HAPPENED,
    "watch.judged_since": Says.JUDGED,
    "watch.scored_until": Says.JUDGED,
    "watch.updated_at": Says.HAPPENED,
}

# The longest wait that is ever set, of each column that says when something is to be done.
LONGEST: Mapping[str, timedelta | None] = {
    "delivery.due_at": None,  # a silence or a snooze may hold it back for as long as people like
    "delivery.edit_due_at": CHANNELS.longest,
    "fault.due_at": FAULTS.longest,
    "look_back.due_at": LONGEST_ASKED,
    "source.due_at": LONGEST_ASKED,
    "stakeholder_updates.due_at": timedelta(days=1),
    "subscription.due_at": timedelta(days=30),
    "subscription.lease_until": timedelta(days=30),
}
