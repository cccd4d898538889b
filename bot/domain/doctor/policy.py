"""Whether the policy in force can do what it says: its rules, and the people that it names."""

from collections.abc import Iterator
from datetime import UTC, datetime

from bot.domain.accounts import Account
from bot.domain.doctor.check import Check, Verdict, ok
from bot.domain.doctor.facts import OrganizationFacts, PolicyFacts, RepositoryFacts, Unread
from bot.domain.policy.loading import load
from bot.domain.policy.schema import OWNERS, PolicyFile, Rule

ROW = "policy"
_MEND = "Correct the policy file, push it, and adopt that version."


def check_policy(
    org: OrganizationFacts, repository: RepositoryFacts | None, now: datetime
) -> Iterator[Check]:
    """What is in force, what waits, and what in it cannot work. `repository`: the admin one."""
    found = org.policy
    if isinstance(found, Unread):
        yield found.unknown(ROW, f"The policy of {org.login}")
        return
    yield ok(ROW, _in_force(org, found))
    if found.waiting:
        yield Check(
            ROW,
            Verdict.WARNING,
            f"Version {found.waiting} of the policy of {org.login} waits: no owner has adopted or"
            " rejected it.",
            "What it says does not count yet.",
            f"An owner of {org.login} comments /adopt or /reject on its policy issue.",
        )
    if not found.text:
        return
    document = load(found.text.encode()).document
    if document is None:
        yield Check(
            ROW,
            Verdict.FAULT,
            f"This version of the bot cannot read the policy in force of {org.login}.",
            "No rule of it is applied.",
            "Start the version of the bot that it was adopted with, or adopt another policy.",
        )
        return
    yield from _ended(org, document, now)
    yield from _names(org, found)
    yield from _blind_reviewers(org, document, found, repository)
    for rule in document.rules:
        yield from _too_few(org, document, found, rule, now)


def _in_force(org: OrganizationFacts, found: PolicyFacts) -> str:
    if not found.version:
        return f"{org.login} has no policy in force: owners decide."
    since = f" on {found.adopted_at:%Y-%m-%d}" if found.adopted_at else ""
    adopters = ", ".join(found.adopted_by)
    return f"{org.login}: policy {found.version} is in force, adopted by {adopters}{since}."


def _has_ended(rule: Rule, now: datetime) -> bool:
    return rule.until is not None and rule.until < now.astimezone(UTC).date()


def _ended(org: OrganizationFacts, document: PolicyFile, now: datetime) -> Iterator[Check]:
    for rule in document.rules:
        if _has_ended(rule, now):
            yield Check(
                ROW,
                Verdict.WARNING,
                f"The rule “{rule.name}” of {org.login} ended after {rule.until}.",
                "It does not apply any more, and who reads the file may think it does.",
                f"Take the rule out of the file, or give it a later day. {_MEND}",
            )


def _names(org: OrganizationFacts, policy: PolicyFacts) -> Iterator[Check]:
    """Names that lead nowhere, or to somebody else than when the version was adopted."""
    for kind, now, ids in (
        ("user", org.named.users, policy.ids.users),
        ("team", org.named.teams, policy.ids.teams),
    ):
        for name, one in now.items():
            if isinstance(one, Unread):
                yield one.unknown(ROW, f"The {kind} {name} of the policy of {org.login}")
                continue
            if one is not None and one.id == ids.get(name):
                continue
            seen = "does not exist" if one is None else "has another id than when it was adopted"
            counts = "Only the account of then" if kind == "user" else "Nobody in it"
            yield Check(
                ROW,
                Verdict.WARNING,
                f"The {kind} {name}, which the policy of {org.login} names, {seen}.",
                f"{counts} counts, so rules with it may wait for ever.",
                _MEND,
            )


def _reviewers(
    org: OrganizationFacts, document: PolicyFile, policy: PolicyFacts, name: str
) -> tuple[dict[int, Account], bool]:
    """The people behind a name of `by`, as far as they are known; whether that is all of them."""
    if name == OWNERS:
        unread = isinstance(org.owners, Unread)
        owners = [] if isinstance(org.owners, Unread) else org.owners
        return {one.id: one for one in owners if one.is_person}, not unread
    people, complete = dict[int, Account](), True
    group = document.reviewers.get(name)
    for login in group.users if group else ():
        user = org.named.users.get(login.lower())
        complete = complete and not isinstance(user, Unread)
        if isinstance(user, Account) and user.id == policy.ids.users.get(login.lower()):
            people[user.id] = user
    for slug in group.teams if group else ():
        team = org.named.teams.get(slug.lower())
        if isinstance(team, Unread) or (team and isinstance(team.members, Unread)):
            complete = False
        elif team and team.id == policy.ids.teams.get(slug.lower()):
            members = [] if isinstance(team.members, Unread) else team.members
            people |= {one.id: one for one in members if one.is_person}
    return people, complete


def _blind_reviewers(
    org: OrganizationFacts,
    document: PolicyFile,
    policy: PolicyFacts,
    repository: RepositoryFacts | None,
) -> Iterator[Check]:
    """Reviewers who cannot comment, because they do not see the issue."""
    if repository is None or not document.reviewers:
        return
    if isinstance(repository.readers, Unread):
        yield repository.readers.unknown(ROW, f"Who can read {repository.name}")
        return
    readers = {one.id for one in repository.readers}
    for name in document.reviewers:
        people, _complete = _reviewers(org, document, policy, name)
        blind = sorted(one.login for one in people.values() if one.id not in readers)
        if blind:
            yield Check(
                ROW,
                Verdict.WARNING,
                f"Reviewers of “{name}” cannot read {repository.name}: {', '.join(blind)}.",
                "They cannot see a review issue, so they cannot decide.",
                f"Give them, or their team, the role Read in {repository.name}.",
            )


def _too_few(
    org: OrganizationFacts, document: PolicyFile, policy: PolicyFacts, rule: Rule, now: datetime
) -> Iterator[Check]:
    """A review that needs more people than there are."""
    if rule.review is None or _has_ended(rule, now):
        return
    every, complete = dict[int, Account](), True
    for name in rule.review.by:
        people, known = _reviewers(org, document, policy, name)
        every, complete = {**every, **people}, complete and known
    if len(every) >= rule.review.approvals:
        return
    about = f"The rule “{rule.name}” of {org.login} needs {rule.review.approvals} approvals"
    if not complete:
        yield Check(ROW, Verdict.UNKNOWN, f"{about}: not all who may give one could be read.")
        return
    yield Check(
        ROW,
        Verdict.FAULT,
        f"{about}, and {len(every)} {'person' if len(every) == 1 else 'people'} can give one.",
        "Nobody can approve a request to which it applies.",
        f"Name more reviewers in `by`, or ask for fewer approvals. {_MEND}",
    )
