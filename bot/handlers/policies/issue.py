"""The policy issue: opened once for a version that nobody has ruled on, and brought to its end."""

import logging
from dataclasses import replace
from datetime import datetime
from functools import partial

from bot.domain.accounts import AdminRepository
from bot.domain.events import PolicyAdopted
from bot.domain.policy_version import PolicyVersion, Ruling
from bot.domain.record import IssueRef, OrganizationRecord
from bot.domain.times import LONG_AGO
from bot.handlers.audit_trail import note
from bot.handlers.effects import comment_once, once, require_gone, same_lines
from bot.handlers.own_issues import claim_new_issue, find_own_issue
from bot.handlers.policies.assessment import assess, doubts, is_in_force, replays, standing
from bot.ports import Issue, NotFound, Refused, World
from bot.replies import markers, policy_issue, policy_replies
from bot.replies.labels import LABELS, POLICY_LABEL
from bot.replies.policy_issue import Standing

log = logging.getLogger(__name__)


def unsettled(
    world: World, version: PolicyVersion, orgs: list[OrganizationRecord]
) -> list[OrganizationRecord]:
    """The organizations that have neither ruled on this version nor have it in force."""
    return [
        org
        for org in orgs
        if org.id not in version.rulings
        and not is_in_force(world.record.policy_in_force(org.id), version)
    ]


def ensure_issue(
    world: World, repo: AdminRepository, version: PolicyVersion, orgs: list[OrganizationRecord]
) -> None:
    """Open the issue of a version on which somebody has to rule, unless there is one."""
    if not unsettled(world, version, orgs):
        return
    if version.ruling is not Ruling.PENDING:  # an organization came after the others had ruled
        version.ruling = version.told = Ruling.PENDING
        _forget_issue(version)
    elif version.issue is not None:
        stood = None
        if version.issue.repo_id == repo.id:
            stood = world.github.issue(repo, version.issue.number)
        if stood is not None:
            _restore(world, repo, version, stood)
            return
        _forget_issue(version)
    write_texts(world, version, orgs)
    adopted = _adopt_earlier(world, repo, version)
    number, fresh = _open_once(world, repo, version)
    version.issue = IssueRef(repo.id, repo.full_name, number)
    entry = note(world, "policy issue opened", "", f"{repo.full_name}#{number}", sha=version.sha)
    world.record.save_policy_version(version, {version.org_id: [entry]})
    if adopted:
        restore_now(world, repo, version)  # so that commands from before do not count
    elif not fresh:  # an earlier try may have shown something else
        _write_anew(world, repo, version, number)


def write_texts(world: World, version: PolicyVersion, orgs: list[OrganizationRecord]) -> None:
    """Let title and body be what is true now, with the ids that the names lead to."""
    found = assess(world, version, orgs)
    if not found.problems:
        replayed = replays(world, found.document, orgs)
        found = replace(found, replays=replayed, doubts=doubts(world, version, orgs))
    version.ids = found.ids
    version.title = policy_issue.title(version)
    version.body = policy_issue.body(version, found, _standings(world, orgs), world.options.web_url)


def restore_now(world: World, repo: AdminRepository, version: PolicyVersion) -> None:
    """Bring the issue to what was shown; commands from before count no more."""
    if version.issue is None:
        return
    try:
        title, body = version.title, version.body
        issue = world.github.update_issue(repo, version.issue.number, title=title, body=body)
    except NotFound:
        return
    version.changed_at = issue.updated_at or world.clock.now()
    entry = note(world, "policy issue restored", "", "", sha=version.sha)
    world.record.save_policy_version(version, {version.org_id: [entry]})


def _restore(world: World, repo: AdminRepository, version: PolicyVersion, stood: Issue) -> None:
    """It shows the version, and is open until somebody has ruled, whatever people did to it."""
    if not shows_version(version, stood):
        restore_now(world, repo, version)
    if stood.state == "closed":
        world.github.update_issue(repo, stood.number, state="open")


def shows_version(version: PolicyVersion, issue: Issue) -> bool:
    """Whether title and body are what the bot wrote there."""
    return issue.title.strip() == version.title.strip() and same_lines(issue.body, version.body)


def shows_ruling(version: PolicyVersion, issue: Issue) -> bool:
    """Whether it shows the version, and by its labels what became of it."""
    return shows_version(version, issue) and _rulings_of(issue) == {version.ruling.value}


def restore_issue_of(
    world: World, repo: AdminRepository, version: PolicyVersion, stood: Issue
) -> None:
    """Bring text and labels back, which decide nothing, and could mislead."""
    if not shows_version(version, stood):
        restore_now(world, repo, version)
    if version.ruling is not version.told:
        return  # they are about to follow
    if POLICY_LABEL not in stood.labels or version.ruling.value not in stood.labels:
        world.github.add_labels(repo, stood.number, [POLICY_LABEL, version.ruling.value])
    for name in _rulings_of(stood) - {version.ruling.value}:
        world.github.remove_label(repo, stood.number, name)


def _rulings_of(issue: Issue) -> set[str]:
    return {one.value for one in Ruling} & set(issue.labels)


def publish_ruling(
    world: World, repo: AdminRepository, version: PolicyVersion, orgs: list[OrganizationRecord]
) -> None:
    """Let the issue tell what became of the version: one comment, label, closed. Safe to repeat."""
    if version.told is version.ruling or version.ruling is Ruling.PENDING:
        return
    put_adopted(world, version)
    if version.issue is not None and version.issue.repo_id == repo.id:
        text = policy_replies.ruling(version, _standings(world, orgs), world.options.web_url)
        try:
            _close(world, repo, version, version.issue.number, text)
        except NotFound:
            require_gone(world, repo, version.issue.number)
            log.info("a policy issue is gone: %s#%d", repo.full_name, version.issue.number)
        except Refused as refusal:
            log.warning("a policy issue does not follow: %s", refusal)
    version.told = version.ruling
    world.record.save_policy_version(version)


def put_adopted(world: World, version: PolicyVersion) -> None:
    """What waits in the organizations that adopted it is judged by their new policy, once."""
    for org_id, ruling in version.rulings.items():
        if ruling is Ruling.ADOPTED:
            world.inbox.put(
                PolicyAdopted(org_id, version.sha),
                dedupe=f"policy adopted:{org_id}:{version.org_id}/{version.turn}",
                lane=f"policy adopted:{org_id}",
                org_id=org_id,
            )


def _close(
    world: World, repo: AdminRepository, version: PolicyVersion, number: int, text: str
) -> None:
    marker = markers.ruling_marker(version.org_id, version.turn, version.ruling.value)
    comment_once(world, repo, number, marker, text, urgent=True)
    world.github.ensure_labels(repo, LABELS)
    world.github.add_labels(repo, number, [POLICY_LABEL, version.ruling.value])
    world.github.remove_label(repo, number, Ruling.PENDING.value)
    reason = "completed" if version.ruling is Ruling.ADOPTED else "not_planned"
    world.github.update_issue(repo, number, state="closed", state_reason=reason)


def _open_once(world: World, repo: AdminRepository, version: PolicyVersion) -> tuple[int, bool]:
    """The issue's number, and whether it was opened just now, with just these texts."""
    opened: list[int] = []
    owner = version.issue_owner

    def act() -> int:
        world.github.ensure_labels(repo, LABELS)
        labels = [POLICY_LABEL, Ruling.PENDING.value]
        issue = world.github.create_issue(
            repo, version.title, version.body, labels, world.options.assignees
        )
        claim_new_issue(world, repo, issue, owner)
        opened.append(issue.number)
        return issue.number

    find = partial(_find, world, repo, version)
    number = once(world, *opening(version, repo.id), find, act)
    return number, bool(opened)


def _adopt_earlier(world: World, repo: AdminRepository, version: PolicyVersion) -> bool:
    """Take over the open issue of this version that a record opened which was lost since."""
    effect = opening(version, repo.id)
    if world.record.intended(*effect) is not None:
        return False
    earlier = _find(world, repo, version, LONG_AGO)
    if earlier is not None:
        world.record.done(*effect, earlier)
    return earlier is not None


def _find(
    world: World, repo: AdminRepository, version: PolicyVersion, since: datetime
) -> int | None:
    marker = markers.policy_marker(version.org_id, version.sha)
    named = (POLICY_LABEL, marker, version.title, version.issue_owner)
    found = find_own_issue(world, repo, *named, since)
    return found.number if found else None


def opening(version: PolicyVersion, repo_id: int) -> tuple[str, str]:
    """The scope and step under which the opening of its issue is noted."""
    return f"policy:{version.org_id}/{version.turn}", f"issue:{repo_id}:{version.generation}"


def is_being_opened(world: World, repo: AdminRepository, version: PolicyVersion) -> bool:
    """Whether its opening was tried, and no answer is known."""
    return version.issue is None and world.record.intended(*opening(version, repo.id)) is not None


def _write_anew(world: World, repo: AdminRepository, version: PolicyVersion, number: int) -> None:
    stood = world.github.issue(repo, number)
    if stood is not None and not shows_version(version, stood):
        restore_now(world, repo, version)


def _forget_issue(version: PolicyVersion) -> None:
    version.issue = None
    version.generation += 1


def _standings(world: World, orgs: list[OrganizationRecord]) -> list[Standing]:
    return [standing(world, org) for org in orgs]
