"""What each database keeps by itself to find mentions by: the words of posts, and authors blind to case.

On SQLite the words are a table of FTS5 that triggers keep in step; on PostgreSQL a generated column with a
GIN index. It holds nothing that is not in the posts, so that neither a backup nor the models know it.
"""

from collections.abc import Mapping

POST_WORDS = "post_words"  # SQLite's; it has four tables of its own beside it, whose names begin so
COLUMN = "words"  # PostgreSQL's, of the table of posts
_OWN = {("column", COLUMN), ("index", "ix_post_words"), ("index", "ix_mention_author")}


def is_known(name: str | None, kind: str, _parents: Mapping[str, str | None]) -> bool:
    """Whether the models speak of what a database has under that name; `kind` is as alembic says it.

    >>> is_known("post_words_data", "table", {}), is_known("post", "table", {})
    (False, True)
    """
    if kind == "table":
        return not (name or "").startswith(POST_WORDS)
    return (kind, name) not in _OWN
