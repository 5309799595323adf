"""Lent tokens: kept for a little less long than they are good for, whatever the clock did."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from app.sources.toolkit.tokens import Tokens

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def borrow() -> Callable[[], tuple[str, timedelta]]:
    numbers = count(1)
    return lambda: (f"token {next(numbers)}", HOUR)


def test_a_token_is_kept_until_shortly_before_its_end(borrow: Callable[[], tuple[str, timedelta]]) -> None:
    tokens = Tokens()
    after = [timedelta(0), timedelta(minutes=57), timedelta(minutes=59)]
    assert [tokens.get("a", borrow, now=NOW + span) for span in after] == ["token 1", "token 1", "token 2"]
    assert tokens.get("b", borrow, now=NOW) == "token 3", "another key"


def test_a_token_that_was_lent_in_the_future_is_not_believed(
    borrow: Callable[[], tuple[str, timedelta]],
) -> None:
    tokens = Tokens()
    assert tokens.get("a", borrow, now=NOW + timedelta(days=1)) == "token 1"
    assert tokens.get("a", borrow, now=NOW) == "token 2"
