"""The command line: the commands and their steps."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bot import VERSION
from bot.cli.argument_types import ago, moment, request_key, whole
from bot.cli.audit.arguments import head, public_key
from bot.cli.filters import UNGIVEN, add_filters, add_limit, request_filters
from bot.domain.tokens.kinds import Kind


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """What was asked for; a mistake ends the process with 2 and a sentence."""
    parser = _parser()
    options = parser.parse_args(arguments)
    step = vars(options).get("step")
    unwanted = UNGIVEN.keys() & vars(options).keys() - {"step", "json", "no_color"}
    if options.command != "policy" and step in {"show", "retry"} and unwanted:
        parser.error(f"`{step}` takes no --{unwanted.pop()}, please leave it out")
    if options.command == "restore" and (options.file is None) != options.mark:
        parser.error("`restore` takes a FILE, or --mark for a database that is back already")
    if options.command == "restore" and options.mark and options.force:
        parser.error("`restore --mark` replaces nothing: please leave out --force")
    since, until = vars(options).get("since"), vars(options).get("until")
    if since and until and until <= since:
        parser.error("no time is between --since and --until: the day of --until is not included")
    return argparse.Namespace(**{**UNGIVEN, **vars(options)})


def _add_output(parser: argparse.ArgumentParser) -> None:
    """`--json`, before and after a step."""
    parser.add_argument(
        "--json",
        action="store_true",
        default=argparse.SUPPRESS,
        help="print JSON: one object per line for a list, else one document",
    )


def _add_no_color(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--no-color",
        action="store_true",
        default=argparse.SUPPRESS,
        help="no colours on a terminal; NO_COLOR in the environment means the same",
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="countersign",
        description="Countersign: an organization reviews token requests in issues.",
        epilog="COMMAND --help explains a command. Settings come from the environment, .env and"
        " config/settings.toml; docs/settings.md explains them.",
    )
    parser.add_argument("--version", action="version", version=f"countersign {VERSION}")
    _add_no_color(parser)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    serve = _add(commands, "serve", "receive deliveries from GitHub and work on them, until Ctrl-C")
    serve.add_argument(
        "--no-setup",
        action="store_true",
        help="without credentials do not serve the set-up page, but end and say what is missing",
    )
    _add_setup(commands)
    demo = _add(commands, "demo", "run the bot with a local GitHub, to try it; needs no settings")
    demo.add_argument(
        "--port",
        type=whole(0, 65535),
        default=8000,
        help="port of the pages (8000; 0: any free port)",
    )
    digest = _add(commands, "digest", "send today's digest of one organization now")
    digest.add_argument("--org", required=True, help="the organization's login or id")
    digest.add_argument(
        "--dry-run", action="store_true", help="only print the digest, open no issue"
    )
    _add_output(digest)
    _add_doctor(commands)
    _add_deliveries(commands)
    _add_requests(commands)
    _add_tokens(commands)

    _add_backup(commands)
    _add_audit(commands)
    _add_catalogue(commands)
    _add_policy(commands)
    _add_database(commands)
    return parser


def _add_setup(commands: Any) -> None:
    """`setup [export]`."""
    setup = _add(commands, "setup", "print where to set the bot up, with a new one-time code")
    setup.add_argument(
        "--manifest", action="store_true", help="only print the GitHub App's manifest (JSON)"
    )
    setup.add_argument("--org", help="with --manifest: the organization's login")
    setup.add_argument("--url", help="the bot's public address; its name may open the page too")
    steps = setup.add_subparsers(dest="step", metavar="[export]")
    _add(steps, "export", "print the kept credentials as an env file, after asking")


def _add(commands: Any, name: str, meaning: str, **more: Any) -> argparse.ArgumentParser:
    """A command or a step, with the same words in the list of all and in its own help."""
    description = f"{meaning[0].upper()}{meaning[1:]}."
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=meaning, description=description, **more
    )
    _add_no_color(parser)
    return parser


def _add_catalogue(commands: Any) -> None:
    meaning = "print what each permission lets its holder do; needs no settings"
    form = _add(commands, "catalogue", meaning).add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print it as one JSON document")
    form.add_argument("--markdown", action="store_true", help="print docs/permissions.md")


def _add_doctor(commands: Any) -> None:
    doctor = _add(commands, "doctor", "look for what is wrong, and say what to do about it")
    doctor.add_argument("--org", help="only this organization, login or id")
    _add_output(doctor)


def _add_deliveries(commands: Any) -> None:
    """`deliveries [retry]`."""
    deliveries = _add(commands, "deliveries", "list what GitHub delivered, and what became of it")
    deliveries.add_argument(
        "--state",
        choices=["waiting", "done", "failed"],
        default=argparse.SUPPRESS,
        help="only those in this state",
    )
    add_limit(deliveries)
    _add_output(deliveries)
    steps = deliveries.add_subparsers(dest="step", metavar="[retry]")
    retry = _add(steps, "retry", "run a failed delivery or timer again")
    retry.add_argument("guid", metavar="GUID", help="as `deliveries` lists it")


def _add_backup(commands: Any) -> None:
    """`backup FILE`, `restore FILE` and `rebuild`."""
    backup = _add(commands, "backup", "write the whole record to a file, while the bot runs")
    backup.add_argument("file", metavar="FILE", type=Path, help="it appears whole, or not at all")
    restore = _add(commands, "restore", "make a backup the record, while the bot does not run")
    restore.add_argument("file", metavar="FILE", type=Path, nargs="?", help="as `backup` made it")
    restore.add_argument("--force", action="store_true", help="replace the database that is there")
    restore.add_argument(
        "--mark",
        action="store_true",
        help="the database came back by other means (pg_restore, a snapshot): only note that",
    )
    meaning = "make the record anew from GitHub, after the database and its backups were lost"
    rebuild = _add(commands, "rebuild", meaning)
    rebuild.add_argument("--force", action="store_true", help="also if decisions are recorded")
    _add_output(rebuild)


def _add_requests(commands: Any) -> None:
    """`requests [list|show]`, with the filters of GitHub's own page."""
    filters = [request_filters()]
    meaning = "list token requests, or show one with its history"
    requests = _add(commands, "requests", meaning, parents=filters)
    _add_output(requests)
    steps = requests.add_subparsers(dest="step", metavar="[list | show]")
    listing = _add(
        steps, "list", "list one request per line, the newest first (the default)", parents=filters
    )
    _add_output(listing)
    show = _add(steps, "show", "show one request and its history")
    _add_output(show)
    show.add_argument("request", metavar="ORG/ID", type=request_key, help="as `requests` lists it")


def _add_tokens(commands: Any) -> None:
    """`tokens`, with the filters of GitHub's own page."""
    tokens = _add(commands, "tokens", "list active tokens, each with the decision it rests on")
    tokens.add_argument("--org", help="only this organization, login or id")
    add_filters(tokens, "tokens")
    tokens.add_argument(
        "--kind",
        type=lambda word: word.replace(" ", "-"),
        choices=[kind.option for kind in Kind],
        metavar="KIND",
        help=f"only tokens of one kind: {', '.join(kind.option for kind in Kind)}",
    )
    _add_output(tokens)


def _add_audit(commands: Any) -> None:
    """`audit key|verify|export`."""
    audit = _add(commands, "audit", "check or export the audit log")
    steps = audit.add_subparsers(dest="step", required=True, metavar="STEP")
    key = _add(steps, "key", "print the public key that checks the log's signatures")
    key.add_argument("--new", action="store_true", help="make and print a new private key")
    _add_output(key)
    check = _add(
        steps, "verify", "check whether the log was changed, and name the first broken entry"
    )
    _add_output(check)
    what = check.add_mutually_exclusive_group()
    what.add_argument("--org", help="only this organization, login or id")
    what.add_argument("--file", type=Path, help="check an export (jsonl) and not the database")
    check.add_argument(
        "--public-key",
        type=public_key,
        help="the key that must have signed, as `audit key` prints it",
    )
    check.add_argument(
        "--head",
        metavar="SEQ:HASH",
        type=head,
        action="append",
        default=[],
        help="a head that you kept, which must still be in the log; may be repeated",
    )
    export = _add(steps, "export", "write the entries of the log to stdout")
    export.add_argument("--format", choices=["jsonl", "csv"], required=True)
    export.add_argument("--org", help="only this organization, login or id")
    export.add_argument(
        "--since", type=moment, help="only from this day or time on (ISO 8601, UTC)"
    )
    export.add_argument("--until", type=moment, help="only before this day or time (UTC)")


def _add_policy(commands: Any) -> None:
    """`policy check|schema|diff|replay|show`."""
    policy = _add(commands, "policy", "check, compare and replay policy files; show what counts")
    steps = policy.add_subparsers(dest="step", required=True, metavar="STEP")
    check = _add(steps, "check", "name every mistake of a file with its place, play its examples")
    check.add_argument("file", metavar="FILE", type=Path)
    _add_output(check)
    _add(steps, "schema", "print the JSON Schema of policy files, for editors")
    diff = _add(steps, "diff", "show on which requests two files differ; ends with 1 if they do")
    diff.add_argument("old", metavar="OLD", type=Path)
    diff.add_argument("new", metavar="NEW", type=Path)
    replay = _add(steps, "replay", "judge recorded requests by a file, and change nothing")
    replay.add_argument("file", metavar="FILE", type=Path)
    show = _add(steps, "show", "show which version is in force, and who adopted it")
    for one in (diff, replay, show):
        one.add_argument("--org", help="only this organization, login or id")
        _add_output(one)
    for one in (diff, replay):
        meaning = "recorded requests of this time: 12h, 90d or 2w (90d)"
        one.add_argument("--since", metavar="TIME", type=ago, default="90d", help=meaning)


def _add_database(commands: Any) -> None:
    """`db current|upgrade|check`."""
    database = _add(commands, "db", "look at the database's schema, or bring it up to date")
    steps = database.add_subparsers(dest="step", required=True, metavar="STEP")
    for name, meaning in (
        ("current", "print the schema that the database has, and this version's"),
        ("upgrade", "bring the schema to this version's; make it where there is none"),
        ("check", "look whether all that this version needs is there and can be read"),
    ):
        _add_output(_add(steps, name, meaning))
