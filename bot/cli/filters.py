"""What narrows a list of the command line down."""

import argparse
from typing import Any

from bot.cli.argument_types import whole

STATES = ("pending", "held", "deciding", "approved", "denied", "cancelled", "expired", "revoked")
UNGIVEN: dict[str, Any] = {
    **dict.fromkeys(("owner", "repository", "permission"), ()),
    **dict.fromkeys(("state", "org", "step")),
    "limit": 50,
    **dict.fromkeys(("json", "no_color"), False),
}
"""What counts where nothing is given."""


class _Gather(argparse.Action):
    """One list for an option that may be repeated, before and after the step."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._found: list[Any] = []

    def __call__(
        self,
        _parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        value: Any,
        _name: str | None = None,
    ) -> None:
        self._found.append(value)
        setattr(namespace, self.dest, self._found)


def request_filters() -> argparse.ArgumentParser:
    """What is not given stays unset: a step's defaults would replace what stands before it."""
    parser = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    add_filters(parser, "requests")
    parser.add_argument(
        "--state", choices=STATES, metavar="STATE", help=f"one of {', '.join(STATES)}"
    )
    parser.add_argument("--org", help="requests of this organization (login or id)")
    add_limit(parser)
    return parser


def add_filters(parser: argparse.ArgumentParser, what: str) -> None:
    """The filters of GitHub's own pages; `what` is listed."""
    for name, metavar, meaning in (
        ("--owner", "LOGIN", f"{what} of this person"),
        ("--repository", "NAME", f"{what} for this repository (name or owner/name)"),
        (
            "--permission",
            "NAME[:LEVEL]",
            f"{what} with this permission (with :read, :write or :admin: exactly that level)",
        ),
    ):
        parser.add_argument(
            name,
            metavar=metavar,
            action=_Gather,
            help=f"{meaning}; repeat it to match any of several",
            default=argparse.SUPPRESS,
        )


def add_limit(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--limit",
        metavar="N",
        type=whole(1, 1_000_000),
        default=argparse.SUPPRESS,
        help="how many to list, the newest first (50)",
    )
