"""Keys: what is kept of them, and what they open."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import db
from app.admin import keys
from app.admin.fields import Role
from app.admin.team_specs import KeySpec, RotationSpec
from app.errors import Conflict, Forbidden, Unauthorized
from app.logs import mask
from app.models import ApiKey, AuditEntry

NOW = datetime(2026, 11, 22, 9, 14, tzinfo=UTC)
ROLES: tuple[Role, ...] = ("viewer", "responder", "admin")


@pytest.fixture
def session(sessions: db.Sessions) -> Iterator[Session]:
    with sessions() as session:
        yield session


@pytest.mark.parametrize("role", ROLES)
def test_a_key_says_its_role_and_only_its_hash_is_kept(session: Session, role: Role) -> None:
    key, token = keys.create(session, KeySpec(name="x", role=role), by="test", now=NOW)
    assert token.startswith(f"tocsin_{role[0]}_")
    assert len(token.removeprefix(f"tocsin_{role[0]}_")) == 43  # 256 bits in base64
    assert key.digest == hashlib.sha256(token.encode()).hexdigest()
    assert token.startswith(key.prefix)
    assert len(key.prefix) <= 16
    assert mask(f"say {token} aloud") == "say ••• aloud"
    row = session.connection().exec_driver_sql("SELECT * FROM api_key").one()
    assert token not in map(str, row)


def test_the_last_admin_key_is_not_revoked(session: Session) -> None:
    first, _ = keys.create(session, KeySpec(name="first", role="admin"), by="test", now=NOW)
    short = KeySpec(name="short", role="admin", expires_at=NOW + timedelta(hours=1))
    keys.create(session, short, by="test", now=NOW)
    keys.create(session, KeySpec(name="viewer"), by="test", now=NOW)
    later = NOW + timedelta(hours=2)
    with pytest.raises(Conflict, match="last admin key"):
        keys.revoke(session, first.id, by="test", now=later)
    assert first.revoked_at is None
    second, _ = keys.create(session, KeySpec(name="second", role="admin"), by="test", now=later)
    assert keys.revoke(session, first.id, by="test", now=later).revoked_at == later
    with pytest.raises(Conflict):
        keys.revoke(session, second.id, by="test", now=later)
    assert keys.revoke(session, first.id, by="test", now=later).revoked_at == later, "it was before"


def test_the_first_key_is_made_once(session: Session) -> None:
    token = keys.first_key(session, now=NOW)
    assert token is not None
    assert keys.authenticate(session, token, now=NOW).role == "admin"
    assert keys.first_key(session, now=NOW) is None
    assert session.scalars(select(AuditEntry.actor)).all() == ["tocsin"]


@pytest.mark.parametrize("token", ["", "x", "tocsin_a_", "tocsin_a_" + "x" * 43, "ünï", "\x00"])
def test_what_is_no_key_is_nobody(session: Session, token: str) -> None:
    keys.create(session, KeySpec(name="x"), by="test", now=NOW)
    with pytest.raises(Unauthorized):
        keys.authenticate(session, token, now=NOW)


def test_a_key_opens_until_it_expires_or_is_revoked(session: Session) -> None:
    expires = NOW + timedelta(days=1)
    key, token = keys.create(session, KeySpec(name="x", expires_at=expires), by="test", now=NOW)
    assert keys.authenticate(session, token, now=expires - timedelta(seconds=1)) is key
    with pytest.raises(Unauthorized, match="expired"):
        keys.authenticate(session, token, now=expires)
    assert keys.state(key, now=expires) == "expired"
    keys.revoke(session, key.id, by="test", now=NOW)
    with pytest.raises(Unauthorized, match="revoked"):
        keys.authenticate(session, token, now=NOW)
    first = key.revoked_at
    keys.revoke(session, key.id, by="test", now=NOW + timedelta(days=2))
    assert key.revoked_at == first
    assert keys.state(key, now=NOW) == "revoked"


def test_a_key_that_would_be_born_expired_is_not_made(session: Session) -> None:
    with pytest.raises(Conflict):
        keys.create(session, KeySpec(name="x", expires_at=NOW), by="test", now=NOW)


@pytest.mark.parametrize("own", ROLES)
@pytest.mark.parametrize("needed", ROLES)
def test_a_role_may_do_what_those_below_it_may(own: Role, needed: Role) -> None:
    key = ApiKey(name="x", role=own)
    if ROLES.index(own) >= ROLES.index(needed):
        keys.require(key, needed)
    else:
        with pytest.raises(Forbidden, match=f"takes a key of the role {needed}; yours is {own}"):
            keys.require(key, needed)


def test_a_key_is_rotated_and_both_open_for_the_overlap(session: Session) -> None:
    for days in (0, 1, 7):
        old, before = keys.create(session, KeySpec(name="x", role="responder"), by="test", now=NOW)
        spec = RotationSpec(overlap_days=days)
        same, new, after = keys.rotate(session, old.id, spec, by="test", now=NOW)
        ends = NOW + timedelta(days=days)
        assert (same, old.expires_at, new.expires_at, new.role) == (old, ends, None, "responder")
        assert (before == after, after.startswith("tocsin_r_")) == (False, True)
        assert keys.authenticate(session, after, now=ends) is new
        with pytest.raises(Unauthorized, match="expired"):
            keys.authenticate(session, before, now=ends)
        if days:
            assert keys.authenticate(session, before, now=ends - timedelta(seconds=1)) is old
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()
        assert (entry.action, entry.subject_id) == ("rotate", old.id)
        assert entry.after == (entry.before or {}) | {
            "expires_at": ends.isoformat(),
            "replaced_by": new.prefix,
        }


def test_a_new_key_lives_as_long_as_the_old_one_was_made_for_and_the_old_one_no_longer(
    session: Session,
) -> None:
    lives = timedelta(days=30)
    old, _ = keys.create(session, KeySpec(name="x", expires_at=NOW + lives), by="test", now=NOW)
    late = NOW + lives - timedelta(hours=1)
    _, new, _ = keys.rotate(session, old.id, RotationSpec(overlap_days=7), by="test", now=late)
    assert (old.expires_at, new.expires_at) == (NOW + lives, late + lives)


def test_a_key_that_opens_nothing_is_not_rotated(session: Session) -> None:
    expired, _ = keys.create(
        session, KeySpec(name="x", expires_at=NOW + timedelta(hours=1)), by="test", now=NOW
    )
    revoked, _ = keys.create(session, KeySpec(name="y"), by="test", now=NOW)
    keys.revoke(session, revoked.id, by="test", now=NOW)
    for key in (expired, revoked):
        with pytest.raises(Conflict, match="opens nothing any more"):
            keys.rotate(session, key.id, RotationSpec(), by="test", now=NOW + timedelta(hours=1))


def test_the_names_of_rotated_keys_are_numbered(session: Session) -> None:
    long = "x" * 120
    for name, wanted in (
        ("Grafana", "Grafana (2)"),
        ("Grafana (2)", "Grafana (3)"),
        ("Grafana", "Grafana (4)"),
        ("Wall (2026)", "Wall (2027)"),
        ("(2)", "(2) (2)"),
        (long, "x" * 116 + " (2)"),
    ):
        key, _ = keys.create(session, KeySpec(name=name), by="test", now=NOW)
        assert keys.rotate(session, key.id, RotationSpec(), by="test", now=NOW)[1].name == wanted


def test_an_admin_key_that_is_on_its_way_out_does_not_stand_in_for_the_last(session: Session) -> None:
    old, _ = keys.create(session, KeySpec(name="x", role="admin"), by="test", now=NOW)
    _, new, _ = keys.rotate(session, old.id, RotationSpec(overlap_days=7), by="test", now=NOW)
    with pytest.raises(Conflict, match="last admin key"):
        keys.revoke(session, new.id, by="test", now=NOW)
    assert keys.revoke(session, old.id, by="test", now=NOW).revoked_at == NOW
