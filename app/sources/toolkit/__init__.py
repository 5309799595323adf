"""What kinds of sources are made of, whichever service they ask: strangers' bytes in, checked values out."""
