"""Which requests a digest's command means."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.accounts import Account
from bot.domain.commands.command import Command, Targets
from bot.domain.commands.table import Name
from bot.domain.commands.targets import permission_name
from bot.domain.record import RequestRecord
from bot.domain.token_request import State, TokenRequest


@dataclass(frozen=True)
class Selection:
    """What a command is carried out on (`chosen`), and what was left out and must be named.

    `unknown` are issue numbers of no request among the rows: one of them refuses the whole.
    """

    chosen: tuple[RequestRecord, ...] = ()
    unknown: tuple[int, ...] = ()
    held: tuple[RequestRecord, ...] = ()
    own: tuple[RequestRecord, ...] = ()
    decided: tuple[RequestRecord, ...] = ()


def select(command: Command, rows: Sequence[RequestRecord], author: Account) -> Selection:
    """Sort `rows` for a command with targets: the author's own, held and decided ones apart.

    `rows`: for listed numbers the organization's requests with these numbers, for `all` and filters
    what this digest lists. Held and decided ones are apart for `/approve` and `/deny` only; of
    `all` and filters decided ones are simply not meant.
    """
    targets = command.targets or Targets()
    meant = [row for row in rows if _means(targets, row)]
    numbers = {row.issue.number for row in meant if row.issue}
    unknown = tuple(number for number in targets.numbers if number not in numbers)
    own = [row for row in meant if row.request.requester.id == author.id]
    others = [row for row in meant if row.request.requester.id != author.id]
    if command.name not in (Name.APPROVE, Name.DENY):
        return Selection(tuple(others), unknown, own=tuple(own))
    return Selection(
        tuple(row for row in others if row.state in (State.PENDING, State.DECIDING)),
        unknown,
        tuple(row for row in others if row.state is State.HELD),
        tuple(own),
        tuple(row for row in others if not row.state.is_open),
    )


def _means(targets: Targets, row: RequestRecord) -> bool:
    if targets.numbers:
        return row.issue is not None and row.issue.number in targets.numbers
    return row.state.is_open and matches(targets, row.request)


def matches(targets: Targets, request: TokenRequest) -> bool:
    """Whether a request fits the filters: different keys AND, the same key OR."""
    return (
        (not targets.owners or request.requester.login.lower() in targets.owners)
        and (not targets.permissions or _has_permission(targets.permissions, request))
        and (not targets.repositories or _has_repository(targets.repositories, request))
    )


def _has_permission(wanted: Sequence[tuple[str, str | None]], request: TokenRequest) -> bool:
    levels = {
        (permission_name(name), level)
        for group in request.result.values()
        for name, level in group.items()
    }
    names = {name for name, _ in levels}
    return any((name, level) in levels if level else name in names for name, level in wanted)


def _has_repository(wanted: Sequence[str], request: TokenRequest) -> bool:
    full_names = [repository.full_name.lower() for repository in request.repositories]
    names = {*full_names, *(name.rpartition("/")[2] for name in full_names)}
    return request.selection == "all" or not names.isdisjoint(wanted)
