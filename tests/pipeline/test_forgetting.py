"""What its author deleted, and what is older than the retention, is gone from every copy in the house."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.admin import forgetting
from app.db import Sessions
from app.models import AuditEntry, Base, State
from app.pipeline import run_cycle
from app.pipeline.ingest.retain import retain
from app.pipeline.ingest.store import forget
from app.vault import Vault, new_key
from tests.pipeline.brand import fire, post
from tests.pipeline.conftest import FIRE_AT, Opened
from tests.pipeline.street import Street
from tests.standins.slack import SlackStandin
from tests.standins.slack_failures import http, says

KEY = new_key()
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
SAID, WHO, WHERE = (
    "Ma fille est tombée malade après un yaourt Vélinor nature",
    "@lea.martin",
    "example.org/léa",
)
HERS = replace(
    post("hers", FIRE_AT + 30 * MINUTE, SAID), author=WHO, followers=90_000, url=f"https://{WHERE}"
)


def held(sessions: Sessions) -> str:
    """All that the database holds, as text."""
    with sessions() as session:
        return "\n".join(
            str(tuple(row))
            for table in Base.metadata.sorted_tables
            for row in session.execute(table.select())
        )


def seen(slack: SlackStandin) -> str:
    """All that people see in Slack."""
    return str(slack.channels["C0ALERTS"])


@pytest.fixture
def burning(street: Opened, slack: SlackStandin, sessions: Sessions) -> Street:
    """A fire that was told, with her post among the samples."""
    life = street([*fire(FIRE_AT), HERS])
    life.live(FIRE_AT + 2 * HOUR)
    assert "ignited" in life.reasons()
    for trace in (SAID, WHO):
        assert trace in held(sessions)
        assert trace in seen(slack)
    return life


def delete(life: Street, *external_ids: str) -> None:
    with life.sessions.begin() as session:
        assert forget(session, life.source_id, external_ids, now=life.clock.at) == len(external_ids)


def cycle(life: Street, after: timedelta = MINUTE) -> datetime:
    life.clock.at += after
    now = life.clock.at
    run_cycle(life.sessions, life.chain, now=now)
    return now


def figures(life: Street) -> list[Any]:
    keys = ("observed", "expected", "mentions", "authors", "amplified", "negative", "sources")
    return [{key: transition.facts[key] for key in keys} for transition in life.transitions()]


def test_what_its_author_deleted_is_gone_from_every_copy_and_the_counts_stay(
    burning: Street, slack: SlackStandin, sessions: Sessions
) -> None:
    before = figures(burning)
    delete(burning, "hers")
    assert not [trace for trace in (SAID, WHO, WHERE) if trace in held(sessions)]
    assert figures(burning) == before
    cycle(burning)
    assert not [trace for trace in (SAID, WHO, WHERE) if trace in seen(slack)]
    assert "(supprimé par son auteur)" in seen(slack)
    assert not [trace for trace in (SAID, WHO, WHERE) if trace in held(sessions)]
    edited = len([1 for method, _ in slack.requests if method == "chat.update"])
    cycle(burning, 2 * MINUTE)
    assert len([1 for method, _ in slack.requests if method == "chat.update"]) == edited, "once is enough"


def test_a_message_is_edited_once_slack_is_back(burning: Street, slack: SlackStandin) -> None:
    delete(burning, "hers")
    slack.fail(http(503), method="chat.update", times=1000)
    cycle(burning)
    assert SAID in seen(slack)
    slack._failures.clear()
    cycle(burning, 10 * MINUTE)
    assert SAID not in seen(slack)


def test_a_message_that_slack_lets_nobody_edit_is_left(
    burning: Street, slack: SlackStandin, sessions: Sessions
) -> None:
    delete(burning, "hers")
    slack.fail(says("cant_update_message"), method="chat.update", times=1000)
    cycle(burning)
    assert [d for d in burning.deliveries() if d.edit_due_at is not None] == []
    assert SAID not in held(sessions)


def test_after_the_retention_no_post_and_no_name_is_left(
    burning: Street, slack: SlackStandin, sessions: Sessions
) -> None:
    burning.live(FIRE_AT + 4 * HOUR)
    burning.rest(FIRE_AT + 24 * HOUR)
    assert [incident.state for incident in burning.incidents()] == [State.out]
    before = figures(burning)
    burning.clock.at += timedelta(days=40)
    now = burning.clock.at
    retain(sessions, timedelta(days=36), now=now)
    cycle(burning)
    for where in (held(sessions), seen(slack)):
        assert not [trace for trace in (SAID, WHO, WHERE, "#velinor", "@user") if trace in where]
    assert figures(burning)[: len(before)] == before
    assert all(transition.forgotten_at == now for transition in burning.transitions()[: len(before)])


@pytest.mark.parametrize("word", ["Lea.Martin", WHO, f"https://{WHERE}"])
def test_who_asks_for_it_is_forgotten_and_named_nowhere(
    burning: Street, slack: SlackStandin, sessions: Sessions, word: str
) -> None:
    def keyed(purpose: str) -> str:
        return Vault(KEY).derive(purpose)

    now, before = burning.clock.at, figures(burning)
    with sessions() as session:
        found = forgetting.forget(session, word, keyed=keyed, by="Léa", now=now)
        session.rollback()
    assert (found.reached.posts, found.told) == (1, {"slack": found.told["slack"]})
    assert SAID in held(sessions), "it was only looked at"
    with sessions.begin() as session:
        forgetting.forget(session, word, keyed=keyed, by="Léa", now=now)
    cycle(burning)
    for where in (held(sessions), seen(slack)):
        assert not [
            trace for trace in (SAID, WHO, WHERE, "ea.martin") if trace.casefold() in where.casefold()
        ]
    assert "(retiré sur demande)" in seen(slack)
    assert figures(burning) == before
    with sessions() as session:
        entry = session.scalars(select(AuditEntry)).one()
        assert entry.after is not None
        assert (entry.action, entry.after["posts"], len(entry.after["digest"])) == ("forget", 1, 32)
        assert forgetting.forget(session, word, keyed=keyed, by="Léa", now=now).is_nothing
