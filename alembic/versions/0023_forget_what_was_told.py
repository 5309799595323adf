"""Forget what was told."""

import sqlalchemy as sa

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_EDIT = sa.text("edit_due_at IS NOT NULL")


def upgrade() -> None:
    with op.batch_alter_table("transition", schema=None) as batch_op:
        batch_op.add_column(sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.add_column(sa.Column("edit_due_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(
            "ix_delivery_edit_due_at",
            ["edit_due_at"],
            unique=False,
            sqlite_where=_EDIT,
            postgresql_where=_EDIT,
        )


def downgrade() -> None:
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.drop_index("ix_delivery_edit_due_at", sqlite_where=_EDIT, postgresql_where=_EDIT)
        batch_op.drop_column("edit_due_at")
    with op.batch_alter_table("transition", schema=None) as batch_op:
        batch_op.drop_column("forgotten_at")
