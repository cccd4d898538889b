"""The sweep of access: the approved requests against GitHub's list of grants."""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.domain.access import (
    is_as_approved,
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
from bot.handlers.comparisons import note_comparison
from bot.handlers.request_work import put_access_due
from bot.handlers.requests.grants import read_grants
from bot.ports import LeaseLost, Retryable, World

log = logging.getLogger(__name__)

TOKENS_IN_A_CALL = 50
"""GitHub takes so many `token_id[]` in one call (GitHub's OpenAPI: maxItems 50)."""
MOST_IN_A_SWEEP = 1000
"""Approved requests that one sweep compares: 20 calls of the 5,000 an hour. The next sweep goes on
with the others."""

_UP_TO, _SINCE = "compared up to", "compared since"


def put_changed_access(world: World, org: OrganizationRecord) -> None:
    """Let each access be looked at that is not what the record says, by one look at GitHub's list.

    A look is no proof: whoever works on them looks again. What cannot be read is left out and
    logged; the next sweep reads it again.
    """
    if not org.may_list_grants:
        log.warning("%s: the App may not list grants: nothing tells when access ends", org.login)
        return
    began, part = world.clock.now(), _next_approved(world, org)
    approved = part.approved
    ended = _ended_lately(world, org)
    tokens = {one.token_id for one in approved}
    tokens |= {row.request.token_id for row in ended if row.request.token_id is not None}
    grants = _read(world, org, sorted(tokens))
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
    for request_id in changed:  # each with the comparison before this one
        put_access_due(world, org.id, request_id)
    _note_part(world, org, part, began, grants)


@dataclass(frozen=True)
class _Part:
    """The approved requests that one sweep compares. `after`: the request id after which they come;
    0: they are the first. `up_to`: that of the last of them; 0: no more follow.
    """

    approved: list[ApprovedToken]
    after: int
    up_to: int


def _next_approved(world: World, org: OrganizationRecord) -> _Part:
    """The next part of the approved requests, after those of the sweep before."""
    after = world.record.remote_id(f"sweep:{org.id}", _UP_TO) or 0
    found = world.record.approved_tokens(org.id, after, MOST_IN_A_SWEEP + 1)
    if after and not found:
        after, found = 0, world.record.approved_tokens(org.id, 0, MOST_IN_A_SWEEP + 1)
    approved = found[:MOST_IN_A_SWEEP]
    return _Part(approved, after, approved[-1].request_id if len(found) > len(approved) else 0)


def _note_part(
    world: World,
    org: OrganizationRecord,
    part: _Part,
    began: datetime,
    grants: Mapping[int, Sequence[Grant]],
) -> None:
    """All was as approved since the first part's beginning, once the last part is. Where something
    was missing, or could not be read, another round has to tell.
    """
    scope = f"sweep:{org.id}"
    since = int(began.timestamp())
    if part.after:
        since = min(since, world.record.remote_id(scope, _SINCE) or 0)
    moment = datetime.fromtimestamp(since, UTC)
    if not all(
        one.token_id in grants and is_as_approved(one, grants[one.token_id], moment)
        for one in part.approved
    ):
        since = 0
    if part.up_to:
        world.record.done(scope, _SINCE, since)
    elif since:
        note_comparison(world, org.id, since)
    if part.after or part.up_to:
        world.record.done(scope, _UP_TO, part.up_to)


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
