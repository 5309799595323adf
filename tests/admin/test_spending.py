"""What a source used today of quotas and money, and what is left."""

from datetime import UTC, datetime, timedelta

import pytest

from app import db
from app.admin.sources import spending
from app.http_client import Paces, digest_of
from app.models import QuotaUse, Run, Source
from app.pipeline.ingest.quotas import keep_quotas, recall_quotas
from app.vault import Vault, new_key

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
VAULT = Vault(new_key())


def source(kind: str, secret: str | None, **settings: object) -> Source:
    return Source(
        name=kind, kind=kind, settings=settings, secret=VAULT.seal(secret) if secret else None, cursor={},
        health_since=NOW, created_at=NOW, updated_at=NOW,
    )  # fmt: skip


def test_what_is_left_of_a_quota_is_that_of_the_secret(sessions: db.Sessions) -> None:
    with sessions.begin() as session:
        mine, other = source("youtube", "mine", query="x"), source("stackexchange", None, query="x")
        session.add_all([mine, other])
        for secret, calls in (("mine", 13), ("yours", 99)):
            session.add(
                QuotaUse(
                    name="searches of YouTube", credential=digest_of(secret), day="2026-11-22", calls=calls
                )
            )
        session.flush()
        (budget,) = spending(session, mine, vault=VAULT, now=NOW).budgets
        assert (budget.what, budget.used, budget.of, budget.left) == ("searches of YouTube", 13, 100, 87)
        assert budget.resets_at == datetime(2026, 11, 23, 8, tzinfo=UTC), "midnight in Los Angeles"
        (without,) = spending(session, other, vault=VAULT, now=NOW).budgets
        assert (without.of, without.left) == (300, 300)


def test_what_was_used_is_kept_and_remembered_and_added_up(sessions: db.Sessions) -> None:
    used = ("searches of YouTube", "abc", "2026-11-22")
    for calls in (2, 3):
        paces = Paces()
        paces._unsaved[used] = calls
        with sessions.begin() as session:
            keep_quotas(session, paces)
            keep_quotas(session, paces)
    again = Paces()
    with sessions.begin() as session:
        assert session.get_one(QuotaUse, used).calls == 5
        recall_quotas(session, again, now=NOW)
        recall_quotas(session, Paces(), now=NOW + timedelta(days=9))
        assert session.query(QuotaUse).count() == 0, "old days are forgotten"
    assert again._used[used] == 5


def test_what_it_cost_is_that_of_today(sessions: db.Sessions) -> None:
    with sessions.begin() as session:
        paid = source("rss", None, url="https://press.example/feed")
        session.add(paid)
        session.flush()
        for hours, cost in ((1, 0.25), (8, 0.5), (10, 4.0)):
            at = NOW - timedelta(hours=hours)
            session.add(Run(source_id=paid.id, started_at=at, ended_at=at, status="ok", cost=cost))
        session.flush()
        assert spending(session, paid, vault=VAULT, now=NOW).cost == pytest.approx(0.75)


def test_a_lost_key_hides_the_budgets_and_breaks_nothing(sessions: db.Sessions) -> None:
    with sessions.begin() as session:
        sealed = source("youtube", "mine", query="x")
        session.add(sealed)
        session.flush()
        assert spending(session, sealed, vault=Vault(new_key()), now=NOW).budgets == []
