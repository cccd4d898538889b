"""`python app.py backup` and `restore`: the record in one file, and back."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from bot.cli.progress import Progress


class Copies(Protocol):
    """What makes backups, and brings them back. All raise Permanent and Retryable."""

    def back_up(self, file: Path, progress: Callable[[int, int], None]) -> None: ...
    def restore(self, file: Path, progress: Callable[[int, int], None], *, force: bool) -> None: ...
    def mark(self) -> None: ...


def back_up(copies: Copies, file: Path) -> int:
    """Write the record to this file; the exit status."""
    with Progress("copying") as progress:
        copies.back_up(file, progress.at)
    print(f"The backup is {file} ({file.stat().st_size:,} bytes).")
    _say("The keys are not in it: keep the audit log's key and the App's credentials elsewhere.")
    return 0


def restore(copies: Copies, file: Path, *, force: bool) -> int:
    """Make this backup the record; the exit status."""
    with Progress("copying") as progress:
        copies.restore(file, progress.at, force=force)
    print(f"The record is as {file} has it. Now start the bot: its sweep reads what came since.")
    _say(_POLICY)
    return 0


def mark(copies: Copies) -> int:
    """Note that the database is a restored one; the exit status."""
    copies.mark()
    print("The record is marked as restored. Now start the bot: its sweep reads what came since.")
    _say(_POLICY)
    return 0


_POLICY = "No policy is in force until an owner adopts a version anew, in the issue of its own."


def _say(text: str) -> None:
    print(text, file=sys.stderr)
