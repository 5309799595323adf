"""Kinds that need a contract or a secret: told when added, and switched off until a person says so."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from app import db, sources
from app.admin.apply import Applied, apply
from app.admin.yaml_file import BadFile, read
from app.models import Source
from app.sources.feed import rss
from app.vault import Vault, new_key
from tests.http_client.loopback import NOW

VAULT = Vault(new_key())
PAPER = """
sources:
  - {name: paper, kind: paid, secret: "${KEY}", settings: {url: "https://paper.example/feed"}}
"""


@pytest.fixture
def session(sessions: db.Sessions, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    paid = replace(rss.KIND, name="paid", secret="needed", needs="Needs a contract.", starts=False)
    monkeypatch.setattr(sources, "KINDS", (*sources.KINDS, paid))
    with sessions() as session:
        yield session


def run(session: Session, text: str) -> Applied:
    return apply(session, read(text, {"KEY": "hunter2"}), vault=VAULT, by="cli", now=NOW)


def test_it_is_added_switched_off_and_says_why(session: Session) -> None:
    told = {path: after for path, _, after in run(session, PAPER).changes[0].fields}
    why = "Needs a contract. Set enabled to true when you have that."
    assert (told["enabled"], told["switched off"]) == (False, why)
    source = session.query(Source).one()
    assert (source.enabled, source.due_at, source.health_why) == (False, None, why)


def test_the_same_file_again_leaves_it_as_people_set_it(session: Session) -> None:
    run(session, PAPER)
    assert run(session, PAPER).changes == ()
    on = PAPER.replace("kind: paid", "kind: paid, enabled: true")
    assert [path for path, *_ in run(session, on).changes[0].fields] == ["enabled"]
    assert run(session, PAPER).changes == ()
    source = session.query(Source).one()
    assert (source.enabled, source.due_at, source.health_why) == (True, NOW, "")


def test_it_starts_at_once_if_that_is_what_the_file_says(session: Session) -> None:
    run(session, PAPER.replace("kind: paid", "kind: paid, enabled: true"))
    assert session.query(Source).one().due_at == NOW


def test_without_the_secret_that_it_needs_it_is_not_added(session: Session) -> None:
    with pytest.raises(BadFile, match="is missing: the kind paid needs one"):
        run(session, PAPER.replace('secret: "${KEY}", ', ""))
