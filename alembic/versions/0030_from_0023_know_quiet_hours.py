"""Know the hours in which a person is called only if they are on duty."""

import sqlalchemy as sa

from alembic import op

revision = "0030_from_0023"
down_revision = "0029_from_0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("person", sa.Column("time_zone", sa.String(length=64), nullable=False, server_default=""))
    op.add_column("person", sa.Column("quiet", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("person", "quiet")
    op.drop_column("person", "time_zone")
