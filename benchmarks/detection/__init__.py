"""Tocsin beside published rules on the same series, at the same false-alarm budgets; and its speed."""
