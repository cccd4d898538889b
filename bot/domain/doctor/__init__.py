"""The doctor's checks: pure functions from what was seen to what is said of it."""
