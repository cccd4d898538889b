"""Countersign: reviews of fine-grained personal access token requests, in GitHub issues."""

from pathlib import Path
from typing import Final

VERSION: Final = "0.1.0"

INSTALLED: Final = any(Path(__file__).parents[1].glob("countersign_bot-*.dist-info"))
"""Whether this is a wheel's bot, among all that is installed, and not that of a clone."""

COMMAND: Final = "countersign" if INSTALLED else ".venv/bin/python app.py"
"""How people call the program, for hints in messages."""
