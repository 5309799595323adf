"""Discourse: a forum or a search of it in, posts out."""
