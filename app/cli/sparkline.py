"""The volume that a source counts, as one line of text that shows its ups and downs."""

from collections.abc import Sequence
from datetime import timedelta

from app.sources.base import Volume

_BARS = "▁▂▃▄▅▆▇█"
_WIDTH = 72


def sparkline(volume: Sequence[Volume]) -> str:
    """A bar for each of the newest stretches, or for some of them together, and the newest count in words."""
    ordered = sorted(volume, key=lambda one: one.at)
    if not ordered:
        return ""
    together = -(-len(ordered) // _WIDTH)
    # The newest bar is of as many stretches as the others, so that it can be compared.
    whole = ordered[len(ordered) % together :]
    sums = [sum(one.count for one in whole[n : n + together]) for n in range(0, len(whole), together)]
    most = max(sums)
    bars = "".join(_BARS[round(value * (len(_BARS) - 1) / most)] if most else _BARS[0] for value in sums)
    newest = ordered[-1]
    of = "" if newest.total is None else f" of {newest.total}"
    facts = (
        f"volume: {sum(one.count for one in ordered)} since {ordered[0].at:%Y-%m-%d %H:%M}",
        f"a bar is {_minutes(newest.step * together)}, the highest {most}",
        f"{newest.count}{of} in {_minutes(newest.step)} from {newest.at:%H:%M} UTC",
    )
    return f"{bars}\n{'; '.join(facts)}"


def _minutes(step: timedelta) -> str:
    return f"{step // timedelta(minutes=1)} minutes"
