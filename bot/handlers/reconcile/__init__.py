"""GitHub's own lists against the record."""
