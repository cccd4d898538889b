"""How dangerous a request is: what its token adds up to with the requester's other tokens."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Protocol

from bot.domain.permissions.catalogue import UNKNOWN, Power, find
from bot.domain.permissions.combinations import (
    COMBINATIONS,
    UNBOUNDED,
    Combination,
    found_in,
)
from bot.domain.permissions.levels import Danger, rank
from bot.domain.token_request import Permissions, TokenRequest

SHORT_ENOUGH = timedelta(days=366, hours=1)
"""A longer lifetime raises what would be low; the hour is between asking and the token's making."""

TAKES_OVER = frozenset(
    {
        *("contents", "workflows", "actions", "secrets", "environments", "administration"),
        *("organization_administration", "members", "organization_secrets"),
        *("organization_self_hosted_runners", "organization_custom_org_roles"),
    }
)
"""Writing one of these in all repositories for ever is critical, writing anything else high."""

OPEN_CODE = "read the code, which everybody can read anyhow"
_LEAKED = frozenset({"secret_scanning_alerts"})
_WORST = (18, 17, 6, 1, 3, 5, 4, 22, 14, 15, 2, 10, 13, 12, 8, 9, 7, 20, 21, 16, 19, 11)
"""Combinations of one level, the one first whose sentence a reader needs most."""


class Held(Protocol):
    """A token's access that stands, as far as danger goes: `token_request.Grant` is one."""

    @property
    def result(self) -> Permissions: ...
    @property
    def selection(self) -> str: ...
    @property
    def expires_at(self) -> datetime | None: ...


@dataclass(frozen=True)
class Reason:
    """One thing that the holder could do.

    `sentence` completes "the holder could …". `names` are the permissions by which;
    `of_organization` tells that all of them are the organization's. `source` is where that is
    documented. `combination` is its number, None for a single permission. `takes_others`: this
    token alone could not do it. `others_alone`: the requester's other tokens could do it without
    this one.
    """

    level: Danger
    sentence: str
    names: tuple[str, ...]
    source: str = ""
    rests_on: tuple[str, ...] = ()
    combination: int | None = None
    of_several: bool = False
    of_organization: bool = False
    takes_others: bool = False
    others_alone: bool = False
    known: bool = True


@dataclass(frozen=True)
class Assessment:
    """How dangerous a request is. `alone` is the level without the requester's other tokens.

    `reasons`: combinations first, then single permissions, each the most dangerous first.
    """

    level: Danger
    alone: Danger
    reasons: tuple[Reason, ...]

    @property
    def worst(self) -> Reason | None:
        """The reason that the first sentence tells; None for a token without permissions.

        Where and for how long is told beside it, so it is not the combination UNBOUNDED.
        """
        told = (one for one in self.reasons if one.combination != UNBOUNDED)
        return min(told, key=_by_weight, default=None)


def danger(request: TokenRequest, other_grants: Sequence[Held] = ()) -> Assessment:
    """What the token could do alone, and with the requester's other active grants here.

    In which repositories the parts of a combination hold is not compared: split over two tokens it
    counts as one.
    """
    own = _Token(request.result, request.selection, request.expires_at, request)
    others = [_Token(one.result, one.selection, one.expires_at) for one in other_grants]
    alone = own.level
    union = _merged([own, *others])
    reasons = [*_combined(own, others, union), *_singles(own, _told(own.held))]
    highest = max([alone, *(one.level for one in others), *(one.level for one in reasons)])
    for other in others:
        reasons += [
            replace(one, takes_others=True, others_alone=True)
            for one in _singles(other, _told(union))
            if one.level is highest and highest > alone
        ]
    return Assessment(highest, alone, tuple(sorted(reasons, key=_by_kind)))


class _Token:
    """One token's permissions by our names, and what bounds it."""

    def __init__(
        self,
        permissions: Permissions,
        selection: str,
        expires_at: datetime | None,
        request: TokenRequest | None = None,
    ) -> None:
        self.powers = {
            (group, name): _power(group, name, level)
            for group, levels in permissions.items()
            for name, level in levels.items()
        }
        self.held = _flat(permissions)
        self.to_all, self.for_ever = selection == "all", expires_at is None
        if request is not None and _all_public(request):
            self._lower(("repository", "contents"), "read")
        if self.leaks > Danger.LOW:
            key = ("repository", "secret_scanning_alerts")
            self.powers[key] = replace(self.powers[key], danger=self.leaks)
        self.too_long = (
            request is not None
            and expires_at is not None
            and expires_at - request.created_at > SHORT_ENOUGH
        )

    def _lower(self, key: tuple[str, str], level: str) -> None:
        """Reading code that everybody can read is no danger."""
        power = self.powers.get(key)
        if power is not None and self.held.get(key[1]) == level:
            self.powers[key] = replace(power, sentence=OPEN_CODE, danger=Danger.LOW)

    @cached_property
    def leaks(self) -> Danger:
        """What reading leaked secrets counts as here: LOW where the token cannot."""
        if ("repository", "secret_scanning_alerts") not in self.powers:
            return Danger.LOW
        return Danger.CRITICAL if self.to_all else Danger.HIGH

    @cached_property
    def unbounded(self) -> Danger | None:
        """What writing in all repositories for ever counts as; None when it is not that."""
        written = {name for name, level in self.held.items() if rank(level) > 1}
        if not (self.to_all and self.for_ever and written):
            return None
        return Danger.CRITICAL if written & TAKES_OVER else Danger.HIGH

    @cached_property
    def level(self) -> Danger:
        """How dangerous this token is by itself."""
        found = [one.danger for one in self.powers.values()]
        in_it = found_in(frozenset(self.held.items()))
        found += [row.danger for row in COMBINATIONS if row.number in in_it]
        worst = max([*found, self.unbounded or Danger.LOW])
        if self.to_all and self.for_ever:
            return max(worst, Danger.HIGH)
        raised = self.to_all or self.for_ever or self.too_long
        return max(worst, Danger.MEDIUM) if raised else worst


def _combined(own: _Token, others: Sequence[_Token], union: Mapping[str, str]) -> list[Reason]:
    alone, together, elsewhere = (
        found_in(frozenset(held.items())) for held in (own.held, union, _merged(others))
    )
    found = []
    for row in COMBINATIONS:
        if row.number not in together:
            continue
        names = alone.get(row.number) or together[row.number]
        found.append(
            _reason(
                row,
                max(row.danger, own.leaks if names == _LEAKED else row.danger),
                names,
                takes_others=row.number not in alone,
                others_alone=row.number in elsewhere,
            )
        )
    return found + _unbounded(own, others)


def _unbounded(own: _Token, others: Sequence[_Token]) -> list[Reason]:
    row = next(one for one in COMBINATIONS if one.number == UNBOUNDED)
    theirs = [one for one in others if one.unbounded]
    mine = own.unbounded
    level = max((one.unbounded for one in [own, *theirs] if one.unbounded), default=None)
    if level is None:
        return []
    who = own if mine else theirs[0]
    written = frozenset(name for name, one in who.held.items() if rank(one) > 1)
    return [
        _reason(row, mine or level, written, takes_others=mine is None, others_alone=bool(theirs))
    ]


def _reason(
    row: Combination,
    level: Danger,
    names: frozenset[str],
    *,
    takes_others: bool,
    others_alone: bool,
) -> Reason:
    known = [find(name) for name in sorted(names)]
    return Reason(
        level,
        row.sentence,
        tuple(sorted(names)),
        next((one.source for one in known if one), ""),
        row.rests_on,
        row.number,
        of_several=not row.is_single,
        of_organization=all(one is not None and one.group == "organization" for one in known),
        takes_others=takes_others,
        others_alone=others_alone,
    )


def _told(held: Mapping[str, str]) -> set[str]:
    """The permissions of which a combination tells all that they do."""
    in_it = found_in(frozenset(held.items()))
    singles = (row.number for row in COMBINATIONS if row.is_single and row.number in in_it)
    told = {name for number in singles for name in in_it[number]}
    if "contents" in told and "workflows" in held:
        told.add("workflows")  # does nothing but what the combination with `contents` tells
    return told


def _singles(own: _Token, told: set[str]) -> list[Reason]:
    """What each permission can do that no combination of one permission tells already."""
    found = []
    for (group, name), power in own.powers.items():
        known = find(name, group)
        full = known.name if known else name
        if full in told or (full == "metadata" and len(own.powers) > 1):
            continue
        found.append(
            Reason(
                power.danger,
                power.sentence,
                (full,),
                known.source if known else "",
                power.rests_on,
                of_organization=(known.group if known else group) == "organization",
                known=known is not None,
            )
        )
    return found


def _by_kind(reason: Reason) -> tuple[object, ...]:
    return (not reason.of_several, *_by_weight(reason))


def _by_weight(reason: Reason) -> tuple[object, ...]:
    number = reason.combination
    place = _WORST.index(number) if number is not None else len(_WORST)
    return (-reason.level, reason.takes_others, place, reason.names)


def _power(group: str, name: str, level: str) -> Power:
    known = find(name, group)
    power = known.power(level) if known else UNKNOWN
    if group not in ("repository", "organization") and power.danger < UNKNOWN.danger:
        return replace(power, danger=UNKNOWN.danger)
    return power


def _name(group: str, name: str) -> str:
    known = find(name, group)
    return known.name if known else name


def _flat(permissions: Permissions) -> dict[str, str]:
    """Our name → the highest level of it."""
    found: dict[str, str] = {}
    for group, levels in permissions.items():
        for name, level in levels.items():
            full = _name(group, name)
            found[full] = max(found.get(full, ""), level, key=rank)
    return found


def _merged(tokens: Iterable[_Token]) -> dict[str, str]:
    union: dict[str, str] = {}
    for token in tokens:
        for name, level in token.held.items():
            union[name] = max(union.get(name, ""), level, key=rank)
    return union


def _all_public(request: TokenRequest) -> bool:
    """Whether everybody can read all of the chosen repositories anyhow, as far as is known."""
    count = max(request.repository_count or 0, len(request.repositories))
    known = request.selection == "subset" and len(request.repositories) == count > 0
    return known and all(one.private is False for one in request.repositories)
