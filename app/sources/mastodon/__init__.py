"""Mastodon: a hashtag or a search of an instance in, posts out, asked for or streamed."""
