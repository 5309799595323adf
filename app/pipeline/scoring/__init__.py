"""Buckets in; what was to be expected, and how far each series is from it, out."""
