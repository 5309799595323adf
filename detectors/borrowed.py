"""A baseline for a series that has not learnt one, pooled from series like it: wide, and rather too high.

What that costs is fires that are seen late; too low a baseline would cost the trust in the first week.
"""

from dataclasses import fields, replace

import numpy as np

from detectors.baseline import Baseline, hour_sums
from detectors.grid import Floats, Ints

LEAST_LENDERS = 3
LEAST_HOURS = 6  # of the borrower's own, or nothing says that the others are like it
_MOST_TIMES = 4.0  # the lenders' usual; what has more in its quiet hours is not like them
_UPPER = 0.75  # quantile of the lenders: three in four have less
_WIDER = 1.5  # spreads, for they are not its own
_HEARD = 0.5  # of an hour that counts
_ROOTS, _COUNTS = ("level", "burst_level"), ("rate",)
_MIDDLE = ("profile", "rhythm", "usual")
_WIDE = ("spread", "unit", "burst_unit")


def scale(counts: Floats, local_hours: Ints, lenders: Baseline, per_hour: int) -> float | None:
    """How often the usual of the lenders a series has, once at least; None if they are not alike.

    `counts` (H * per_hour,): NaN where nothing was heard; `local_hours` (H,): hours of its day. Half of its
    hours may be those of a fire: what is asked is whether a quarter of them is like the others' same hours.
    """
    known = np.isfinite(counts)[None]
    heard = hour_sums(known, per_hour)[0] / per_hour
    whole = heard > _HEARD
    if whole.sum() < LEAST_HOURS:
        return None
    hours = hour_sums(np.nan_to_num(counts)[None], per_hour)[0][whole] / heard[whole]
    rhythm = np.median(lenders.rhythm[:, :24], axis=0)[local_hours[whole]]
    usual = np.quantile(lenders.rate, _UPPER) * per_hour * np.maximum(rhythm, 0.1)
    times = hours / np.maximum(usual, 1 / 24)
    if np.quantile(times, 1 - _UPPER) > _MOST_TIMES:
        return None
    return float(np.clip(np.median(times), 1.0, _MOST_TIMES))


def lend(baseline: Baseline, row: int, lenders: Baseline, times: float) -> Baseline:
    """The baseline with what the lenders have learnt, so often, in the place of what the row has not."""
    if len(lenders.ready) < LEAST_LENDERS:
        raise ValueError(f"{len(lenders.ready)} series lend nothing; it takes {LEAST_LENDERS}")
    changed = {}
    for field in fields(Baseline):
        if field.name == "hour_number":
            continue
        array = getattr(baseline, field.name).copy()
        array[row] = _pooled(field.name, getattr(lenders, field.name), times)
        changed[field.name] = array
    # Who is unlike whom adds to how unlike their days are: the variance of the rates' logarithms.
    apart = float(np.log(np.maximum(lenders.rate, 1e-9)).var())
    changed["loose"][row] += min(apart, 1.0)
    return replace(baseline, **changed)


def _pooled(name: str, values: Floats, times: float) -> Floats:
    if name in _ROOTS:
        return np.asarray(np.quantile(values, _UPPER, axis=0) * np.sqrt(times))
    if name in _COUNTS:
        return np.asarray(np.quantile(values, _UPPER, axis=0) * times)
    if name in _WIDE:
        return np.asarray(_WIDER * values.max(axis=0))
    if name in _MIDDLE:
        return np.asarray(np.median(values, axis=0))
    return np.asarray(values.max(axis=0))  # bursts, how loose; and that it is ready, as they all are
