"""What holds for every polled kind: its saved answers bring what they brought, with no secret at hand."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.errors import SourceError
from app.sources import kind
from app.sources.saved.files import read_runs
from app.sources.saved.rehearsing import Rehearsed, rehearse, settings_of
from tests.sources.far_ends import FAR_ENDS
from tests.sources.far_ends.base import NOW, Play, Post, later, play, shown


class Recorder(httpx.BaseTransport):
    """Passes on what is asked, and keeps it with what was said."""

    def __init__(self, network: httpx.BaseTransport) -> None:
        self._network = network
        self.kept: list[dict[str, Any]] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url, method = str(request.url), request.method
        response = self._network.handle_request(request)
        response.read()
        headers = {name: value for name, value in response.headers.items() if name != "date"}
        said = {"status": response.status_code, "headers": headers, "body": response.text}
        self.kept.append({"method": method, "url": url, **said})
        return httpx.Response(response.status_code, headers=headers, content=response.content)


@pytest.fixture(params=[pytest.param(one, id=one.kind) for one in FAR_ENDS])
def far(request: pytest.FixtureRequest) -> Iterator[Play]:
    with play(request.param) as playing:
        yield playing


def test_saved_answers_bring_what_the_answers_brought(far: Play, tmp_path: Path) -> None:
    recorder = Recorder(far.client._transport)
    far.client._transport = recorder
    far.server.posts = [Post(1, later(-40)), Post(2, later(-30)), Post(3, later(2))]
    batches = []
    for number, at in enumerate((NOW, later(30))):
        recorder.kept = []
        batches.append(far.run(at))
        saved = {"now": at.isoformat(), "answers": recorder.kept}
        (tmp_path / f"{number}.json").write_text(json.dumps(saved))
    recorder.kept = []
    far.server.spoil = lambda _number, _reply: far.server.far_end.throttled
    with pytest.raises(SourceError) as caught:
        far.run(later(60))
    (tmp_path / "2.json").write_text(json.dumps({"now": later(60).isoformat(), "answers": recorder.kept}))

    one = kind(far.server.far_end.kind)
    runs = read_runs(tmp_path)
    done: list[Rehearsed] = list(rehearse(one, settings_of(one, {}, runs), runs, clock=lambda: NOW))
    for batch, again in zip(batches, done, strict=False):
        assert again.batch is not None, again.why
        assert shown(again.batch) == shown(batch)
        assert again.batch.items == batch.items
        told = (again.batch.status, again.batch.window_from, again.batch.window_to, again.batch.coverage)
        assert told == (batch.status, batch.window_from, batch.window_to, batch.coverage)
        assert again.notes == ()
    assert done[2].batch is None
    assert done[2].wait == caught.value.retry_after or abs(
        (done[2].wait or timedelta()) - (caught.value.retry_after or timedelta())
    ) < timedelta(seconds=1)
