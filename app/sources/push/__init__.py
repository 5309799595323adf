"""Posts that others bring: a request in, its proof checked and its fields mapped, posts out."""
