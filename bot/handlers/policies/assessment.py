"""What a version of the policy would do: its file, who its names are, and what waits now."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from bot.domain.accounts import Account
from bot.domain.policy.loading import Loaded, Problem, found_text, load
from bot.domain.policy.recorded import lasting_facts
from bot.domain.policy.replay import Replay
from bot.domain.policy.rules import NO_RULES, compile_rules
from bot.domain.policy.schema import PolicyFile
from bot.domain.policy_assessment import (
    Assessment,
    examples_that_fail,
    highest_approvals,
    load_version,
    may_be_approved,
    named_in,
    owners_needed,
)
from bot.domain.policy_version import REMOVED, NamedIds, PolicyInForce, PolicyVersion
from bot.domain.record import OrganizationRecord, RequestRecord
from bot.domain.token_request import State
from bot.handlers.policies.replay import REPLAYED, replay_recorded
from bot.ports import World
from bot.replies.policy_issue import Standing, what_cannot_be_shown


def assess(world: World, version: PolicyVersion, orgs: list[OrganizationRecord]) -> Assessment:
    """Read the version, look its names up in each organization, and see what it would do there."""
    if version.sha == REMOVED:
        return Assessment(None, would_approve=_would_approve(world, orgs, None, {}))
    loaded = load_version(version)
    if loaded.document is None:
        return Assessment(None, loaded.problems)
    if problem := what_cannot_be_shown(version.text, loaded.document):
        return Assessment(None, (problem,))
    failed = _failed_examples(world, orgs, loaded.document)
    found = Assessment(loaded.document, failed_examples=failed)
    found = _with_ids(world, loaded, orgs, found, loaded.document)
    would_approve = _would_approve(world, orgs, loaded.document, found.ids)
    return replace(found, would_approve=would_approve)


def doubts(
    world: World, version: PolicyVersion, orgs: list[OrganizationRecord]
) -> tuple[Problem, ...]:
    """What is probably not meant. No call: repositories are those that requests asked for, by
    their organization's login of today.
    """
    loaded, since = load_version(version), world.clock.now() - REPLAYED
    asked = {
        f"{org.login}/{one.full_name.rpartition('/')[2]}".lower()
        for org in orgs
        for row in world.record.requests_made_since(org.id, since)
        for one in row.request.repositories
    }
    return loaded.all_doubts(asked)


def _failed_examples(
    world: World, orgs: list[OrganizationRecord], document: PolicyFile
) -> tuple[str, ...]:
    """Examples must come out as the file says in each organization that it serves."""
    now = world.clock.now()
    found = [one for org in orgs for one in examples_that_fail(document, now, org.login)]
    return tuple(dict.fromkeys(found))


def replays(
    world: World, document: PolicyFile | None, orgs: list[OrganizationRecord]
) -> dict[str, Replay | None]:
    """What this version, and the one in force, say of each organization's recorded requests."""
    new, since = compile_rules(document) if document else NO_RULES, world.clock.now() - REPLAYED
    return {org.login: replay_recorded(world.record, org, new, since) for org in orgs}


def _would_approve(
    world: World,
    orgs: list[OrganizationRecord],
    document: PolicyFile | None,
    ids: Mapping[int, NamedIds],
) -> tuple[RequestRecord, ...]:
    """Undecided requests, not on hold, that the version may approve. It will judge them by what is
    true then, not by what was recorded long ago. None: the file is removed.
    """
    found, now = list[RequestRecord](), world.clock.now()
    for org in orgs:
        named, rules = ids.get(org.id, NamedIds()), NO_RULES
        if document is not None:
            rules = compile_rules(document, named.users, named.organization)
        for row in world.record.open_requests(org.id):
            facts = lasting_facts(row, org.login, now, rules.needs)
            if row.state is not State.HELD and may_be_approved(rules, facts, len(row.approvals)):
                found.append(row)
    return tuple(found)


def standing(
    world: World, org: OrganizationRecord, owners: Callable[[], Sequence[Account]] | None = None
) -> Standing:
    """What the organization has in force, and how many owners have to adopt another version.

    `owners` asks GitHub for them; it is called only if their number matters.
    """
    in_force = world.record.policy_in_force(org.id)
    document = load(in_force.text.encode()).document if in_force else None
    wanted = None if in_force and document is None else highest_approvals(document)
    found = 1 if wanted == 1 else len((owners or partial(world.github.owners, org.reference))())
    return Standing(org.id, org.login, in_force, document, owners_needed(wanted, found))


def is_in_force(in_force: PolicyInForce | None, version: PolicyVersion) -> bool:
    """Whether this very version counts already; no policy is what a removal leads to."""
    return (in_force.sha if in_force else REMOVED) == version.sha


def _with_ids(
    world: World,
    loaded: Loaded,
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
            problems.append(loaded.problem_at(path, found_text(login), "a user that exists"))
    for org in orgs:
        there = dict[str, int]()
        for slug, path in teams.items():
            team = world.github.team(org.reference, slug)
            if team is not None and team.slug.lower() == slug:
                there[slug] = team.id
            else:
                wanted = f"a team of {org.login} that exists"
                problems.append(loaded.problem_at(path, found_text(slug), wanted))
        ids[org.id] = NamedIds(known, there, org.login)
    return replace(found, ids=ids, problems=tuple(problems))
