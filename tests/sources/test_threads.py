"""Meta says in a code what is wrong; each kind of error is told with what to do."""

from datetime import UTC, datetime, timedelta

import pytest

from app.errors import SourceError
from app.sources.base import Batch
from app.sources.threads import KIND, ThreadsSettings
from tests.sources.street import ReceivedRequest, Reply, says, street

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
POST = {
    "id": "18012345", "text": "Pas content", "media_type": "TEXT_POST", "username": "ana", "is_reply": True,
    "permalink": "https://www.threads.net/@ana/post/C8", "timestamp": "2026-11-22T08:00:00+0000",
}  # fmt: skip


def run(reply: Reply, mode: str = "keyword") -> tuple[Batch, list[ReceivedRequest]]:
    """What the first run brings, and what it asked."""
    assert KIND.build
    with street(lambda _asked: reply) as (server, client):
        settings = ThreadsSettings.model_validate({"query": "brand", "mode": mode})
        batch = KIND.build(settings, client, "my-token").fetch({}, now=NOW)
        return batch, server.asked


def test_a_post_has_its_id_its_time_and_its_author() -> None:
    batch, requests = run(says({"data": [POST, POST | {"id": "2", "text": None}]}), mode="tag")
    (item,) = batch.items
    assert (item.external_id, item.text, item.author) == ("18012345", "Pas content", "ana")
    assert item.published_at == datetime(2026, 11, 22, 8, tzinfo=UTC)
    assert item.url == "https://www.threads.net/@ana/post/C8"
    assert item.extra == {"media_type": "TEXT_POST", "is_reply": True}
    assert requests[0].query["search_mode"] == "TAG"
    assert int(requests[0].query["since"]) == int((NOW - timedelta(hours=24)).timestamp())


def test_the_token_is_in_no_address() -> None:
    _, requests = run(says({"data": []}))
    assert requests[0].headers["authorization"] == "Bearer my-token"
    assert "my-token" not in str(requests[0].query)


@pytest.mark.parametrize(
    ("code", "status", "permanent", "wait", "why"),
    [
        pytest.param(190, 400, True, None, "Check the secret", id="token"),
        pytest.param(10, 403, True, None, "threads_keyword_search", id="permission"),
        pytest.param(613, 400, False, timedelta(hours=1), "less often", id="throttled"),
        pytest.param(4, 200, False, timedelta(hours=1), "less often", id="throttled with status 200"),
        pytest.param(2, 500, False, None, "cannot search", id="passing"),
        pytest.param(100, 400, True, None, "Check the settings", id="parameter"),
    ],
)
def test_each_code_of_an_error_has_its_advice(
    code: int, status: int, permanent: bool, wait: timedelta | None, why: str
) -> None:
    error = {"error": {"message": "Meta's words", "type": "OAuthException", "code": code}}
    with pytest.raises(SourceError, match=why) as caught:
        run(says(error, status))
    assert (caught.value.permanent, caught.value.retry_after) == (permanent, wait)
    assert "Meta's words" in str(caught.value)


def test_the_search_of_a_saved_address_is_known() -> None:
    assert KIND.from_url
    url = "https://graph.threads.net/v1.0/keyword_search?q=Pat%C3%A9&search_mode=TAG&access_token=x"
    assert KIND.from_url(url) == {"query": "Paté", "mode": "tag"}
