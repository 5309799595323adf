"""Transitions and notices in; deliveries out, each told on its channel once, or on one that stands in."""
