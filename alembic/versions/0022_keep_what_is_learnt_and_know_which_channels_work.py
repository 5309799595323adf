"""Keep what is learnt through an edit, and know which channels work."""

import sqlalchemy as sa

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_OF_POLICIES = ("decides_since", "scores_since")
_OF_CHANNELS = ("worked_at", "probed_at", "told_since")


def upgrade() -> None:
    with op.batch_alter_table("policy", schema=None) as batch_op:
        for name in _OF_POLICIES:
            batch_op.add_column(sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE policy SET decides_since = updated_at, scores_since = updated_at")
    with op.batch_alter_table("channel", schema=None) as batch_op:
        for name in _OF_CHANNELS:
            batch_op.add_column(sa.Column(name, sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    for table, names in (("channel", _OF_CHANNELS), ("policy", _OF_POLICIES)):
        with op.batch_alter_table(table, schema=None) as batch_op:
            for name in reversed(names):
                batch_op.drop_column(name)
