"""The key of stored secrets: in the backup unless it is kept elsewhere, and put back beside the database."""

import stat
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text

from app import db
from app.errors import AppError, BadInput
from app.models import Source
from app.settings import Settings
from app.vault import KEY_FILE, Vault, new_key, open_vault
from tests.backup.conftest import Keeping


def test_the_key_is_in_it_unless_it_is_kept_elsewhere(home: Engine, at_home: Keeping) -> None:
    vault = open_vault(at_home.here)
    with db.sessions_of(home).begin() as session:
        for source in session.scalars(select(Source)):
            source.secret = vault.seal("geheim")
        session.execute(text("UPDATE channel SET secret = NULL"))
    assert at_home.save(with_key=False).manifest.holds_key is False
    restored = at_home.restore()
    assert len(restored.sealed) == 3, "nobody can open them, and it says so"
    assert at_home.save(with_key=True, force=True).manifest.holds_key
    with pytest.raises(AppError, match="--force"):
        at_home.restore()
    assert at_home.restore(force=True).sealed == []
    key = at_home.there.data_dir / KEY_FILE
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert key.read_text() == (at_home.here.data_dir / KEY_FILE).read_text()


def test_a_key_of_the_environment_is_never_in_it_and_another_one_is_refused(
    home: Engine, at_home: Keeping, tmp_path: Path
) -> None:
    assert home
    open_vault(at_home.here)
    at_home.save()
    with pytest.raises(BadInput, match="not the key of this backup"):
        at_home.restore(Settings(data_dir=tmp_path / "there", secret_key=new_key()))
    key = (at_home.here.data_dir / KEY_FILE).read_text().strip()
    at_home.restore(Settings(data_dir=tmp_path / "there", secret_key=key))
    assert not (tmp_path / "there" / KEY_FILE).exists()
    at_home.here = at_home.here.model_copy(update={"secret_key": Settings(secret_key=new_key()).secret_key})
    assert at_home.save(force=True).manifest.holds_key is False


def test_another_key_that_is_there_is_kept_beside_it(home: Engine, at_home: Keeping) -> None:
    assert home
    open_vault(at_home.here)
    open_vault(at_home.there)
    other = (at_home.there.data_dir / KEY_FILE).read_text().strip()
    at_home.save()
    (kept,) = at_home.restore().aside
    assert Vault(kept.read_text().strip()).derive("x") == Vault(other).derive("x")
