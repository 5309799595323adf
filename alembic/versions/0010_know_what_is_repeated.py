"""Know what is repeated."""

import sqlalchemy as sa

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("mention", schema=None) as batch_op:
        batch_op.add_column(sa.Column("wording", sa.BigInteger(), nullable=True))
        batch_op.create_index(
            "ix_mention_wording",
            ["wording", "at"],
            unique=False,
            sqlite_where=sa.text("wording IS NOT NULL"),
            postgresql_where=sa.text("wording IS NOT NULL"),
        )


def downgrade() -> None:
    with op.batch_alter_table("mention", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_mention_wording",
            sqlite_where=sa.text("wording IS NOT NULL"),
            postgresql_where=sa.text("wording IS NOT NULL"),
        )
        batch_op.drop_column("wording")
