"""GitHub's list of grants: who has access now. One look at it never ends anything."""

from collections.abc import Sequence

from bot.domain.absence import Absence, absence_after
from bot.domain.access import is_just_approved, stands
from bot.domain.record import OrganizationRecord, RequestRecord
from bot.domain.times import ASKED_LOOKS_APART, REVOKED_LOOKS_APART, backoff
from bot.domain.token_request import Grant
from bot.domain.tokens import KnownGrant
from bot.handlers.audit_trail import note
from bot.handlers.request_work import put_access_due
from bot.ports import Defer, World


def read_grants(
    world: World, org: OrganizationRecord, token_ids: Sequence[int]
) -> dict[int, list[Grant]]:
    """The grants of these tokens by token id; a token without access is not in it.

    A server may ignore the filter and list everybody's grants: only those of these tokens count.
    """
    wanted = sorted(set(token_ids))
    found: dict[int, list[Grant]] = {}
    for grant in world.github.grants(org.reference, wanted) if wanted else []:
        if grant.token_id in wanted:
            found.setdefault(grant.token_id, []).append(grant)
    return found


def grants_of(world: World, org: OrganizationRecord, row: RequestRecord) -> list[Grant]:
    """The grants of the row's own token."""
    token_id = row.request.token_id
    return read_grants(world, org, [token_id]).get(token_id, []) if token_id is not None else []


def confirm_access(world: World, org: OrganizationRecord, row: RequestRecord) -> bool:
    """Whether GitHub shows now that the row's token has access. One look proves no absence, so the
    next one is put on the way.
    """
    found = stands(grants_of(world, org, row))
    if not found and row.request.token_id is not None:
        put_access_due(world, *row.key)
    return found


def note_absence(world: World, row: RequestRecord) -> Absence:
    """One more look at GitHub's list did not show the grant of an approved request."""
    first = row.missing_since is None
    absence = absence_after(row, world.clock.now())
    row.missing_since, row.missing_sweeps = absence.since, absence.looks
    entries = [note(world, "grant missing", "GitHub", "")] if first else []
    world.record.save(row, *entries)
    return absence


def note_presence(world: World, row: RequestRecord) -> None:
    """GitHub's list shows the grant."""
    if row.missing_since is not None:
        row.missing_since, row.missing_sweeps = None, 0
        world.record.save(row, note(world, "grant seen again", "GitHub", ""))


def require_absence(world: World, row: RequestRecord, *, asked: bool) -> None:
    """Returns once the grant was missing in two looks some time apart, and not just after the
    approval. Raises Defer until then.

    `asked`: GitHub listed the grant and was asked to revoke it, so it is not too new to be listed.
    """
    now, pause = world.clock.now(), backoff(world.job.attempt)
    if not asked and is_just_approved(row, now):
        raise Defer("GitHub's list of grants may lag behind the approval", pause)
    apart = ASKED_LOOKS_APART if asked else REVOKED_LOOKS_APART
    if not note_absence(world, row).proves(now, apart):
        raise Defer("one look at GitHub's list of grants proves nothing", pause)


def require_missing(world: World, org: OrganizationRecord, known: KnownGrant) -> None:
    """Returns once a grant that we asked to revoke was missing in two looks some time apart. Raises
    Defer until then. Who sees it in between saves it, which begins anew.
    """
    now = world.clock.now()
    world.record.note_missing_grants(org.id, [known.grant.id], now)
    for one in world.record.grants_of_tokens(org.id, [known.grant.token_id]):
        since = one.missing_since or now
        if one.grant.id == known.grant.id and now - since < ASKED_LOOKS_APART:
            pause = ASKED_LOOKS_APART.total_seconds()
            raise Defer("one look at GitHub's list of grants proves nothing", pause)
