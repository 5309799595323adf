"""GDELT: a query in, articles of the press out, and how many there were in each quarter of an hour."""
