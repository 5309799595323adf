"""Know the whole volume of sources."""

import sqlalchemy as sa

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "intake",
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("posts", sa.Integer(), nullable=False),
        sa.Column("unasked", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_intake_source_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("source_id", "at", name=op.f("pk_intake")),
    )
    with op.batch_alter_table("intake", schema=None) as batch_op:
        batch_op.create_index("ix_intake_at", ["at"], unique=False)
    op.execute(
        "INSERT INTO intake (source_id, at, posts, unasked)"
        " SELECT p.source_id, p.bucket_at, count(*), sum(CASE WHEN m.post_id IS NULL THEN 1 ELSE 0 END)"
        " FROM post p LEFT JOIN (SELECT DISTINCT post_id FROM mention) m ON m.post_id = p.id"
        " GROUP BY p.source_id, p.bucket_at"
    )
    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.add_column(sa.Column("noted_at", sa.DateTime(timezone=True), nullable=True))
    # What was kept quiet so far is no news any more.
    op.execute("UPDATE incident SET noted_at = opened_at WHERE suppressed_by_kind")


def downgrade() -> None:
    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.drop_column("noted_at")
    op.drop_table("intake")
