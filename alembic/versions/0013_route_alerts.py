"""Route alerts."""

import sqlalchemy as sa

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("channel", schema=None) as batch_op:
        batch_op.add_column(sa.Column("language", sa.String(8), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("from_level", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("kinds", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("fallback", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.add_column(sa.Column("instead_of", sa.String(120), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.drop_column("instead_of")
    with op.batch_alter_table("channel", schema=None) as batch_op:
        for name in ("failing_since", "fallback", "kinds", "from_level", "language"):
            batch_op.drop_column(name)
