"""GitHub's JSON, built from records: one small file per kind of object."""
