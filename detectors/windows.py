"""Sums over trailing windows."""

from collections.abc import Iterator

import numpy as np

from detectors.grid import Bools, Floats


def trailing_sums(values: Floats, width: int) -> Floats:
    """The sum of each column and of the `width` - 1 columns before it, as far as there are any.

    >>> trailing_sums(np.asarray([[1.0, 2.0, 3.0]]), 2)
    array([[1., 3., 5.]])
    """
    return between(values.cumsum(axis=1), width)


def between(running: Floats, width: int) -> Floats:
    """The same from running totals, for many windows over one array."""
    out = running.copy()
    out[:, width:] -= running[:, : max(running.shape[1] - width, 0)]
    return out


def nested(values: Floats, widths: tuple[int, ...], first: int) -> Iterator[Floats]:
    """The trailing sums of the columns from `first` on for growing windows, each from the one before it.

    No window is shorter than there are such columns. What came before them is looked at once and only added
    up: one new column costs little, and a window of noughts is nought and not what rounding leaves.

    >>> [a.tolist() for a in nested(np.asarray([[1.0, 2.0, 3.0, 4.0]]), (2, 3, 5), 2)]
    [[[5.0, 7.0]], [[6.0, 9.0]], [[6.0, 10.0]]]
    """
    short = max(0, max(widths) - first - 1)
    if short:
        values = np.concatenate([np.zeros((len(values), short)), values], axis=1)
    begun = first + short + 1
    more = values.shape[1] - begun
    ahead, common = np.zeros((len(values), more + 1)), np.zeros((len(values), 1))
    values[:, begun:].cumsum(axis=1, out=ahead[:, 1:])
    end = begun
    for width in widths:
        begin = end + more - width
        common = common + values[:, begin:begun].sum(axis=1, keepdims=True)
        begun = begin
        total = ahead + common
        total[:, :-1] += values[:, begin - more : begin][:, ::-1].cumsum(axis=1)[:, ::-1]
        yield total


def sustained(values: Floats, known: Bools, widths: tuple[int, ...]) -> Iterator[tuple[Floats, Bools]]:
    """For each window, the sum of its values over the root of how many are known, and where there is any.

    So its noise is alike however much of the window was observed. `values` (S, n) are nought where nothing
    is known.
    """
    running = values.cumsum(axis=1)
    every = bool(known.all())
    count = np.arange(1.0, values.shape[1] + 1.0)[None] if every else known.cumsum(axis=1, dtype=np.float64)
    for width in widths:
        seen = between(count, width)
        total = between(running, width)
        total /= np.sqrt(np.maximum(seen, 1.0))
        yield total, np.broadcast_to(seen > 0, total.shape)
