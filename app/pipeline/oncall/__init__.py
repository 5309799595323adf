"""Rotas and people go in; who is on duty, and who is called next, come out."""
