"""Worker threads and the scheduler."""

from bot.jobs.pool import WorkerPool

__all__ = ["WorkerPool"]
