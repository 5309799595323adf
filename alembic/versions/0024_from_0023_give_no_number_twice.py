"""Give no number of what is told out twice, and know what a restore lost."""

import sqlalchemy as sa

from alembic import op

revision = "0024_from_0023"
down_revision = "0023"
branch_labels = None
depends_on = None

_TOLD = ("notice", "incident", "transition", "delivery", "proposal")


def upgrade() -> None:
    _make_anew(sqlite_autoincrement=True)
    op.create_table(
        "restoration",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("restored_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("known", sa.JSON(), nullable=False),
        sa.Column("read_channels", sa.JSON(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_restoration")),
    )
    op.create_table(
        "lost_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("handle", sa.String(length=40), nullable=False),
        sa.Column("thread", sa.String(length=40), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("identity", sa.JSON(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channel.id"], name=op.f("fk_lost_message_channel_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lost_message")),
        sa.UniqueConstraint("channel_id", "handle", name=op.f("uq_lost_message_channel_id_handle")),
    )


def downgrade() -> None:
    op.drop_table("lost_message")
    op.drop_table("restoration")
    _make_anew()


def _make_anew(**kind: bool) -> None:
    # PostgreSQL's sequences never go back; SQLite counts from the highest number that is there.
    if op.get_bind().dialect.name == "sqlite":
        for table in _TOLD:
            with op.batch_alter_table(table, recreate="always", table_kwargs=kind):
                pass
