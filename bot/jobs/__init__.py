"""Worker threads and the scheduler."""
