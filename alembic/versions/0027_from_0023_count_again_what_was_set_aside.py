"""Count again what was set aside, where it would ring with it."""

import sqlalchemy as sa

from alembic import op

revision = "0027_from_0023"
down_revision = "0026_from_0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("watch", sa.Column("counts_again_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("mention", sa.Column("again", sa.Boolean(), nullable=False, server_default=sa.false()))
    for name in ("again", "aside"):
        op.add_column("bucket", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    op.create_index("ix_aside_source_id_at", "aside", ["source_id", "at"])
    # Buckets know what was set aside once they are counted again.
    op.execute(
        "UPDATE watch SET rematch_until = (SELECT max(id) FROM post) WHERE id IN (SELECT watch_id FROM aside)"
    )


def downgrade() -> None:
    op.drop_index("ix_aside_source_id_at", table_name="aside")
    for name in ("again", "aside"):
        op.drop_column("bucket", name)
    op.drop_column("mention", "again")
    op.drop_column("watch", "counts_again_since")
