"""No kind that asks somebody escapes the contracts of polled kinds: each has a far end."""

from app.sources import KINDS
from tests.sources.far_ends import FAR_ENDS

# `rss` has a street of feeds of its own (test_rss_network.py), `archive` reads files.
OTHERWISE = {"archive", "rss"}


def test_every_kind_that_asks_somebody_has_a_far_end() -> None:
    asking = {kind.name for kind in KINDS if kind.build is not None}
    assert {far_end.kind for far_end in FAR_ENDS} == asking - OTHERWISE
