"""Find mentions by their words, and keep what a team notes of them."""

import sqlalchemy as sa

from alembic import op

revision = "0034_from_0023"
down_revision = "0033_from_0023"
branch_labels = None
depends_on = None

_MADE, _GONE = (
    "INSERT INTO post_words (rowid, title, text) VALUES (new.id, new.title, new.text)",
    "INSERT INTO post_words (post_words, rowid, title, text) VALUES ('delete', old.id, old.title, old.text)",
)
_TRIGGERS = {
    "post_words_insert": f"AFTER INSERT ON post BEGIN {_MADE}; END",
    "post_words_delete": f"AFTER DELETE ON post BEGIN {_GONE}; END",
    "post_words_update": f"AFTER UPDATE OF title, text ON post BEGIN {_GONE}; {_MADE}; END",
}
# Parts of the index that are larger, and merged later: a fifth less of what it adds to storing a post.
_WRITTEN_SELDOM = {"hashsize": 16 << 20, "crisismerge": 32, "automerge": 16}
# PostgreSQL takes a text apart at what it takes for addresses, numbers with signs and tags; where signs are
# spaces it finds the words that SQLite finds. Accents are taken off, and nothing depends on the locale.
_SIGNS = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~«»‘’“”„…–—·•"
_MARKS = "".join(map(chr, (*range(0x300, 0x30D), *range(0x323, 0x329), 0x331)))
_LONGEST = 100_000  # characters: what is longer than a tsvector would be refused


def _sqlite() -> None:
    op.execute(
        "CREATE VIRTUAL TABLE post_words USING fts5(title, text, content='post', content_rowid='id', "
        "columnsize=0, tokenize='unicode61 remove_diacritics 2')"
    )
    for option, value in _WRITTEN_SELDOM.items():
        op.execute(f"INSERT INTO post_words (post_words, rank) VALUES ('{option}', {value})")  # noqa: S608 - names of ours
    op.execute("INSERT INTO post_words (post_words) VALUES ('rebuild')")
    op.execute("CREATE INDEX ix_mention_author ON mention (author COLLATE NOCASE)")
    for name, what in _TRIGGERS.items():
        op.execute(f"CREATE TRIGGER {name} {what}")


def _postgresql() -> None:
    def quoted(text: str) -> str:
        return "'" + text.replace("'", "''").replace(":", "\\:") + "'"

    plain = f"normalize(left(title || ' ' || text, {_LONGEST}), NFD)"
    plain = f"translate({plain}, {quoted(_SIGNS + _MARKS)}, {quoted(' ' * len(_SIGNS))})"
    words = f"to_tsvector('simple'::regconfig, lower(normalize({plain}, NFC)))"
    op.execute(f"ALTER TABLE post ADD COLUMN words tsvector GENERATED ALWAYS AS ({words}) STORED")
    op.execute("CREATE INDEX ix_post_words ON post USING gin (words)")
    op.execute("CREATE INDEX ix_mention_author ON mention (lower(author))")


def upgrade() -> None:
    op.create_table(
        "mention_tag",
        sa.Column("watch_id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tag", sa.String(length=60), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["post_id"], ["post.id"], name=op.f("fk_mention_tag_post_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["watch_id"], ["watch.id"], name=op.f("fk_mention_tag_watch_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("watch_id", "post_id", "tag", name=op.f("pk_mention_tag")),
    )
    op.create_index(op.f("ix_mention_tag_post_id"), "mention_tag", ["post_id"])
    op.create_index("ix_mention_tag_tag", "mention_tag", ["tag", "watch_id"])
    op.create_table(
        "mention_note",
        sa.Column("watch_id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["post_id"], ["post.id"], name=op.f("fk_mention_note_post_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["watch_id"], ["watch.id"], name=op.f("fk_mention_note_watch_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("watch_id", "post_id", name=op.f("pk_mention_note")),
    )
    op.create_index(op.f("ix_mention_note_post_id"), "mention_note", ["post_id"])
    op.create_index("ix_mention_at", "mention", ["at"])
    if op.get_bind().dialect.name == "postgresql":
        _postgresql()
    else:
        _sqlite()


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE post DROP COLUMN words")
    else:
        for name in _TRIGGERS:
            op.execute(f"DROP TRIGGER {name}")
        op.execute("DROP TABLE post_words")
    op.drop_index("ix_mention_author", table_name="mention")
    op.drop_index("ix_mention_at", table_name="mention")
    op.drop_table("mention_note")
    op.drop_table("mention_tag")
