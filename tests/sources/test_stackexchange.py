"""Stack Exchange: what a question and an answer become, and the pauses that it asks for."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from app.sources import kind
from tests.sources.far_ends.base import NOW, Play, Post, Reply, later, play
from tests.sources.far_ends.stackexchange import FAR_END


@pytest.fixture
def far() -> Iterator[Play]:
    with play(FAR_END) as playing:
        yield playing


def test_questions_and_answers_are_told_apart(far: Play) -> None:
    far.server.posts = [Post(1, later(-30)), Post(2, later(-20))]
    answer, question = far.run(NOW).items
    assert (answer.external_id, answer.url) == ("1", "https://superuser.com/a/1")
    assert (question.external_id, question.url) == ("2", "https://superuser.com/q/2")
    assert (question.title, question.text) == ("Velinor & sons", "Velinor again isn't it")
    assert (question.likes, question.replies, answer.replies) == (0, 2, None)


def test_other_sites_have_their_own_addresses() -> None:
    for site, url in (("security", "security.stackexchange.com"), ("mathoverflow", "mathoverflow.net")):
        one = replace(
            FAR_END,
            settings={"site": site, "query": "velinor"},
            answer=lambda *_: Reply({"items": [{"question_id": 7, "title": "Velinor"}], "has_more": False}),
        )
        with play(one) as far:
            assert far.run(NOW).items[0].url == f"https://{url}/q/7"


def test_a_pause_on_a_good_answer_is_kept(far: Play) -> None:
    far.server.posts = [Post(1, later(-30))]
    far.server.spoil = lambda _n, reply: replace(reply, body=reply.body | {"backoff": 25})
    batch = far.run(NOW)
    assert (batch.status, batch.next_in) == ("ok", timedelta(seconds=25))


def test_a_pause_between_pages_ends_the_run_and_the_next_goes_on(far: Play) -> None:
    far.run(NOW)
    far.server.posts = [Post(n, later(n / 60)) for n in range(1, 151)]
    far.server.spoil = lambda n, reply: replace(
        reply, body=reply.body | {"backoff": 40} if n == 2 else reply.body
    )
    first = far.run(later(5))
    assert (first.status, len(first.items), first.next_in) == ("partial", 100, timedelta(seconds=40))
    assert (first.window_from, first.window_to) == (NOW, later(100 / 60))
    second = far.run(later(6))
    assert (second.status, len(second.items)) == ("ok", 50)
    assert (second.window_from, second.window_to) == (later(100 / 60), later(6))


def test_the_key_is_sent_and_the_search_goes_back_a_little(far: Play) -> None:
    far.server.posts = [Post(1, later(-1))]
    far.run(NOW)
    far.run(later(5))
    request = far.server.asked[-1]
    assert request.param("key") == "aKeyOfAnApplication"
    assert int(request.param("fromdate")) == int(later(-11).timestamp())


def test_settings_are_found_from_an_address() -> None:
    from_url = kind("stackexchange").from_url
    assert from_url
    url = "https://api.stackexchange.com/2.3/search/excerpts?q=velinor&site=superuser"
    assert from_url(url) == {"query": "velinor", "site": "superuser"}
