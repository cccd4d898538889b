"""The truth check over the record: each grant with the decision it rests on."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby, islice
from typing import Protocol

from bot.domain.tokens import CheckedGrant, KnownGrant, basis_of, has_unknown_limit
from bot.handlers.gaps import Notes, gap_of
from bot.ports.record import Grants

AT_ONCE = 500
"""Grants whose requests are read together."""


class Checked(Grants, Notes, Protocol):
    """The part of the record that the check reads."""


def checked_grants(
    record: Checked, org_id: int | None = None, ended_since: datetime | None = None
) -> Iterator[CheckedGrant]:
    """The grants that stand, and those that ended later than that, by organization and id."""
    known = record.known_grants(org_id, ended_since)
    for owner, grants in groupby(known, lambda one: one.org_id):
        yield from check(record, owner, grants)


def check(record: Checked, org_id: int, grants: Iterable[KnownGrant]) -> Iterator[CheckedGrant]:
    """These grants of one organization, some at a time."""
    gap, left = gap_of(record, org_id), iter(grants)
    while some := list(islice(left, AT_ONCE)):
        approved = record.approved_of_tokens(org_id, {one.grant.token_id for one in some})
        for one in some:
            basis = basis_of(approved.get(one.grant.token_id, []))
            yield CheckedGrant(one, basis, has_unknown_limit(one.grant, basis, gap))
