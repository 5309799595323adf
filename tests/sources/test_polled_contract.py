"""What holds for every kind that is asked again and again, against services that answer as they really do."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import httpx
import pytest

from app.errors import SourceError
from app.http_client import open_client
from app.settings import Settings
from tests.sources.far_ends import FAR_ENDS
from tests.sources.far_ends.base import NOW, Play, Post, Reply, later, play, shown

PAGE = "<!DOCTYPE html><html><body>Please show that you are human</body></html>"


@pytest.fixture(params=[pytest.param(one, id=one.kind) for one in FAR_ENDS])
def far(request: pytest.FixtureRequest) -> Iterator[Play]:
    with play(request.param) as playing:
        yield playing


def failure(far: Play, at: float = 5) -> SourceError:
    with pytest.raises(SourceError) as caught:
        far.run(later(at))
    return caught.value


def always(reply: Reply) -> Callable[[int, Reply], Reply]:
    return lambda _number, _reply: reply


def burst(far: Play, *, first: int = 100) -> list[Post]:
    """So many posts within four minutes that they fill several pages."""
    size = far.server.far_end.burst
    return [Post(first + n, later(5) - timedelta(seconds=240 * (size - n) / size)) for n in range(size)]


def test_the_first_run_looks_back_and_makes_no_coverage(far: Play) -> None:
    far.server.posts = [Post(n, later(-60 * n)) for n in range(1, 4)]
    batch = far.run(NOW)
    assert shown(batch) == far.ids(1, 2, 3)
    assert (batch.status, batch.window_from, batch.window_to) == ("ok", None, NOW)


def test_posts_come_with_their_instants_and_words(far: Play) -> None:
    far.server.posts = [Post(1, later(-30))]
    (item,) = far.run(NOW).items
    assert "Velinor" in f"{item.title} {item.text}"
    assert "<" not in item.text
    if far.server.far_end.dated:
        assert item.published_at == later(-30)
        assert item.precision == "exact"


def test_a_second_run_brings_what_is_new_and_nothing_twice(far: Play) -> None:
    far.server.posts = [Post(1, later(-30)), Post(2, later(-1)), Post(3, later(3))]
    far.run(NOW)
    second, third = far.run(later(5)), far.run(later(10))
    assert shown(second) == far.ids(3)
    assert (second.status, second.coverage) == ("ok", 1.0)
    assert (second.window_from, second.window_to) == (NOW, later(5))
    assert (third.items, third.coverage, third.window_from) == ([], 1.0, later(5))


def test_nothing_found_is_told_as_such_and_counts_as_heard(far: Play) -> None:
    if not far.server.far_end.empties:
        pytest.skip("it gives nothing when it fails, too")
    assert (far.run(NOW).status, far.run(later(5)).status) == ("empty", "empty")
    far.server.posts = [Post(1, later(7))]
    assert shown(far.run(later(10))) == far.ids(1)


def test_a_burst_over_several_pages_comes_whole_and_once(far: Play) -> None:
    far.server.posts = [Post(1, later(-30))]
    far.run(NOW)
    posts = burst(far)
    far.server.posts += posts
    batches = [far.run(later(5))]
    while (batches[-1].status == "partial" or batches[-1].next_in) and len(batches) < 40:
        assert batches[-1].note or batches[-1].status != "partial"
        batches.append(far.run(later(5 + len(batches))))
    found = sorted(item.external_id for batch in batches for item in batch.items)
    if far.server.far_end.pages:
        assert found == far.ids(*[post.n for post in posts])
    else:
        assert set(found) <= set(far.ids(*[post.n for post in posts]))
        assert found
        assert min(batch.coverage for batch in batches) < 1


def test_a_post_that_the_service_shows_late_is_not_missed(far: Play) -> None:
    far.server.posts = [Post(1, later(-1)), Post(2, later(-3), shown_from=later(2))]
    assert shown(far.run(NOW)) == far.ids(1)
    assert shown(far.run(later(5))) == far.ids(2)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda rows: rows[::-1], id="out of order"),
        pytest.param(lambda rows: [*rows, *rows], id="twice"),
    ],
)
def test_an_answer_in_disorder_brings_each_post_once(
    far: Play, change: Callable[[list[Any]], list[Any]]
) -> None:
    far.server.spoil = lambda _number, reply: replace(reply, body=_rows_changed(reply.body, change))
    far.server.posts = [Post(1, later(-30)), Post(2, later(-20)), Post(3, later(-1))]
    first = far.run(NOW)
    far.server.posts += [Post(4, later(1)), Post(5, later(3))]
    assert shown(first) == far.ids(1, 2, 3)
    assert shown(far.run(later(5))) == far.ids(4, 5)
    assert far.run(later(10)).items == []


def test_an_edited_post_comes_again(far: Play) -> None:
    if not far.server.far_end.edits:
        pytest.skip("the service does not show edits")
    far.server.posts = [Post(1, later(-2)), Post(3, later(-1))]
    far.run(NOW)
    far.server.posts[0] = replace(far.server.posts[0], edited_at=later(3), edit="Velinor recalls")
    batch = far.run(later(5))
    assert shown(batch) == far.ids(1)
    assert "recalls" in f"{batch.items[0].title} {batch.items[0].text}"


def test_a_date_in_the_future_hides_nothing_that_comes_after(far: Play) -> None:
    far.server.posts = [Post(1, later(600), shown_from=later(-1)), Post(2, later(-2))]
    first = far.run(NOW)
    far.server.posts += [Post(3, later(3))]
    found = shown(first) + shown(far.run(later(5)))
    assert set(far.ids(2, 3)) <= set(found)
    assert len(found) == len(set(found))


def test_a_page_that_fails_loses_nothing(far: Play) -> None:
    if not far.server.far_end.pages:
        pytest.skip("one page is all there is")
    far.server.posts = [Post(1, later(-30))]
    far.run(NOW)
    far.server.posts += burst(far)
    wanted, found, asked = far.ids(*[p.n for p in far.server.posts[1:]]), list[str](), len(far.server.asked)
    far.server.spoil = lambda number, reply: Reply("", 500) if number == asked + 2 else reply
    for run in range(40):
        try:
            batch = far.run(later(5 + run))
        except SourceError:
            continue
        found += shown(batch)
        if batch.status == "partial":
            assert batch.window_to <= later(5 + run)
            assert batch.note
        elif run:
            break
    assert sorted(found) == wanted


def test_a_throttle_is_read_in_its_own_dialect(far: Play) -> None:
    far.server.spoil = always(far.server.far_end.throttled)
    error = failure(far, at=0)
    assert (error.permanent, error.retry_after) == (False, far.server.far_end.wait)


def test_a_wrong_secret_is_told_with_what_to_do_and_is_not_shown(far: Play) -> None:
    far_end = far.server.far_end
    if far_end.refused is None:
        pytest.skip("it has no secret")
    far.server.spoil = always(far_end.refused)
    error = failure(far)
    assert error.permanent
    assert "Check" in str(error)
    assert not far_end.secret or far_end.secret not in str(error)


NO_ANSWERS = {
    "500": (Reply("", 500), "out of order"),
    "502": (Reply("<html>Bad gateway</html>", 502), "out of order"),
    "404": (Reply("", 404), "does not exist"),
    "a web page": (Reply(PAGE, headers={"Content-Type": "text/html"}), "web page"),
    "an empty body": (Reply(""), "empty"),
    "half an answer": (Reply('{"items": [{"id"'), "cut short"),
    "another shape": (Reply('"fine"'), ""),
    "null": (Reply("null"), ""),
}


def test_what_is_no_answer_is_an_error_that_says_so(far: Play, subtests: pytest.Subtests) -> None:
    for name, (reply, words) in NO_ANSWERS.items():
        if name == "an empty body" and far.server.far_end.blank:
            continue  # it says nothing when it found nothing
        with subtests.test(answer=name), play(far.server.far_end) as anew:
            anew.server.posts = [Post(1, later(-30))]
            before = anew.run(NOW).cursor
            anew.server.spoil = always(reply)
            error = failure(anew)
            assert words in str(error)
            assert error.permanent == (reply.status == 404)
            assert anew.cursor == before


def test_without_a_network_the_failure_is_told_and_passes(far: Play) -> None:
    def unplugged(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no route to host", request=request)

    with open_client(Settings(), transport=httpx.MockTransport(unplugged)) as client:
        error = failure(replace(far, client=client))
    assert not error.permanent
    assert "cannot be reached" in str(error)
    assert not far.server.far_end.secret or far.server.far_end.secret not in str(error)


def test_an_error_with_status_200_is_an_error(far: Play) -> None:
    if (mistaken := far.server.far_end.mistaken) is None:
        pytest.skip("it has no such errors")
    far.run(NOW)  # who needs a token has one
    far.server.spoil = always(mistaken)
    assert "too short" in str(failure(far))


def test_no_field_is_taken_for_granted(far: Play) -> None:
    far.server.posts = [Post(1, later(-30)), Post(2, later(-20), edited_at=later(-10), edit="Velinor")]
    names: set[str] = set()
    far.server.spoil = lambda _number, reply: replace(reply, body=_changed(reply.body, names, "", None))
    far.run(NOW)
    if not names:
        pytest.skip("it does not answer in JSON")
    for name in sorted(names):
        for value in (_GONE, None, 7, -1.5, "x", "", [], {}, [None, 3], {"a": None}, True, "9" * 40):
            far.cursor = {}
            far.server.spoil = lambda _number, reply, name=name, value=value: replace(  # type: ignore[misc]
                reply, body=_changed(reply.body, set(), name, value)
            )
            with suppress(SourceError):
                far.run(NOW)


def test_hours_with_failures_at_random_bring_every_post_once_and_count_what_was_heard(far: Play) -> None:
    far_end, draw = far.server.far_end, Random(f"hours of {far.server.far_end.kind}")
    far.server.posts = [Post(0, later(-20))]
    far.run(NOW)
    hours = 6
    for n in range(1, 181):
        at = later(round(draw.uniform(0.1, hours * 60 - 10) * 60) / 60)
        far.server.posts.append(Post(n, at, shown_from=at + timedelta(minutes=draw.choice((0, 0, 0, 4)))))
    failures = [Reply("", 500), Reply(PAGE), Reply('{"items": [{"id"'), far_end.throttled]

    def fails_at_times(_number: int, reply: Reply) -> Reply:
        return draw.choice(failures) if draw.random() < 0.2 else reply

    far.server.spoil = fails_at_times
    found, heard = Counter[str](), NOW
    for minute in range(5, hours * 60 + 10, 5):
        if minute == hours * 60 + 5:
            far.server.spoil = lambda _number, reply: reply
        try:
            batch = far.run(later(minute))
        except SourceError:
            continue
        found.update(shown(batch))
        assert batch.window_from == heard
        assert heard <= batch.window_to <= later(minute)
        assert batch.coverage == 1 or batch.status == "partial"
        heard = batch.window_to
    assert found == Counter(far.ids(*range(1, 181)))
    assert heard == later(hours * 60 + 5)


_GONE = object()


def _rows_changed(body: Any, change: Callable[[list[Any]], list[Any]]) -> Any:  # noqa: ANN401 - JSON
    """The JSON with its lists of objects changed."""
    if isinstance(body, dict):
        return {name: _rows_changed(inner, change) for name, inner in body.items()}
    if not isinstance(body, list):
        return body
    rows = [_rows_changed(inner, change) for inner in body]
    return change(rows) if rows and all(isinstance(row, dict) for row in rows) else rows


def _changed(body: Any, names: set[str], name: str, value: object) -> Any:  # noqa: ANN401 - JSON
    """The JSON with every field of that name changed, or taken away; its names are noted."""
    if isinstance(body, list):
        return [_changed(inner, names, name, value) for inner in body]
    if not isinstance(body, dict):
        return body
    names |= set(body)
    return {
        key: value if key == name else _changed(inner, names, name, value)
        for key, inner in body.items()
        if not (key == name and value is _GONE)
    }
