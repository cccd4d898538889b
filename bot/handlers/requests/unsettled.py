"""A `/keep` that GitHub shows and nobody has answered yet: its delivery is late, or waits."""

from datetime import datetime

from bot.domain.accounts import AdminRepository
from bot.domain.commands import Misuse, Name, Place, read_command
from bot.domain.events import Comment
from bot.domain.record import DigestRecord, OrganizationRecord
from bot.domain.times import DELIVERIES_ARE_KEPT
from bot.domain.tokens import KnownGrant
from bot.handlers.answered import was_answered
from bot.handlers.organizations.admin_repository import admin_repository
from bot.ports import NotFound, World


def may_be_kept(world: World, org: OrganizationRecord, known: KnownGrant) -> bool:
    """Whether an unanswered `/keep` on a digest may mean this announced grant. So it is, too, when
    GitHub does not show every digest since the announcement.
    """
    if known.announced is None:
        return True
    since = known.announced.at - DELIVERIES_ARE_KEPT
    repo = admin_repository(world, org)
    digests = _digests(world, org, since)
    if repo is None or not digests:
        return True
    return any(_may_keep(world, repo, one, known.grant.token_id) for one in digests)


def _digests(world: World, org: OrganizationRecord, since: datetime) -> list[DigestRecord]:
    days = (world.clock.now() - since).days + 2
    found = world.record.latest_digests(org.id, days)
    return [one for one in found if one.created_at >= since]


def _may_keep(world: World, repo: AdminRepository, digest: DigestRecord, token_id: int) -> bool:
    if digest.issue is None or digest.issue.repo_id != repo.id:
        return True
    try:
        comments = world.github.comments(repo, digest.issue.number)
    except NotFound:
        return True
    return any(
        _keeps(one, token_id) and not was_answered(world, one.id)
        for one in comments
        if one.author.is_person and not one.edited  # edits command nothing, and anybody may edit
    )


def _keeps(comment: Comment, token_id: int) -> bool:
    """Whether its command is `/keep` and it names the token, well-formed or not."""
    command = read_command(comment.body, Place.DIGEST)
    if isinstance(command, Misuse):
        return command.command is Name.KEEP and str(token_id) in comment.body
    if command is None or command.name is not Name.KEEP:
        return False
    return command.targets is not None and token_id in command.targets.tokens
