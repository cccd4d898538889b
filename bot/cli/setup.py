"""`setup`: where to set the bot up, the App's manifest, and the kept credentials for elsewhere."""

import argparse
import base64
import json
import sys
from collections.abc import Mapping
from typing import Any, Protocol


class Setup(Protocol):
    """What app.py lends of the set-up."""

    def address(self, url: str | None) -> str:
        """Where to set up, with a new one-time code. Raises ValueError, OSError."""

    def manifest(self, org: str | None, url: str | None) -> dict[str, Any]:
        """The App's manifest. Raises ValueError for what does not fit."""

    def kept(self) -> Mapping[str, str] | None:
        """The kept settings by name, secrets too; None when nothing is kept. Raises ValueError."""


def run(setup: Setup, options: argparse.Namespace) -> int:
    """Run it; 1 when it cannot be done, with a sentence."""
    try:
        if options.step == "export":
            return _export(setup)
        if options.manifest:
            print(json.dumps(setup.manifest(options.org, options.url), indent=2))
        else:
            print(setup.address(options.url))
    except (ValueError, OSError) as error:
        why = error.strerror or error if isinstance(error, OSError) else error
        print(f"`setup` ends: {why}", file=sys.stderr)
        return 1
    return 0


def _export(setup: Setup) -> int:
    kept = setup.kept()
    if kept is None:
        print("Nothing is kept: set the bot up in the browser first.", file=sys.stderr)
        return 1
    print(
        "This prints the App's private key and webhook secret in plain text: whoever has them is"
        " the App. Type yes to print them: ",
        end="",
        file=sys.stderr,
        flush=True,
    )
    if sys.stdin.readline().strip().lower() != "yes":
        print("\nNothing was printed.", file=sys.stderr)
        return 1
    for name, text in kept.items():
        print(f"{name}={_plain(name, text)}")
    return 0


def _plain(name: str, text: str) -> str:
    """On one line, without quotes: Docker, systemd and `.env` read that alike."""
    return base64.b64encode(text.encode()).decode() if name == "PRIVATE_KEY" else text
