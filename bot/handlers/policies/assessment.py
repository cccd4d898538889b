"""What a version of the policy would do: its file, who its names are, and what waits now."""

from dataclasses import replace

from bot.domain.policy.loading import Problem, load
from bot.domain.policy.schema import PolicyFile
from bot.domain.policy_assessment import (
    Assessment,
    highest_approvals,
    load_version,
    may_approve,
    named_in,
    problem_at,
)
from bot.domain.policy_version import REMOVED, NamedIds, PolicyInForce, PolicyVersion
from bot.domain.record import OrganizationRecord, RequestRecord
from bot.domain.token_request import State
from bot.ports import World
from bot.replies.policy_issue import Standing


def assess(world: World, version: PolicyVersion, orgs: list[OrganizationRecord]) -> Assessment:
    """Read the version, look its names up in each organization, and see what it would do there."""
    if version.sha == REMOVED:
        return Assessment(None)
    loaded = load_version(version)
    if loaded.document is None:
        return Assessment(None, loaded.problems)
    found = Assessment(
        loaded.document,
        failed_examples=failed_examples(loaded.document),
        would_approve=_would_approve(world, orgs, loaded.document),
    )
    return _with_ids(world, version, orgs, found, loaded.document)


def failed_examples(document: PolicyFile) -> tuple[str, ...]:
    """Examples that do not come out as the file says. None can be tried yet: unknown is no."""
    return tuple(f"{one.name}: examples cannot be tried yet" for one in document.examples)


def _would_approve(
    world: World, orgs: list[OrganizationRecord], document: PolicyFile
) -> tuple[RequestRecord, ...]:
    """Undecided requests, not on hold, that rules may approve: all, when any rule approves."""
    if not may_approve(document):
        return ()
    rows = (row for org in orgs for row in world.record.open_requests(org.id))
    return tuple(row for row in rows if row.state is not State.HELD)


def standing(world: World, org: OrganizationRecord) -> Standing:
    """What the organization has in force, and how many owners have to adopt another version."""
    in_force = world.record.policy_in_force(org.id)
    document = load(in_force.text.encode()).document if in_force else None
    return Standing(org.id, org.login, in_force, document, _needed(world, org, document))


def _needed(world: World, org: OrganizationRecord, document: PolicyFile | None) -> int:
    """The highest `approvals` of the version in force; one, when there are not so many owners."""
    wanted = highest_approvals(document)
    if wanted > 1 and len(world.github.owners(org.reference)) < wanted:
        return 1
    return wanted


def is_in_force(in_force: PolicyInForce | None, version: PolicyVersion) -> bool:
    """Whether this very version counts already; no policy is what a removal leads to."""
    return (in_force.sha if in_force else REMOVED) == version.sha


def _with_ids(
    world: World,
    version: PolicyVersion,
    orgs: list[OrganizationRecord],
    found: Assessment,
    document: PolicyFile,
) -> Assessment:
    users, teams = named_in(document)
    known = {}
    for login in users if orgs else ():
        account = world.github.account(orgs[0].reference, login)
        if account is not None and account.is_person:
            known[login] = account.id
    ids, problems = dict[int, NamedIds](), list[Problem]()
    for login, path in users.items():
        if login not in known:
            problems.append(problem_at(version.text, path, login, "a user that exists"))
    for org in orgs:
        there = dict[str, int]()
        for slug, path in teams.items():
            team = world.github.team(org.reference, slug)
            if team is not None and team.slug.lower() == slug:
                there[slug] = team.id
            else:
                wanted = f"a team of {org.login} that exists"
                problems.append(problem_at(version.text, path, slug, wanted))
        ids[org.id] = NamedIds(known, there)
    return replace(found, ids=ids, problems=tuple(problems))
