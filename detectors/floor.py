"""The least excess that can be a fire."""

import numpy as np

from detectors.grid import Floats

FLOOR = 5.0  # an excess of fewer mentions is no fire, unless the caller says otherwise
_UNDER = 0.3  # a score below every alarm line


def under(most: Floats, least: Floats) -> Floats:
    """The score that an excess of `most` (S, n) mentions may have while it is less than `least` (S,)."""
    return np.asarray(_UNDER * most / np.maximum(least, 1e-9)[:, None])


def floored(score: Floats, most: Floats, least: Floats) -> Floats:
    """The score, below every line where the excess is less than the least that counts."""
    return np.where(most < least[:, None], np.minimum(score, under(most, least)), score)
