"""Call a threshold a threshold, and what an incident remembers by the words of the decision."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_RENAMED = {
    "incident": {
        "line": "threshold",
        "alerted": "alerted_rate",
        "told_at": "last_transition_at",
        "spoken_at": "last_alert_at",
        "spoken_of": "alert_context",
        "hushed": "suppressed_by_cooldown",
        "quiet": "suppressed_by_kind",
    },
    "source": {"told_health": "announced_health"},
}


def upgrade() -> None:
    for table, names in _RENAMED.items():
        for old, new in names.items():
            op.alter_column(table, old, new_column_name=new)


def downgrade() -> None:
    for table, names in _RENAMED.items():
        for old, new in names.items():
            op.alter_column(table, new, new_column_name=old)
