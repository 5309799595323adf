"""YouTube: a search, videos or channels in, videos and comments out."""
