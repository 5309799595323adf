"""Keep bulletins and proposals."""

import sqlalchemy as sa

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_PERIOD = sa.text("period != ''")


def upgrade() -> None:
    with op.batch_alter_table("policy", schema=None) as batch_op:
        batch_op.add_column(sa.Column("digest", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.alter_column("source_id", existing_type=sa.Integer(), nullable=True)
        batch_op.add_column(sa.Column("period", sa.String(length=10), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("facts", sa.JSON(), nullable=False, server_default="{}"))
    op.create_index(
        "uq_notice_period",
        "notice",
        ["period"],
        unique=True,
        sqlite_where=_PERIOD,
        postgresql_where=_PERIOD,
    )
    op.create_table(
        "proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("watch_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["watch_id"], ["watch.id"], name=op.f("fk_proposal_watch_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
    )
    op.create_index(op.f("ix_proposal_watch_id"), "proposal", ["watch_id"])


def downgrade() -> None:
    op.drop_table("proposal")
    op.execute("DELETE FROM notice WHERE source_id IS NULL")
    op.drop_index("uq_notice_period", "notice")
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_column("facts")
        batch_op.drop_column("period")
        batch_op.alter_column("source_id", existing_type=sa.Integer(), nullable=False)
    with op.batch_alter_table("policy", schema=None) as batch_op:
        batch_op.drop_column("digest")
