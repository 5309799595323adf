"""Detectors of fires and bursts in series of counts: pure, causal, vectorised over many series.

A `Detector` learns a baseline from the weeks before an hour and gives the `Evidence` of each column of that
hour; the service's is the `FireDetector`. `walk` does so hour by hour through a whole array; `scan` adds the
plain rule that keeps open alarms out of the baseline. `threshold_for` turns an alarm budget into
the score that must be reached.
"""

from detectors.baseline import Baseline
from detectors.budget import CALM, FEWEST, MOST, alarms_at, calm_for, delay_at, threshold_for
from detectors.detector import Detector, Evidence
from detectors.fire import FireDetector
from detectors.grid import Grid
from detectors.walk import Guard, Scan, scan, walk

__all__ = [
    "CALM",
    "FEWEST",
    "MOST",
    "Baseline",
    "Detector",
    "Evidence",
    "FireDetector",
    "Grid",
    "Guard",
    "Scan",
    "alarms_at",
    "calm_for",
    "delay_at",
    "scan",
    "threshold_for",
    "walk",
]
