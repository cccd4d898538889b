"""Fixtures that tests of several folders share, and where they write."""

import os
import tempfile
from pathlib import Path

from tests.postgres import database_url, postgres

__all__ = ["database_url", "postgres"]

MEMORY = Path("/dev/shm")
"""Where there is one, the databases of the stories wait for no disk."""

if os.access(MEMORY, os.W_OK):
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))
    tempfile.tempdir = str(MEMORY)
