"""Settings as a file, and back: `apply` takes what `export` wrote and finds nothing to change."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import db
from app.admin import scope
from app.admin.apply import Applied, apply
from app.admin.export import export
from app.admin.policies import ensure_default
from app.admin.yaml_file import BadFile, read
from app.logs import VEIL
from app.models import DRILL, Policy, Team, Watch
from app.sources import KINDS
from app.vault import Vault, new_key
from tests.sources.test_contract import SETTINGS

NOW = datetime(2026, 11, 22, 9, 14, tzinfo=UTC)
ROOT = Path(__file__).parents[2]
VAULT = Vault(new_key())
TEAMS = """
teams: [{name: Birch}, {name: Amber}]
people:
  - {name: Léa, slack_user: U0LEA, language: fr, teams: {Birch: admin}, time_zone: Europe/Paris,
     quiet: {since: 22:00, until: 7:00, from_level: 2}}
  - {name: Max, teams: {Birch: responder, Amber: viewer}}
  - {name: Ana}
rotas:
  - name: nights
    team: Birch
    layers:
      - {people: [Léa], starts_on: 2026-11-02, hand_over: 18:00, days: 5,
         hours: {since: 18:00, until: 8:00, days: [sat]}}
    night: {since: 23:00, until: 6:30}
    lead: Léa
statements:
  - {name: recall, team: Birch, approvers: [Léa],
     texts: {fr: "Nous savons.\\nNous cherchons.\\n", en: We know.}}
policies:
  - {name: calm, team: Birch, rota: nights, alarms_per_month: 0.5, rings: [fire, amplified], digest: true,
     advice: {many_authors: 200}}
  - {name: loud, alarms_per_month: 4}
sources:
  - {name: Forum, team: Birch, kind: rss, settings: {url: "https://forum.example/feed?token=abcdef"}}
  - {name: Presse, kind: rss, settings: {url: "https://presse.example/une"}, cadence_seconds: 600,
     enabled: false}
channels:
  - {name: hook, team: Birch, kind: webhook, settings: {url: "https://hooks.example/T0/secret-path"},
     fallback: [mails], from_level: 2, kinds: [fire]}
  - {name: mails, team: Birch, kind: webhook, settings: {url: "https://mails.example"}}
  - {name: Léa's phone, person: Léa, kind: webhook, settings: {url: "https://phone.example/x"}}
watches:
  - {name: "Vélinor: la marque", team: Birch, query: 'Vélinor OU "eau: pure" -rue', languages: [fr],
     policy: calm, sources: [Forum, Presse], channels: [hook], emergency: true, relevance: false, country: FR}
  - {name: "no", kind: risk, query: {any_of: ["#yes", "on, off"], none_of: [null-part]}}
"""


@pytest.fixture
def session(sessions: db.Sessions) -> Iterator[Session]:
    with sessions() as session:
        yield session


class _Secrets(dict[str, str]):
    """An environment in which every name is set."""

    def get(self, _name: str, _default: object = None) -> str:
        return "a-secret-that-is-long-enough-for-all"


def run(session: Session, text: str) -> Applied:
    return apply(session, read(text, _Secrets()), vault=VAULT, by="cli", now=NOW)


def comes_back(session: Session) -> str:
    """What is exported, after it was seen that applying it changes nothing."""
    written = export(session)
    assert run(session, written).changes == (), written
    assert export(session) == written
    return written


def test_the_files_of_the_documents_come_back_in_both_languages(session: Session) -> None:
    files = 0
    for page in (ROOT / "README.md", ROOT / "README.fr.md", *sorted((ROOT / "docs").glob("*.md"))):
        for text in re.findall(r"```yaml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
            with session.begin_nested() as before:
                try:
                    run(session, text)
                except BadFile:
                    pass  # a part of a file
                else:
                    files += 1
                    comes_back(session)
                before.rollback()
    assert files >= 6


def test_all_that_can_be_set_comes_back_and_makes_the_same_house_elsewhere(session: Session) -> None:
    run(session, TEAMS)
    ensure_default(session, now=NOW)
    written = comes_back(session)
    for secret in ("secret-path", "abcdef"):
        assert secret not in written
    assert VEIL in written
    assert "Nous savons.\n" in written, "lines stay lines"
    session.rollback()
    with pytest.raises(BadFile, match=f"holds {VEIL}"):
        run(session, written)
    session.rollback()
    elsewhere = written.replace(VEIL, "given-here")
    run(session, elsewhere)
    assert comes_back(session).replace(VEIL, "given-here") == elsewhere


def test_every_kind_of_source_comes_back_as_it_is_switched(session: Session) -> None:
    every = [
        {"name": kind.name, "kind": kind.name, "settings": SETTINGS[kind.name]}
        | ({"secret": "${KEY}"} if kind.secret == "needed" else {})
        for kind in KINDS
    ]
    run(session, yaml.safe_dump({"sources": every}))
    comes_back(session)
    run(session, yaml.safe_dump({"sources": [one | {"enabled": True} for one in every]}))
    written = comes_back(session)
    made = read(written, {}).file.sources
    assert len(made) == len(KINDS)
    assert all(source.enabled for source in made)


def test_of_a_team_it_is_what_is_the_teams(session: Session) -> None:
    run(session, TEAMS)
    birch = session.scalars(select(Team.id).where(Team.name == "Birch")).one()
    scope.bind(session, frozenset({birch}))
    written = comes_back(session)
    file = read(written, {}).file
    names = {part: [thing.name for thing in getattr(file, part)] for part in type(file).model_fields}
    assert names == {
        "teams": ["Birch"], "people": ["Léa"], "rotas": ["nights"], "statements": ["recall"],
        "policies": ["calm"], "sources": ["Forum"], "channels": ["Léa's phone", "hook", "mails"],
        "watches": ["Vélinor: la marque"],
    }  # fmt: skip
    assert "left out: Max: of other teams too" in written
    assert "Amber" not in written
    scope.bind(session, None)
    assert run(session, written).changes == (), "the house takes it as well, and nobody loses a team"


def test_what_cannot_be_read_is_left_out_and_named(session: Session) -> None:
    run(session, "watches: [{name: fine, query: x1}, {name: odd, query: x2}]")
    session.add(Watch(
        name="drill: x", kind=DRILL, query={}, languages=[], policy_id=1, created_at=NOW, updated_at=NOW,
    ))  # fmt: skip
    session.flush()
    session.execute(update(Watch).where(Watch.name == "odd").values(kind="of another version"))
    session.expire_all()
    written = export(session)
    assert "# left out: odd: kind: " in written
    assert "drill" not in written
    assert [watch.name for watch in read(written, {}).file.watches] == ["fine"]
    assert session.scalars(select(Policy.name)).all() == ["default"]
