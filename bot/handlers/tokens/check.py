"""The truth check over the record: each grant with the decision it rests on."""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby, islice

from bot.domain.tokens import CheckedGrant, KnownGrant, basis_of
from bot.ports.record import Grants

AT_ONCE = 500
"""Grants whose requests are read together."""


def checked_grants(
    record: Grants, org_id: int | None = None, ended_since: datetime | None = None
) -> Iterator[CheckedGrant]:
    """The grants that stand, and those that ended later than that, by organization and id."""
    known = record.known_grants(org_id, ended_since)
    for owner, grants in groupby(known, lambda one: one.org_id):
        while some := list(islice(grants, AT_ONCE)):
            yield from check(record, owner, some)


def check(record: Grants, org_id: int, grants: list[KnownGrant]) -> Iterator[CheckedGrant]:
    """These grants of one organization."""
    approved = record.approved_of_tokens(org_id, {one.grant.token_id for one in grants})
    for one in grants:
        yield CheckedGrant(one, basis_of(approved.get(one.grant.token_id, [])))
