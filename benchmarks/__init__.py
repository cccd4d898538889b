"""How fast deliveries are taken, beside Probot: `python -m benchmarks`, or `make bench`."""
