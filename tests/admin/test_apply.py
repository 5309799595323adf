"""Settings from a YAML file: read whole, told whole, applied once."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import db
from app.admin.apply import Applied, apply
from app.admin.yaml_file import BadFile, read
from app.models import WHOLE, AuditEntry, Source, Watch
from app.vault import Vault, new_key

NOW = datetime(2026, 11, 22, 9, 14, tzinfo=UTC)
VAULT = Vault(new_key())
FILE = """
policies:
  - name: calm
    alarms_per_month: 0.5
sources:
  - name: listening tool
    kind: push
  - name: tool with a secret of ours
    kind: push
    secret: ${PUSH_SECRET}
channels:
  - name: hook
    kind: webhook
    settings: {url: "https://hooks.example.com/T0/path"}
watches:
  - name: Danone
    objective: Hear of a recall before the press does
    query: 'any of: Danone, "Les 2 Vaches"; none of: Danone Nations Cup'
    languages: [fr, en]
    time_zone: Europe/Paris
    policy: calm
    sources: [listening tool]
    channels: [hook]
  - name: Evian
    query:
      any_of: [Evian]
"""
ENVIRONMENT = {"PUSH_SECRET": "a-secret-that-is-long-enough", "EMPTY": ""}


@pytest.fixture
def session(sessions: db.Sessions) -> Iterator[Session]:
    with sessions() as session:
        yield session


def run(session: Session, text: str, environment: dict[str, str] = ENVIRONMENT) -> Applied:
    return apply(session, read(text, environment), vault=VAULT, by="cli", now=NOW)


def test_a_file_makes_everything_that_it_names(session: Session) -> None:
    applied = run(session, FILE)
    assert [(c.action, c.subject, c.name) for c in applied.changes] == [
        ("create", "policy", "calm"),
        ("create", "source", "listening tool"),
        ("create", "source", "tool with a secret of ours"),
        ("create", "channel", "hook"),
        ("create", "watch", "Danone"),
        ("create", "watch", "Evian"),
    ]
    watch = session.scalars(select(Watch).where(Watch.name == "Danone").options(*WHOLE)).one()
    assert (watch.policy.name, [s.name for s in watch.sources]) == ("calm", ["listening tool"])
    assert [name for name, _ in applied.secrets] == ["listening tool", "hook"]  # the third one was given


def test_the_second_time_nothing_changes(session: Session) -> None:
    run(session, FILE)
    entries = session.scalar(select(func.count(AuditEntry.id)))
    again = run(session, FILE)
    assert (again.changes, again.secrets) == ((), ())
    assert session.scalar(select(func.count(AuditEntry.id))) == entries


def test_a_preset_makes_a_source_once_and_a_wrong_one_is_told_with_its_place(session: Session) -> None:
    text = "sources:\n  - {name: Forum, preset: phpbb, settings: {forum: forum.example.org}}\n"
    assert len(run(session, text).changes) == 1
    assert run(session, text).changes == ()
    source = session.scalars(select(Source)).one()
    assert (source.kind, source.settings) == ("rss", {"url": "https://forum.example.org/app.php/feed"})
    with pytest.raises(BadFile, match="wants the address of the forum"):
        read("sources:\n  - {name: Forum, preset: phpbb}\n", {})


def test_a_change_is_told_field_by_field(session: Session) -> None:
    run(session, FILE)
    later = (
        FILE.replace("0.5", "2").replace("Danone Nations Cup'", "danone nation'").replace("[fr, en]", "[fr]")
    )
    assert [(c.name, c.fields) for c in run(session, later).changes] == [
        ("calm", (("alarms_per_month", 0.5, 2.0),)),
        (
            "Danone",
            (
                ("languages", ["fr", "en"], ["fr"]),
                ("query.none_of", ["Danone Nations Cup"], ["danone nation"]),
            ),
        ),
    ]


def test_what_the_file_does_not_name_stays(session: Session) -> None:
    run(session, FILE)
    run(session, "watches:\n  - {name: Badoit, query: 'any of: Badoit'}")
    assert set(session.scalars(select(Watch.name))) == {"Danone", "Evian", "Badoit"}


def test_a_secret_that_is_not_named_stays_and_a_new_one_is_told_without_it(session: Session) -> None:
    run(session, FILE)
    stored = select(Source.secret).where(Source.name == "tool with a secret of ours")
    first = session.scalar(stored)
    assert run(session, FILE.replace("    secret: ${PUSH_SECRET}\n", "")).changes == ()
    assert session.scalar(stored) == first
    [change] = run(session, FILE, {"PUSH_SECRET": "another-secret-long-enough"}).changes
    assert change.fields == (("secret", "before", "changed"),)
    assert VAULT.open(session.scalar(stored) or "") == "another-secret-long-enough"


def wrong(text: str, environment: dict[str, str] = ENVIRONMENT) -> list[str]:
    with pytest.raises(BadFile) as caught:
        read(text, environment)
    return caught.value.wrong


def test_everything_that_is_wrong_is_told_at_once_with_its_line() -> None:
    text = """
watches:
  - name: Danone
    qurey: "any of: Danone"
    languages: [fr, klingon]
  - name: Evian
    query: Evian, Volvic
wachtes: []
sources:
  - {name: a, kind: push, secret: "${MISSING}"}
  - {name: b, kind: push, secret: in-the-open}
  - {name: c, kind: push, secret: "${EMPTY}"}
"""
    told = wrong(text)
    assert [line.split(":")[0] for line in told] == [
        "line 10, sources[0].secret",
        "line 11, sources[1].secret",
        "line 12, sources[2].secret",
        "line 3, watches[0].query",
        "line 5, watches[0].languages[1]",
        "line 4, watches[0].qurey",
        "line 7, watches[1].query",
        "line 8, wachtes",
    ]
    assert told[0].endswith("the environment has no MISSING")
    assert told[5].endswith("there is no such field")
    assert "in-the-open" not in "\n".join(told)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("watches: [", "line 1: this is not YAML", id="broken"),
        pytest.param("- a\n- b", "the file must hold", id="a list"),
        pytest.param(
            "watches:\n  - {name: a, name: b}", "line 2: “watches[0].name” is there twice", id="key twice"
        ),
        pytest.param(
            "policies:\n  - name: a\n  - name: a",
            "line 3, policies[1].name: “a” is there twice",
            id="name twice",
        ),
        pytest.param("watches: !!python/object/apply:os.system [true]", "this is not YAML", id="code"),
        pytest.param("watches: 7", "line 1, watches", id="not a list"),
        pytest.param("a\x00b", "this is not YAML", id="not text"),
        pytest.param("a: " + "[" * 3000, "this is not YAML", id="deep"),
        pytest.param(
            "a: &a [x,x,x,x,x,x,x,x,x]\n"
            + "\n".join(
                f"{n}: &{n} [{','.join(['*' + p] * 9)}]" for p, n in zip("abcdefgh", "bcdefghi", strict=True)
            ),
            "the file is too large",
            id="a billion laughs",
        ),
    ],
)
def test_a_file_that_is_no_such_file_is_told_so(text: str, says: str) -> None:
    assert wrong(text)[0].startswith(says) or says in wrong(text)[0]


def test_an_empty_file_asks_for_nothing(session: Session) -> None:
    assert run(session, "").changes == ()
    assert run(session, "watches: []").changes == ()


def test_what_the_database_cannot_take_is_told_with_its_line_and_all_at_once(session: Session) -> None:
    text = """
sources:
  - name: fax
    kind: fax
watches:
  - name: Danone
    query: "any of: Danone"
    policy: loud
  - name: Evian
    query: "any of: Evian"
    sources: [nowhere]
"""
    with pytest.raises(BadFile) as caught:
        run(session, text)
    assert [line.split(":")[0] for line in caught.value.wrong] == [
        "line 4, sources[0].kind",
        "line 8, watches[0].policy",
        "line 11, watches[1].sources[0]",
    ]
    session.rollback()
    assert session.scalar(select(func.count(Watch.id))) == 0


def test_a_channel_may_stand_in_for_one_that_comes_before_it_in_the_file(session: Session) -> None:
    mail = "{to: [a@b.example], sender: t@b.example, server: m.example}"
    text = f"""
channels:
  - {{name: slack, kind: slack, settings: {{channel: C0ALERTS}}, fallback: [mailbox]}}
  - {{name: mailbox, kind: email, settings: {mail}}}
"""
    assert [change.name for change in run(session, text).changes] == ["mailbox", "slack"]
    with pytest.raises(BadFile, match="there is no channel “nobody”"):
        run(session, text.replace("[mailbox]", "[nobody]"))
