"""Deliveries and timers as jobs: taken in, queued in lanes, leased to workers, listed."""
