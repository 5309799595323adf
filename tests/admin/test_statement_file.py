"""Templates of statements in the file of `tocsin apply`: applied once; what is wrong told with its line."""

from datetime import UTC, datetime

import pytest

from app import db
from app.admin.apply import Applied, apply
from app.admin.yaml_file import BadFile, read
from app.models import StatementTemplate
from app.vault import Vault, new_key

NOW = datetime(2026, 11, 22, 9, 14, tzinfo=UTC)
VAULT = Vault(new_key())
FILE = """
people:
  - {name: Ana}
statements:
  - name: recall
    approvers: [Ana]
    texts:
      en: |
        Since {since}, {what}.
"""


def test_the_templates_are_made_and_changed_by_their_names(sqlite: str) -> None:
    engine = db.connect(sqlite, durable=False)

    def applied(text: str) -> Applied:
        with db.sessions_of(engine).begin() as session:
            return apply(session, read(text, {}), vault=VAULT, by="t", now=NOW)

    assert [change.subject for change in applied(FILE).changes] == ["person", "statement_template"]
    assert applied(FILE).changes == ()
    (change,) = applied(FILE.replace("{what}", "{where}")).changes
    assert change.fields[0][0] == "texts.en"
    for text, why in (
        (FILE.replace("{what}", "{qui}"), "line 7, statements[0].texts: en, line 1: there is no {qui}"),
        (FILE.replace("[Ana]", "[Zoé]"), "line 6, statements[0].approvers[0]: there is no person “Zoé”"),
    ):
        with pytest.raises(BadFile) as error:
            applied(text)
        assert str(error.value).startswith(why)
    with db.sessions_of(engine)() as session:
        assert session.get_one(StatementTemplate, 1).texts == {"en": "Since {since}, {where}."}
    engine.dispose()
