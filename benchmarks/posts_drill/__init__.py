"""Fires and harmless storms, told in the real words of others in real streets of posts, through the chain."""
