"""Know people, their ways, and who of them is on duty when."""

import sqlalchemy as sa

from alembic import op

revision = "0028_from_0023"
down_revision = "0027_from_0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("slack_user", sa.String(length=24), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("name", name=op.f("uq_person_name")),
        sa.UniqueConstraint("slack_user", name=op.f("uq_person_slack_user")),
    )
    op.create_table(
        "rota",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("layers", sa.JSON(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=True),
        sa.Column("call_minutes", sa.Integer(), nullable=False),
        sa.Column("lapse_minutes", sa.Integer(), nullable=False),
        sa.Column("night", sa.JSON(), nullable=True),
        sa.Column("handed_over", sa.JSON(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["person.id"], name=op.f("fk_rota_lead_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rota")),
        sa.UniqueConstraint("name", name=op.f("uq_rota_name")),
    )
    op.create_table(
        "substitution",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rota_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("instead_of_id", sa.Integer(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["rota_id"], ["rota.id"], name=op.f("fk_substitution_rota_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_substitution_person_id")),
        sa.ForeignKeyConstraint(["instead_of_id"], ["person.id"], name=op.f("fk_substitution_instead_of_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_substitution")),
    )
    op.create_index(op.f("ix_substitution_rota_id"), "substitution", ["rota_id"])
    with op.batch_alter_table("channel", schema=None) as batch_op:
        batch_op.add_column(sa.Column("person_id", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_channel_person_id"), ["person_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_channel_person_id"), "person", ["person_id"], ["id"], ondelete="CASCADE"
        )
    op.add_column("policy", sa.Column("rota", sa.String(length=120), nullable=False, server_default=""))
    _take_over_from_slack()


def _take_over_from_slack() -> None:
    """Whoever may act in Slack is a person; of two with one name the later is told apart by the id."""
    connection = op.get_bind()
    taken: set[str] = set()
    rows = connection.execute(
        sa.text("SELECT user_id, name, role, created_at FROM slack_user ORDER BY created_at, user_id")
    )
    for user, name, role, created_at in rows.all():
        own = name if name not in taken else f"{name[:90]} ({user})"
        taken.add(own)
        connection.execute(
            sa.text(
                "INSERT INTO person (name, role, language, slack_user, created_at, updated_at) "
                "VALUES (:name, :role, '', :user, :at, :at)"
            ),
            {"name": own, "role": role, "user": user, "at": created_at},
        )


def downgrade() -> None:
    op.drop_column("policy", "rota")
    with op.batch_alter_table("channel", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_channel_person_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_channel_person_id"))
        batch_op.drop_column("person_id")
    op.drop_table("substitution")
    op.drop_table("rota")
    op.drop_table("person")
