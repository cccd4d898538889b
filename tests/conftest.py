"""Fixtures that tests of several folders share, and where they write."""

import gc
import logging
import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

import tests.keys  # noqa: F401 - before all that reads keys
from tests.postgres import database_url, postgres

__all__ = ["database_url", "postgres"]

settings.register_profile("patient", deadline=None)  # a busy machine is no fault
settings.load_profile("patient")

MEMORY = Path("/dev/shm")
"""Where there is one, the databases of the stories wait for no disk."""

if os.access(MEMORY, os.W_OK):
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))
    tempfile.tempdir = str(MEMORY)

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # so a shell starts what runs behind it
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    """Modules and tests stay to the end. To look through them for garbage again and again took a
    seventh of the processor time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(autouse=True)
def _own_log() -> Iterator[None]:
    """A bot in this process sends all logs to a stream that is captured, and closed after it."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield
    root.handlers, root.level = before, level
