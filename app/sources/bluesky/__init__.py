"""Bluesky: a search or the stream of all that is posted in, posts out."""
