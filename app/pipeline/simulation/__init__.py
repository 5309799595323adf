"""Posts of the past, or made-up ones, in; what the same chain makes of them out."""
