"""What goes wrong at a keyboard: each mistake gets a sentence, never a traceback."""

from pathlib import Path

import pytest

from tests.journeys.outside import outside
from tests.journeys.test_cli import status_and_words

# ------------------------------------------------------------------ DATABASE_URL


@pytest.mark.parametrize("command", ["serve", "deliveries"])
@pytest.mark.parametrize(
    "place", ["dor:hunter2@db.example/x", "127.0.0.1:hunter2/x", "[::1/hunter2", "db/x?hunter2=1"]
)
def test_a_database_password_is_never_printed(tmp_path: Path, command: str, place: str) -> None:
    with outside(tmp_path, start=False) as scene:
        url = f"postgresql+psycopg://bot:Tr0ub@{place}"
        status, said = status_and_words(scene, command, DATABASE_URL=url)
    assert (status, "DATABASE_URL" in said, "percent-encoded" in said) == (2, True, True)
    assert "hunter2" not in said
    assert "Tr0ub" not in said
