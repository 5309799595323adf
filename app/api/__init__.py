"""The REST API: one file for each noun, each endpoint one call."""
