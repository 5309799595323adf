"""Three days of passes with the posts of a month: nothing is kept that nobody asks for again."""

from pathlib import Path

import pytest

from benchmarks.alerting import Door
from benchmarks.three_days import WANTED, caches, growth, live, opened

pytestmark = [pytest.mark.faults, pytest.mark.whole]

HOURS, WATCHES = 72, 6
DAY = 24 * 12  # columns


def test_memory_is_flat_over_three_days_with_the_posts_of_a_month(tmp_path: Path) -> None:
    door, held, ignited = Door(), [], 0
    with opened(tmp_path, WATCHES, HOURS, door) as (runtime, city):
        columns = []
        for hour in live(runtime, city, HOURS):
            held.append(hour)
            ignited += sum(b'"ignited"' in came.body for came in door.came)
            door.came.clear()  # it is no part of the service
            scored = runtime.chain.following.scoring.scored
            assert scored is not None
            columns.append(scored.series.mentions.shape[1])
        assert columns[-1] <= columns[0] + 2 * DAY, "what no hour reads any more is dropped"
        assert len(runtime.chain.following.known) <= 1
        assert not runtime.chain.following.late
    assert ignited >= WATCHES, "one brand after the other burnt, and was told"
    for one in caches():
        info = one.cache_info()
        assert info.maxsize is None or info.currsize <= info.maxsize
    assert growth(held) <= WANTED
