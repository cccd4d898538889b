"""How the service is doing, as the open pages may tell it: numbers and causes, no names."""

from collections.abc import Callable
from dataclasses import dataclass

from bot import ports
from bot.domain.health import Trouble


@dataclass(frozen=True)
class State:
    """`problems`: why the bot is not ready, in whole sentences; empty when it is.

    `organizations`: active installations. `unfit_repositories`: admin repositories that are
    refused (public, archived, without issues) or missing. `audit_log`: `signed`, `unsigned`,
    `broken` when this process found it changed, or `unknown` while the store does not answer.
    `troubles`: what keeps GitHub and the bot apart; the bot can still record. `suspended`: such
    installations; `lacking`: active ones without a permission that the bot cannot do without.
    `stuck`: whether a job waits in vain for over an hour; `parked`: whether one failed for good.
    `weak_secret`: whether a webhook secret can be guessed.
    """

    problems: tuple[str, ...]
    organizations: int
    unfit_repositories: int
    audit_log: str = "unknown"
    troubles: tuple[Trouble, ...] = ()
    suspended: int = 0
    lacking: int = 0
    stuck: bool = False
    parked: bool = False
    weak_secret: bool = False


ReadState = Callable[[], State]
"""Asks the store and the workers, never GitHub. Raises ports.Retryable when the store is away."""


def read_safely(read: ReadState) -> State:
    """The state, also when the store cannot tell it."""
    try:
        return read()
    except ports.Retryable:
        return State(("The store does not answer.",), 0, 0, troubles=(Trouble.NOT_KNOWN,))
