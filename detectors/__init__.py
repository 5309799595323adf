"""Detectors of fires and bursts in series of counts: pure, causal, vectorised over many series."""
