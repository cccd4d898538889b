"""The audit log: entries are appended to chains, read, and never changed."""
