"""Where the names of the policy in force lead now."""

from functools import partial

from bot.domain.accounts import Organization
from bot.domain.doctor.facts import NamedNow, PolicyFacts, TeamNow, Unread
from bot.domain.policy.loading import load
from bot.domain.policy_assessment import named_in
from bot.handlers.doctor.reading import GitHubReader
from bot.ports.doctor import GitHubLook


def named_now(
    github: GitHubLook, read: GitHubReader, org: Organization, policy: PolicyFacts | Unread
) -> NamedNow:
    """Look up each user and team that the policy names: without a policy nothing is asked."""
    document = None if isinstance(policy, Unread) else load(policy.text.encode()).document
    if document is None:
        return NamedNow()
    users, teams = named_in(document)
    return NamedNow(
        {login: read(partial(github.account, org, login)) for login in users},
        {slug: _team(github, read, org, slug) for slug in teams},
    )


def _team(
    github: GitHubLook, read: GitHubReader, org: Organization, slug: str
) -> TeamNow | Unread | None:
    found = read(lambda: github.team(org, slug))
    if found is None or isinstance(found, Unread):
        return found
    return TeamNow(found.id, read(lambda: github.team_members(org, slug)))
