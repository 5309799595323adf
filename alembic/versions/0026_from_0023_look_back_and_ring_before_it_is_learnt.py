"""Look back at the time before a source was made, and let a watch ring before it has learnt."""

import sqlalchemy as sa

from alembic import op

revision = "0026_from_0023"
down_revision = "0025_from_0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "look_back",
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reached", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mark", sa.JSON(), nullable=False),
        sa.Column("posts", sa.Integer(), nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_look_back_source_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("source_id", name=op.f("pk_look_back")),
    )
    op.create_index(op.f("ix_look_back_due_at"), "look_back", ["due_at"])
    op.add_column("watch", sa.Column("emergency", sa.JSON(), nullable=True))
    op.add_column("watch", sa.Column("learning", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("watch", "learning")
    op.drop_column("watch", "emergency")
    op.drop_index(op.f("ix_look_back_due_at"), table_name="look_back")
    op.drop_table("look_back")
