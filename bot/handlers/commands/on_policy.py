"""The commands of a policy issue: one table, a function for each."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from bot.domain.commands import Command, Misuse, Name, Place, read_command
from bot.domain.events import IssueCommentEvent
from bot.domain.policy_assessment import Assessment
from bot.domain.policy_version import NamedIds, PolicyVersion, Ruling
from bot.domain.record import InstallationState, IssueRef, OrganizationRecord, Preview
from bot.handlers.answered import was_acknowledged
from bot.handlers.commands.context import (
    CommandContext,
    acknowledge,
    answer,
    refuse,
    refuse_for_good,
    reply,
)
from bot.handlers.commands.preview import make_preview
from bot.handlers.commands.rulers import Ruler, Stage, check_rulers, find_rulers
from bot.handlers.deferral import later
from bot.handlers.organizations.admin_repository import (
    admin_repository,
    comes_by_former_installation,
    note_visibility,
)
from bot.handlers.organizations.known import refresh_installations
from bot.handlers.policies.adoption import Vote, count, record_rejection, record_votes
from bot.handlers.policies.assessment import assess, standing
from bot.handlers.policies.issue import (
    publish_ruling,
    put_adopted,
    restore_now,
    unsettled,
    write_texts,
)
from bot.handlers.policies.sources import served_by
from bot.ports import NotPermitted, Retryable, World
from bot.replies import policy_replies, refusals
from bot.replies.manual import help_text


def on_policy_comment(event: IssueCommentEvent, world: World, version: PolicyVersion) -> None:
    """Carry out the command in a new comment of a person on a policy issue."""
    command = read_command(event.comment.body, Place.POLICY)
    owner = _owner(event, world, version)
    orgs = served_by(world, owner) if owner is not None and owner.active else []
    if command is None or not orgs or was_acknowledged(world, event.comment.id):
        return
    org = next((one for one in orgs if one.id == version.org_id), orgs[0])
    public = note_visibility(world, org, event.repository.private)
    repo = org.admin_repo
    if repo is None or repo.id != event.repository.id:
        return
    again = repo.installation_id != event.installation_id
    if again and not comes_by_former_installation(world, org, event.org_id, event.installation_id):
        return
    issue = IssueRef(repo.id, repo.full_name, event.issue_number)
    ctx = CommandContext(event.comment, issue, org, repo, None, None)
    if public:
        refuse(world, ctx, "public", refusals.public_repository())
    elif again:
        refuse(world, ctx, "installed again", refusals.installed_again(org.login))
    elif isinstance(command, Misuse):
        refuse(world, ctx, command.cause, refusals.misuse(command))
    elif admin_repository(world, org) is not None:
        carry_out(world, Stage(ctx, version, orgs), command)


def _owner(
    event: IssueCommentEvent, world: World, version: PolicyVersion
) -> OrganizationRecord | None:
    """The owner of the policy file, read anew when in doubt. While it has the App suspended the
    command waits.
    """
    owner = world.record.organization(version.org_id)
    if owner is None or (owner.active and owner.installation_id == event.installation_id):
        return owner
    refresh_installations(world, since=world.job.received_at)
    owner = world.record.organization(version.org_id)
    if owner is not None and owner.state is InstallationState.SUSPENDED:
        raise NotPermitted(f"the installation of {owner.login} is suspended")
    return owner


def carry_out(world: World, stage: Stage, command: Command) -> None:
    """Run one command. A check that fails makes it wait."""
    try:
        COMMANDS[command.name](world, stage, command)
    except Retryable as trouble:
        raise later(world, trouble) from trouble


def adopt(world: World, stage: Stage, command: Command) -> None:
    """`/adopt`: the version comes into force when enough owners have adopted it."""
    _adopt(world, stage, command, {})


def confirm(world: World, stage: Stage, command: Command) -> None:
    """`/confirm CODE`: the adoption that was asked back."""
    preview = world.record.preview(command.code or "")
    meant = read_command(preview.command, Place.POLICY) if preview else None
    if preview is None or not isinstance(meant, Command) or meant.name is not Name.ADOPT:
        preview, meant = None, command
    _adopt(world, stage, meant, {"code": command.code, "preview": preview})


def _adopt(world: World, stage: Stage, command: Command, more: dict[str, Any]) -> None:
    ctx, version = stage.ctx, stage.version
    if _is_done(world, stage):
        return
    rulers = find_rulers(world, stage, command, **more)
    found = _adoptable(world, stage, rulers) if rulers else None
    if found is None:
        return
    for one in rulers:
        _vote(world, stage, found, one)  # asks for what it rests on, so that it is checked below
    votes = [_vote(world, stage, found, one) for one in check_rulers(world, stage, rulers)]
    if not votes:
        return
    preview: Preview | None = more.get("preview")
    coming = found.within({vote.org.id for vote in votes if vote.is_enough})
    if preview is not None and preview.shown != _would_approve(coming):
        refuse(world, ctx, "list changed", policy_replies.list_changed())
        return
    grave = coming.would_approve or coming.dangerous_rules
    if preview is None and grave and any(vote.is_enough for vote in votes):
        _ask_back(world, ctx, command, coming)
        return
    record_votes(world, ctx.comment, version, votes, found, stage.orgs)
    _tell(world, stage, votes)
    if preview is not None:
        world.record.use_preview(preview.code)


def _vote(world: World, stage: Stage, found: Assessment, ruler: Ruler) -> Vote:
    facts, org = ruler.facts, ruler.org
    ids, needed = found.ids.get(org.id, NamedIds()), standing(world, org, facts.owners).needed
    return count(world, stage.ctx.comment, stage.version, org, ids, needed, facts.still_adopts)


def _adoptable(world: World, stage: Stage, rulers: Sequence[Ruler]) -> Assessment | None:
    """What there is to know of the version; None when it cannot be adopted, and that was said."""
    ctx, version = stage.ctx, stage.version
    found = assess(world, version, stage.orgs)
    if not found.is_sound:
        refuse(world, ctx, "policy unsound", policy_replies.unsound(found))
        return None
    for org in [one.org for one in rulers]:
        shown, now = version.ids_in(org.id), found.ids.get(org.id, NamedIds())
        if now != shown:  # its owners were shown other accounts behind these names, or none
            refuse_for_good(world, ctx)
            write_texts(world, version, stage.orgs)
            restore_now(world, ctx.repo, version)
            text = policy_replies.other_ids(org.login, shown, now, world.options.web_url)
            refuse(world, ctx, f"policy shown anew for {org.login}", text)
            return None
    return found


def _ask_back(world: World, ctx: CommandContext, command: Command, found: Assessment) -> None:
    """What adopting would do is shown first; the code is bound to the requests in that list."""
    made = make_preview(world, ctx, command.line, list(found.would_approve))
    world.record.save_preview(replace(made, shown=_would_approve(found)))
    reply(world, ctx, policy_replies.ask_back(found, made.code, world.options.web_url))
    acknowledge(world, ctx)


def _would_approve(found: Assessment) -> dict[int, str]:
    return {row.request.id: row.request.fingerprint for row in found.would_approve}


def reject(world: World, stage: Stage, command: Command) -> None:
    """`/reject [reason]`: what is in force stays."""
    if _is_done(world, stage):
        return
    mine = [one.org for one in find_rulers(world, stage, command)]
    if not mine:
        return
    comment = stage.ctx.comment
    record_rejection(world, comment, stage.version, mine, command.reason, stage.orgs)
    _tell(world, stage)


def _is_done(world: World, stage: Stage) -> bool:
    """This very comment was carried out before; or the version is over, which is said."""
    ctx, version = stage.ctx, stage.version
    told = any(version.was_told_by(ctx.comment.id, org.id) for org in stage.orgs)
    if told or ctx.comment.id == version.ruled_comment:
        _tell(world, stage)
        return True
    if version.ruling is not Ruling.PENDING or not unsettled(world, version, stage.orgs):
        refuse(world, ctx, f"policy {version.ruling.value}", policy_replies.settled(version))
        return True
    return False


def _tell(world: World, stage: Stage, votes: Sequence[Vote] = ()) -> None:
    """Show what the record says by now. Safe to run again."""
    ctx, version = stage.ctx, stage.version
    put_adopted(world, version)
    publish_ruling(world, ctx.repo, version, stage.orgs)
    if version.ruling is Ruling.PENDING:
        reply(world, ctx, _answer(world, stage, votes))
    acknowledge(world, ctx)


def _answer(world: World, stage: Stage, votes: Sequence[Vote]) -> str:
    """What the comment came to in the organizations for which it counts, and who is missing."""
    version, web_url = stage.version, world.options.web_url
    mine = [org for org in stage.orgs if version.was_told_by(stage.ctx.comment.id, org.id)]
    waiting = unsettled(world, version, stage.orgs)
    dropped = {vote.org.id: vote.dropped for vote in votes}
    lines = [
        policy_replies.progress(
            version.adopters[org.id],
            standing(world, org).needed,
            dropped.get(org.id, []),
            web_url,
            org.login if len(stage.orgs) > 1 else "",
        )
        for org in mine
        if org in waiting
    ]
    ruled = {org.login: version.rulings[org.id] for org in mine if org.id in version.rulings}
    if ruled:
        lines.append(policy_replies.elsewhere(ruled, [org.login for org in waiting], web_url))
    return "\n\n".join(lines)


def status(world: World, stage: Stage, command: Command) -> None:
    """`/status`: what became of the version, and who adopted it."""
    version = stage.version
    standings = [standing(world, org) for org in stage.orgs]
    text = policy_replies.status(version, standings, world.options.web_url)
    votes = sum(len(one) for one in version.adopters.values())
    answer(
        world, stage.ctx, command, text, f"{version.ruling.value} {votes} {len(version.rulings)}"
    )


def show_help(world: World, stage: Stage, command: Command) -> None:
    """`/help`: the commands of this version."""
    answer(world, stage.ctx, command, help_text(Place.POLICY))


def explain(world: World, stage: Stage, command: Command) -> None:
    """`/explain`: how a version comes into force."""
    standings = [standing(world, org) for org in stage.orgs]
    answer(world, stage.ctx, command, policy_replies.explain(standings))


COMMANDS: dict[Name, Callable[[World, Stage, Command], None]] = {
    Name.ADOPT: adopt,
    Name.REJECT: reject,
    Name.CONFIRM: confirm,
    Name.STATUS: status,
    Name.HELP: show_help,
    Name.EXPLAIN: explain,
}
