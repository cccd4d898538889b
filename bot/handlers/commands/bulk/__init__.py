"""One comment that decides many requests."""
