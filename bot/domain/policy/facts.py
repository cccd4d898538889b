"""What rules look at: the facts of one request. A fact that cannot be read is `UNREAD`."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum
from functools import cached_property
from typing import Any, Final, Literal

from bot.domain.accounts import Account, Repository
from bot.domain.permissions import RANKS, Danger, Held, Permission, danger, find
from bot.domain.token_request import Permissions, TokenRequest

UNKNOWN_RANK = 4
"""A level that this version does not know counts as higher than all others."""


class Unread(Enum):
    """Instead of a fact that nobody could read."""

    UNREAD = "unread"


UNREAD: Final = Unread.UNREAD
Answer = bool | Literal[Unread.UNREAD]
"""Whether something holds, as far as the facts tell."""


@dataclass(frozen=True)
class HeldPermission:
    """One resulting permission. `names` are those by which `any` and `all` find it, `name` is the
    one by which `only` covers it: a repository's `secrets` are not the organization's.
    """

    group: str
    name: str
    level: str

    @cached_property
    def _known(self) -> Permission | None:
        """The catalogue's entry, if it is of this group."""
        known = find(self.name, self.group)
        return known if known and known.group == self.group else None

    @cached_property
    def names(self) -> tuple[str, ...]:
        """GitHub's group may say what the name in the catalogue says: try both."""
        if self.group != "organization" or (self._known and self._known.name == self.name):
            return (self.name,)
        return (self.name, f"organization_{self.name}")

    @cached_property
    def full_name(self) -> str:
        """The catalogue's name of it."""
        return self._known.name if self._known else self.name

    @cached_property
    def rank(self) -> int:
        """Of its level; the levels compare."""
        return RANKS.get(self.level, UNKNOWN_RANK)

    @cached_property
    def is_known(self) -> bool:
        """Whether this version knows the permission."""
        return self._known is not None


@dataclass(frozen=True)
class Facts:
    """One request as a policy sees it, at one moment. Times are aware, in UTC.

    `expires_at` None: the token never expires. `organization` is the login. `teams`: for each team
    that the policy names whether the requester is an active member (child teams count); a slug that
    is missing was not read. `danger` is the card's level, `danger_alone` that of this token alone:
    the card's is at least this. `renewed_limit`: of the approval that is renewed, if it had any.
    `widens_limited_grant`: the token has access already, whose time is limited here.
    `adopted_by_requester`: the requester is among those who adopted this version. What is left out
    is unread, and lets nothing pass.
    """

    permissions: Permissions
    selection: str
    repositories: tuple[Repository, ...] | Unread
    created_at: datetime
    expires_at: datetime | None
    requester: Account
    now: datetime
    organization: str | Unread = UNREAD
    reason: str | Unread | None = UNREAD
    teams: Mapping[str, bool] = field(default_factory=dict)
    danger: Danger | Unread = UNREAD
    danger_alone: Danger | Unread = UNREAD
    renewal: bool | Unread = UNREAD
    renewed_limit: timedelta | None = None
    widens_limited_grant: bool | Unread = UNREAD
    adopted_by_requester: bool | Unread = UNREAD

    @cached_property
    def held(self) -> tuple[HeldPermission, ...]:
        """The resulting permissions, one by one."""
        return tuple(
            HeldPermission(group, name, level)
            for group, levels in self.permissions.items()
            for name, level in levels.items()
        )

    @cached_property
    def chosen(self) -> tuple[tuple[str, bool | None], ...] | Unread:
        """Of each chosen repository: owner/name in lower case, and whether it is private."""
        if isinstance(self.repositories, Unread):
            return UNREAD
        return tuple((each.full_name.lower(), each.private) for each in self.repositories)


def facts_of(
    request: TokenRequest,
    organization: str,
    now: datetime,
    needs: Set[str],
    others: Sequence[Held] | None,
    **more: Any,
) -> Facts:
    """The facts that the request itself tells, and `more` that was looked up for it.

    `organization` is the login. `needs`: the facts that rules look at (`Rules.needs`). `others`:
    what the requester's other tokens may do; None when they are not known.

    A token of an organization reaches no repositories but the organization's own: whatever it was
    called when somebody read their names, they have its login of today.
    """
    known = request.selection != "subset" or request.repositories_known
    found = danger(request, others or ()) if "danger" in needs else None
    return Facts(
        permissions=request.result,
        selection=request.selection,
        repositories=_named_today(request.repositories, organization) if known else UNREAD,
        created_at=request.created_at,
        expires_at=request.expires_at,
        requester=request.requester,
        now=now,
        organization=organization,
        reason=request.reason if request.reason_known else UNREAD,
        danger=found.level if found and others is not None else UNREAD,
        danger_alone=found.alone if found else UNREAD,
        **more,
    )


def _named_today(repositories: Sequence[Repository], organization: str) -> tuple[Repository, ...]:
    return tuple(
        replace(one, full_name=f"{organization}/{one.full_name.rpartition('/')[2]}")
        for one in repositories
    )
