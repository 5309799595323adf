"""Settings as people write them into an environment."""

import pytest

from app.settings import Settings


@pytest.mark.parametrize(
    ("given", "hosts"),
    [
        ("", []),
        ("127.0.0.1", ["127.0.0.1"]),
        ("forum.intra, 10.0.0.7", ["forum.intra", "10.0.0.7"]),
        ('["forum.intra", "::1"]', ["forum.intra", "::1"]),
        ("[]", []),
    ],
)
def test_hosts_stand_between_commas(monkeypatch: pytest.MonkeyPatch, given: str, hosts: list[str]) -> None:
    monkeypatch.setenv("TOCSIN_ALLOW_PRIVATE_HOSTS", given)
    assert Settings().allow_private_hosts == hosts
