"""Tell kinds of incidents."""

import sqlalchemy as sa

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kind", sa.String(length=12), nullable=False, server_default="fire"))
        batch_op.add_column(sa.Column("quiet", sa.Boolean(), nullable=False, server_default=sa.false()))

    with op.batch_alter_table("policy", schema=None) as batch_op:
        batch_op.add_column(sa.Column("rings", sa.JSON(), nullable=False, server_default='["fire"]'))


def downgrade() -> None:
    with op.batch_alter_table("policy", schema=None) as batch_op:
        batch_op.drop_column("rings")

    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.drop_column("quiet")
        batch_op.drop_column("kind")
