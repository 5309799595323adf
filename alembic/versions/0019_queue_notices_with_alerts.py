"""Queue notices with alerts: one table of deliveries."""

import sqlalchemy as sa

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_DUE = sa.text("due_at IS NOT NULL")


def upgrade() -> None:
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.alter_column("transition_id", existing_type=sa.Integer(), nullable=True)
        batch_op.alter_column("incident_id", existing_type=sa.Integer(), nullable=True)
        batch_op.add_column(sa.Column("notice_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            op.f("fk_delivery_notice_id"), "notice", ["notice_id"], ["id"], ondelete="CASCADE"
        )
        batch_op.create_unique_constraint(
            op.f("uq_delivery_notice_id_channel_id"), ["notice_id", "channel_id"]
        )
        batch_op.create_check_constraint(
            op.f("ck_delivery_one_message"), "(transition_id IS NULL) <> (notice_id IS NULL)"
        )
        batch_op.create_check_constraint(
            op.f("ck_delivery_incident_of_transition"), "(transition_id IS NULL) = (incident_id IS NULL)"
        )
    op.execute(
        "INSERT INTO delivery (notice_id, channel_id, state, due_at, attempts, ambiguous, sent_at, error,"
        " instead_of, created_at) SELECT d.notice_id, d.channel_id, d.state, d.due_at, d.attempts, false,"
        " d.sent_at, d.error, '', n.at FROM notice_delivery d JOIN notice n ON n.id = d.notice_id"
        " ORDER BY d.id"
    )
    op.drop_table("notice_delivery")
    # What failed under the old names is tried anew under the new ones.
    op.execute("DELETE FROM fault WHERE subject = 'notice_delivery' OR step = 'deliver alerts'")


def downgrade() -> None:
    op.create_table(
        "notice_delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=14), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channel.id"], name=op.f("fk_notice_delivery_channel_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notice.id"], name=op.f("fk_notice_delivery_notice_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_delivery")),
        sa.UniqueConstraint("notice_id", "channel_id", name=op.f("uq_notice_delivery_notice_id_channel_id")),
    )
    op.create_index(op.f("ix_notice_delivery_channel_id"), "notice_delivery", ["channel_id"])
    op.create_index(
        "ix_notice_delivery_due_at", "notice_delivery", ["due_at"], sqlite_where=_DUE, postgresql_where=_DUE
    )
    op.execute(
        "INSERT INTO notice_delivery (notice_id, channel_id, state, due_at, attempts, sent_at, error)"
        " SELECT notice_id, channel_id, state, due_at, attempts, sent_at, error FROM delivery"
        " WHERE notice_id IS NOT NULL ORDER BY id"
    )
    op.execute(
        "DELETE FROM fault WHERE subject = 'delivery'"
        " AND subject_id IN (SELECT id FROM delivery WHERE notice_id IS NOT NULL)"
    )
    op.execute("DELETE FROM delivery WHERE notice_id IS NOT NULL")
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_delivery_incident_of_transition"), type_="check")
        batch_op.drop_constraint(op.f("ck_delivery_one_message"), type_="check")
        batch_op.drop_constraint(op.f("uq_delivery_notice_id_channel_id"), type_="unique")
        batch_op.drop_constraint(op.f("fk_delivery_notice_id"), type_="foreignkey")
        batch_op.drop_column("notice_id")
        batch_op.alter_column("incident_id", existing_type=sa.Integer(), nullable=False)
        batch_op.alter_column("transition_id", existing_type=sa.Integer(), nullable=False)
