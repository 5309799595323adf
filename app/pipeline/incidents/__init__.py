"""Scores in; incidents and their transitions out, each with the facts that say why."""
