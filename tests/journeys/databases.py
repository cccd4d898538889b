"""Which stories are told on PostgreSQL too."""

import pytest

on_both_databases = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
"""The fixtures `scene` and `daily` are then on this database."""
