"""Slack: alerts and notices in, messages and threads out; what people press in, what they ask for out."""
