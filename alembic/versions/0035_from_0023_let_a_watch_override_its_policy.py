"""Let a watch override fields of its policy."""

import sqlalchemy as sa

from alembic import op

revision = "0035_from_0023"
down_revision = "0034_from_0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("policy", schema=None) as batch_op:
        batch_op.add_column(sa.Column("base_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("overrides", sa.JSON(), nullable=True))
        batch_op.create_index(batch_op.f("ix_policy_base_id"), ["base_id"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_policy_base_id"), "policy", ["base_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("policy", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_policy_base_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_policy_base_id"))
        batch_op.drop_column("overrides")
        batch_op.drop_column("base_id")
