"""Deliveries: where one waits, and what its payload says."""
