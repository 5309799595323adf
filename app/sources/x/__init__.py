"""X: a search in, posts out, and how many there were in each quarter of an hour."""
