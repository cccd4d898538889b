"""Issues of requests that were decided while no record knew of them."""

from collections.abc import Iterable

from bot.domain.accounts import AdminRepository
from bot.domain.record import OrganizationRecord
from bot.domain.times import GONE_FROM_A_LIST, LONG_AGO
from bot.domain.token_request import TokenRequest
from bot.handlers.audit_trail import note
from bot.handlers.effects import comment_once
from bot.handlers.gaps import gap_of
from bot.ports import Issue, World
from bot.replies import markers
from bot.replies.closing import FORGOTTEN
from bot.replies.labels import REQUEST_LABEL, STATE_LABELS


def close_forgotten(
    world: World, org: OrganizationRecord, repo: AdminRepository, pending: Iterable[TokenRequest]
) -> None:
    """After a loss, close the open issues of requests that GitHub does not list any more.

    Nobody knows what became of these requests, and the issue says so. One look at the list proves
    nothing: a second one, some time later, must miss them too. Then it is done for good.
    """
    gap = gap_of(world.record, org.id)
    if gap is None:
        return
    scope = f"forgotten:{org.id}:{gap.until.isoformat()}"  # each loss is looked at for itself
    if world.record.remote_id(scope, "settled") is not None:
        return
    listed = {one.id for one in pending}
    now, waits = world.clock.now(), False
    for issue in world.github.own_issues(repo, REQUEST_LABEL, LONG_AGO):
        if not _is_forgotten(world, org, repo, issue, listed):
            continue
        since = world.record.intend(scope, f"{repo.id}#{issue.number} not listed")
        if since is None or now - since < GONE_FROM_A_LIST:
            waits = True
        else:
            _close(world, org, repo, issue)
    if not waits:
        world.record.done(scope, "settled", 1)


def _is_forgotten(
    world: World,
    org: OrganizationRecord,
    repo: AdminRepository,
    issue: Issue,
    listed: Iterable[int],
) -> bool:
    key = markers.marked_request(issue.body)
    if key is None or key[0] != org.id or key[1] in listed or issue.state != "open":
        return False
    unknown = world.record.request(*key) is None
    return unknown and world.record.issue_owner(repo.id, issue.number) is None


def _close(world: World, org: OrganizationRecord, repo: AdminRepository, issue: Issue) -> None:
    """Without a state label: none of them is known to be true."""
    comment_once(world, repo, issue.number, markers.forgotten_marker(org.id), FORGOTTEN)
    for name in issue.labels:
        if name.lower() in STATE_LABELS:
            world.github.remove_label(repo, issue.number, name)
    world.github.update_issue(repo, issue.number, state="closed", state_reason="not_planned")
    place = f"{repo.full_name}#{issue.number}"
    world.record.note_org(org.id, note(world, "forgotten issue closed", "", place))
