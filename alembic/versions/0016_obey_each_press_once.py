"""Obey each press once."""

import sqlalchemy as sa

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "slack_press",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_slack_press")),
    )
    op.create_index(op.f("ix_slack_press_at"), "slack_press", ["at"])


def downgrade() -> None:
    op.drop_table("slack_press")
