"""Understanding posts: pure functions, text in, judgement out."""
