"""Set aside what is not about a watch, as its team taught."""

import sqlalchemy as sa

from alembic import op

revision = "0025_from_0023"
down_revision = "0024_from_0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("watch", sa.Column("relevance", sa.JSON(), nullable=True))
    op.create_table(
        "relation",
        sa.Column("watch_id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("about", sa.Boolean(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["watch_id"], ["watch.id"], name=op.f("fk_relation_watch_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["post_id"], ["post.id"], name=op.f("fk_relation_post_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("watch_id", "post_id", name=op.f("pk_relation")),
    )
    op.create_index("ix_relation_post_id", "relation", ["post_id"])
    op.create_table(
        "aside",
        sa.Column("watch_id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["watch_id"], ["watch.id"], name=op.f("fk_aside_watch_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_aside_post_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("watch_id", "post_id", name=op.f("pk_aside")),
    )
    op.create_index("ix_aside_watch_id_at", "aside", ["watch_id", "at"])
    op.create_index("ix_aside_post_id", "aside", ["post_id"])


def downgrade() -> None:
    op.drop_table("aside")
    op.drop_table("relation")
    with op.batch_alter_table("watch") as batch:
        batch.drop_column("relevance")
