"""Saved answers in, the posts out that each run of a source would have brought."""
