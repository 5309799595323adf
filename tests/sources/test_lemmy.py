"""Lemmy: what a post and a comment become, languages by number, and what was taken back."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from app.sources import kind
from tests.sources.far_ends.base import NOW, Play, Post, ReceivedRequest, Reply, later, play
from tests.sources.far_ends.lemmy import FAR_END, ap_id, view


@pytest.fixture
def far() -> Iterator[Play]:
    with play(FAR_END) as playing:
        yield playing


def test_posts_and_comments_keep_what_is_known_of_them(far: Play) -> None:
    far.server.posts = [Post(2, later(-30)), Post(5, later(-20), edited_at=later(-10), edit="Corrected")]
    post, comment = far.run(NOW).items
    assert (post.external_id, post.title, post.text) == (ap_id(Post(2, NOW)), "Velinor", "Velinor again")
    assert (post.author, post.lang, post.likes, post.replies) == ("lea@elsewhere.example", "fr", 4, 2)
    assert post.extra == {"community": "technology"}
    assert (comment.external_id, comment.title, comment.text) == (ap_id(Post(5, NOW)), "", "Corrected")
    assert (comment.published_at, comment.edited_at) == (later(-20), later(-10))


def test_an_instant_without_a_zone_is_utc(far: Play) -> None:
    far.server.posts = [Post(3, later(-30))]
    assert far.run(NOW).items[0].published_at == later(-30)


def test_where_a_post_leads_to_is_part_of_it() -> None:
    shown = view(Post(2, later(-30)))
    shown["post"] |= {"body": None, "url": "https://velinor.example/rappel"}
    with play(replace(FAR_END, answer=lambda *_: Reply({"posts": [shown], "comments": []}))) as far:
        (item,) = far.run(NOW).items
    assert (item.text, item.url) == ("https://velinor.example/rappel", ap_id(Post(2, NOW)))


def test_what_was_deleted_or_removed_is_taken_back(far: Play) -> None:
    far.server.posts = [Post(1, later(-3)), Post(2, later(-2))]
    far.run(NOW)

    def removed(_number: int, reply: Reply) -> Reply:
        body: dict[str, Any] = reply.body
        for one in body.get("posts", []):
            one["post"]["removed"] = True
        return reply

    far.server.spoil = removed
    assert far.run(later(5)).deleted == [ap_id(Post(2, NOW))]


def test_languages_are_asked_for_once(far: Play) -> None:
    far.server.posts = [Post(1, later(-30))]
    far.run(NOW)
    far.server.posts += [Post(2, later(1))]
    assert far.run(later(5)).items[0].lang == "fr"
    assert [request.path for request in far.server.asked].count("/api/v3/site") == 1


def test_an_instance_that_does_not_tell_its_languages_is_read_all_the_same(far: Play) -> None:
    far.server.posts = [Post(1, later(-30))]
    far.server.spoil = lambda n, reply: Reply("", 500) if n > 1 else reply
    (item,) = far.run(NOW).items
    assert item.lang is None


def test_settings_are_found_from_an_address() -> None:
    from_url = kind("lemmy").from_url
    assert from_url
    found = from_url("https://lemmy.example/api/v3/search?q=velinor&type_=All")
    assert found == {"instance": "https://lemmy.example", "query": "velinor"}


def test_pages_are_read_no_further_than_what_is_known(far: Play) -> None:
    far.server.posts = [Post(n, later(-60 * n)) for n in range(1, 201)]
    far.run(NOW)
    assert [request.param("page") for request in far.server.asked] == ["1", ""]
    far.run(later(5))
    assert far.server.asked[-1].param("page") == "1"


def test_an_instance_that_gives_few_at_once_is_walked_all_the_same(far: Play) -> None:
    def few(request: ReceivedRequest, posts: Sequence[Post]) -> Reply:
        return FAR_END.answer(replace(request, params={**request.params, "limit": ["10"]}), posts)

    far.server.far_end = replace(FAR_END, answer=few)
    far.server.posts = [Post(n, later(-n)) for n in range(1, 52)]
    assert len(far.run(NOW).items) == 51


def test_an_answer_of_comments_alone_brings_no_post_of_theirs() -> None:
    shown = view(Post(1, later(-30)))
    shown["post"] = view(Post(2, later(-40)))["post"]
    with play(replace(FAR_END, answer=lambda *_: Reply({"comments": [shown]}))) as far:
        assert [item.external_id for item in far.run(NOW).items] == [ap_id(Post(1, NOW))]
