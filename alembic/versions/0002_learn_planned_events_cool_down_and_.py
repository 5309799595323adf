"""Learn planned events, cool down, and count holidays."""

import sqlalchemy as sa

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.add_column(sa.Column("spoken_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("spoken_of", sa.JSON(), nullable=False, server_default="{}"))
        batch_op.add_column(sa.Column("hushed", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("top_score", sa.Double(), nullable=False, server_default="0"))

    with op.batch_alter_table("planned_event", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kind", sa.String(length=80), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("learnt", sa.JSON(), nullable=True))
        batch_op.alter_column("factor", existing_type=sa.Double(), nullable=True)

    with op.batch_alter_table("policy", schema=None) as batch_op:
        batch_op.add_column(sa.Column("cooldown_minutes", sa.Integer(), nullable=False, server_default="360"))

    with op.batch_alter_table("watch", schema=None) as batch_op:
        batch_op.add_column(sa.Column("country", sa.String(length=12), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("judged_since", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("watch", schema=None) as batch_op:
        batch_op.drop_column("judged_since")
        batch_op.drop_column("country")

    with op.batch_alter_table("policy", schema=None) as batch_op:
        batch_op.drop_column("cooldown_minutes")

    op.execute("UPDATE planned_event SET factor = 2 WHERE factor IS NULL")
    with op.batch_alter_table("planned_event", schema=None) as batch_op:
        batch_op.alter_column("factor", existing_type=sa.Double(), nullable=False)
        batch_op.drop_column("learnt")
        batch_op.drop_column("kind")

    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.drop_column("top_score")
        batch_op.drop_column("hushed")
        batch_op.drop_column("spoken_of")
        batch_op.drop_column("spoken_at")
