"""The command line: the commands and their steps."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bot.cli.argument_types import moment, request_key, whole
from bot.cli.audit.arguments import head, public_key
from bot.cli.filters import UNGIVEN, add_limit, request_filters


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """What was asked for; a mistake ends the process with 2 and a sentence."""
    parser = _parser()
    options = parser.parse_args(arguments)
    step = vars(options).get("step")
    unwanted = UNGIVEN.keys() & vars(options).keys() - {"step"}
    if step in {"show", "retry"} and unwanted:
        parser.error(f"`{step}` takes no --{unwanted.pop()}, please leave it out")
    return argparse.Namespace(**{**UNGIVEN, **vars(options)})


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="app.py",
        description="Countersign: token requests of an organization become issues to review.",
        epilog="COMMAND --help says more of each. Settings come from the environment, .env and"
        " config/settings.toml; README.md explains them.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add(commands, "serve", "take GitHub's deliveries and work on them, until Ctrl-C")
    demo = _add(commands, "demo", "the bot beside a local GitHub, to try it; needs no settings")
    demo.add_argument(
        "--port", type=whole(0, 65535), default=8000, help="of its pages (8000; 0: any free one)"
    )
    digest = _add(commands, "digest", "send today's digest of one organization now")
    digest.add_argument("--org", required=True, help="the organization's login or id")
    digest.add_argument("--dry-run", action="store_true", help="only print it, open no issue")
    _add_deliveries(commands)
    _add_requests(commands)
    _add_audit(commands)
    return parser


def _add(commands: Any, name: str, meaning: str, **more: Any) -> argparse.ArgumentParser:
    """A command or a step, with the same words in the list of all and in its own help."""
    description = f"{meaning[0].upper()}{meaning[1:]}."
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=meaning, description=description, **more
    )
    return parser


def _add_deliveries(commands: Any) -> None:
    """`deliveries [retry]`."""
    deliveries = _add(commands, "deliveries", "list what GitHub delivered, and what became of it")
    deliveries.add_argument(
        "--state",
        choices=["waiting", "done", "failed"],
        default=argparse.SUPPRESS,
        help="only these",
    )
    add_limit(deliveries)
    steps = deliveries.add_subparsers(dest="step", metavar="[retry]")
    retry = _add(steps, "retry", "run a failed delivery or timer again")
    retry.add_argument("guid", metavar="GUID", help="as `deliveries` lists it")


def _add_requests(commands: Any) -> None:
    """`requests [list|show]`, with the filters of GitHub's own page."""
    filters = [request_filters()]
    meaning = "list token requests, or show one with its history"
    requests = _add(commands, "requests", meaning, parents=filters)
    steps = requests.add_subparsers(dest="step", metavar="[list | show]")
    _add(steps, "list", "one line each, the newest first; the same as without it", parents=filters)
    show = _add(steps, "show", "everything about one request, and its history")
    show.add_argument("request", metavar="ORG/ID", type=request_key, help="as `requests` lists it")


def _add_audit(commands: Any) -> None:
    """`audit key|verify|export`."""
    audit = _add(commands, "audit", "check or export the log of all decisions")
    steps = audit.add_subparsers(dest="step", required=True, metavar="STEP")
    key = _add(steps, "key", "print the public key, for those who check the log")
    key.add_argument("--new", action="store_true", help="make a new private key and print it")
    check = _add(steps, "verify", "look whether the log was changed; name what is broken first")
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
    export = _add(steps, "export", "write the log's entries to stdout")
    export.add_argument("--format", choices=["jsonl", "csv"], required=True)
    export.add_argument("--org", help="only this organization, login or id")
    export.add_argument("--since", type=moment, help="from this day or time (ISO 8601, UTC) on")
    export.add_argument(
        "--until", type=moment, help="before this day (itself excluded) or time, UTC"
    )
