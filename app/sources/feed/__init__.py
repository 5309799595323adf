"""Feeds of sites: what a site publishes in, posts out, in whichever format, asked for or told of by a hub."""
