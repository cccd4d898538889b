"""The sweep of access: the approved requests against GitHub's list of grants."""

import logging
from collections.abc import Iterable, Iterator, Sequence

from bot.domain.access import (
    is_explained,
    may_come_back,
    may_have_been_approved,
    may_have_ended,
    outlived_its_end,
    stands,
)
from bot.domain.record import ApprovedToken, OrganizationRecord, RequestRecord
from bot.domain.times import ENDED_IS_LOOKED_AT
from bot.domain.token_request import Grant
from bot.handlers.requests.grants import read_grants
from bot.handlers.sightings import note_look
from bot.ports import LeaseLost, Retryable, World

log = logging.getLogger(__name__)

TOKENS_IN_A_CALL = 50
"""GitHub takes so many `token_id[]` in one call (GitHub's OpenAPI: maxItems 50)."""
MOST_IN_A_SWEEP = 1000
"""Approved requests that one sweep compares: 20 calls of the 5,000 an hour. The next sweep goes on
with the others."""


def find_changed_access(world: World, org: OrganizationRecord) -> list[int]:
    """The requests whose access is not what the record says, by one look at GitHub's list.

    A look is no proof: whoever works on them looks again. What cannot be read is left out and
    logged; the next sweep reads it again.
    """
    if not org.may_list_grants:
        log.warning("%s: the App may not list grants: nothing tells when access ends", org.login)
        return []
    began, approved = world.clock.now(), _next_approved(world, org)
    ended = _ended_lately(world, org)
    tokens = {one.token_id for one in approved}
    tokens |= {row.request.token_id for row in ended if row.request.token_id is not None}
    grants = _read(world, org, sorted(tokens))
    for one in approved:
        if one.token_id in grants:
            note_look(world, org.id, one, grants[one.token_id], began)
    now = world.clock.now()
    changed = [
        one.request_id
        for one in approved
        if one.token_id in grants
        and may_have_ended(one, stands=stands(grants[one.token_id]), now=now)
    ]
    approved.sort(key=lambda one: one.decided_at)
    latest = {one.token_id: one.decided_at for one in approved}
    for row in ended:
        token_id = row.request.token_id or 0
        listed = grants.get(token_id, [])
        outlived = may_come_back(row) and outlived_its_end(row, listed)
        found = outlived or may_have_been_approved(row, listed)
        if found and not is_explained(row, latest.get(token_id)):
            changed.append(row.request.id)
    return changed


def _next_approved(world: World, org: OrganizationRecord) -> list[ApprovedToken]:
    """The next part of the approved requests, after those of the sweep before."""
    place = (f"sweep:{org.id}", "compared up to")
    after = world.record.remote_id(*place) or 0
    found = world.record.approved_tokens(org.id, after, MOST_IN_A_SWEEP)
    if after and not found:
        found = world.record.approved_tokens(org.id, 0, MOST_IN_A_SWEEP)
    more = len(found) == MOST_IN_A_SWEEP
    if after or more:
        world.record.done(*place, found[-1].request_id if more else 0)
    return found


def _ended_lately(world: World, org: OrganizationRecord) -> list[RequestRecord]:
    since = world.clock.now() - ENDED_IS_LOOKED_AT
    decided = world.record.decided_since(org.id, since)
    return [row for row in decided if may_come_back(row) or row.let_go is not None]


def _read(
    world: World, org: OrganizationRecord, token_ids: Sequence[int]
) -> dict[int, Sequence[Grant]]:
    """Each token's grants, empty ones too; those that could not be read are not in it.

    What the list does not show is asked for once more: an answer may be empty by mistake.
    """
    found = dict[int, Sequence[Grant]]()
    for some in _calls(token_ids):
        found |= _read_some(world, org, some)
    missing = [token_id for token_id, grants in found.items() if not grants]
    for some in _calls(missing):
        found |= _read_some(world, org, some)
    return found


def _calls(token_ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(token_ids), TOKENS_IN_A_CALL):
        yield token_ids[start : start + TOKENS_IN_A_CALL]


def _read_some(
    world: World, org: OrganizationRecord, token_ids: Iterable[int]
) -> dict[int, Sequence[Grant]]:
    wanted = list(token_ids)
    try:
        listed = read_grants(world, org, wanted)
    except LeaseLost:
        raise
    except Retryable as trouble:
        log.warning("%s: %d grants are compared later: %s", org.login, len(wanted), trouble)
        return {}
    return {token_id: listed.get(token_id, []) for token_id in wanted}
