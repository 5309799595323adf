"""Backups: the database and its key as one file, and back, into whichever of the two kinds of database."""
