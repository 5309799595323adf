"""Tocsin: crisis early warning for brands. Start reading at `app.pipeline`."""
