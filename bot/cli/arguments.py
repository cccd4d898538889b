"""The arguments of the commands that only read: `requests` and `audit`."""

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.cli.audit_arguments import head, public_key

STATES = ("pending", "held", "deciding", "approved", "denied", "cancelled", "expired", "revoked")


def add_requests(commands: Any) -> None:
    """`requests [list|show]`, with the filters of GitHub's own page."""
    requests = commands.add_parser("requests", help="token requests, and what became of them")
    steps = requests.add_subparsers(dest="step")
    listing = steps.add_parser("list", help="one line each, the newest first (the default)")
    for parser in (requests, listing):
        _add_filters(parser)
    show = steps.add_parser("show", help="one request with its whole history")
    show.add_argument("request", metavar="ORG/ID", help="as `requests` lists it")


def _add_filters(parser: argparse.ArgumentParser) -> None:
    for name, metavar, meaning in (
        ("--owner", "LOGIN", "of this requester"),
        ("--repository", "NAME", "for this repository, name or owner/name"),
        ("--permission", "NAME[:LEVEL]", "with this permission, at this level exactly"),
    ):
        parser.add_argument(
            name, metavar=metavar, action="append", default=[], help=f"{meaning}; may be repeated"
        )
    parser.add_argument("--state", choices=STATES, help="in this state")
    parser.add_argument("--org", help="of this organization, login or id")
    parser.add_argument("--limit", type=int, default=50, help="at most so many")


def add_audit(commands: Any) -> None:
    """`audit key|verify|export`."""
    audit = commands.add_parser("audit", help="the log that shows whether it was tampered with")
    steps = audit.add_subparsers(dest="step", required=True)
    key = steps.add_parser("key", help="print the public key")
    key.add_argument("--new", action="store_true", help="make a new private key and print it")
    check = steps.add_parser("verify", help="name the first broken entry of each chain")
    check.add_argument("--org", help="only this organization, login or id")
    check.add_argument("--file", type=Path, help="an export (jsonl) instead of the database")
    check.add_argument(
        "--public-key", type=public_key, help="the key that must have signed, as `audit key` has it"
    )
    check.add_argument(
        "--head",
        metavar="SEQ:HASH",
        type=head,
        action="append",
        default=[],
        help="a head that was printed earlier and must be in the log; may be repeated",
    )
    export = steps.add_parser("export", help="write entries to stdout")
    export.add_argument("--format", choices=["jsonl", "csv"], required=True)
    export.add_argument("--org", help="only this organization, login or id")
    export.add_argument("--since", type=moment, help="from this day or time (ISO 8601, UTC) on")
    export.add_argument(
        "--until", type=moment, help="before this day (itself excluded) or time, UTC"
    )


def moment(text: str) -> datetime:
    """A day or a time, UTC unless it says otherwise."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no day or time such as 2026-11-22 or 2026-11-22T09:30"
        ) from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
