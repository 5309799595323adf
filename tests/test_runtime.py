"""The parts of the service where they meet: what a row that no part can work with is told as."""

from pathlib import Path

import pytest

from app.errors import ChannelError, SourceError
from app.models import Channel, Source
from app.runtime import open_runtime
from app.settings import Settings
from app.vault import Vault, new_key


def test_a_secret_that_cannot_be_opened_is_for_somebody_to_mend(sqlite: str, tmp_path: Path) -> None:
    sealed = Vault(new_key()).seal("of another key")
    with open_runtime(Settings(data_dir=tmp_path, database_url=sqlite)) as runtime:
        feed = Source(name="feed", kind="rss", settings={"url": "https://feed.example/"}, secret=sealed)
        hook = Channel(name="hook", kind="webhook", settings={"url": "https://hook.example/"}, secret=sealed)
        with pytest.raises(SourceError, match="cannot be opened") as source:
            runtime.ingest.open(feed)
        with pytest.raises(ChannelError, match="cannot be opened") as channel:
            runtime.chain.delivery.open(hook)
    assert (source.value.permanent, channel.value.permanent) == (True, True)
