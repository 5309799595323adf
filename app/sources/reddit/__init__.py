"""Reddit: subreddits or a search in, posts and comments out."""
