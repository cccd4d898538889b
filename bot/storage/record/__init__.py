"""The truth about organizations, token requests, digests and effects."""
