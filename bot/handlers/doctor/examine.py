"""From the facts to the checks, in the order of the doctor's table."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.accounts import Organization
from bot.domain.doctor.app import check_app, check_credentials, check_github
from bot.domain.doctor.check import Check, complete
from bot.domain.doctor.facts import (
    AppFacts,
    Attempt,
    Cause,
    ChainFacts,
    GitHubFacts,
    HookConfig,
    Installed,
    NamedNow,
    OrganizationFacts,
    RepositoryFacts,
    Unread,
)
from bot.domain.doctor.machine import check_audit, check_secrets, check_store
from bot.domain.doctor.organization import (
    check_approval,
    check_installations,
    check_owners,
)
from bot.domain.doctor.pages import Pages
from bot.domain.doctor.policy import check_policy
from bot.domain.doctor.repository import check_repository
from bot.domain.doctor.webhook import check_webhook
from bot.domain.record import OrganizationRecord
from bot.domain.shared_repository import hub_owner, shared_name
from bot.handlers.doctor.policy import named_now
from bot.handlers.doctor.reading import GitHubReader, attempt
from bot.ports import Clock, NotAccepted, NotFound, Options
from bot.ports.doctor import GitHubLook, Machine, StoreLook
from bot.replies.labels import LABELS


@dataclass(frozen=True)
class Examination:
    """What the doctor may look at, and the settings that it compares."""

    github: GitHubLook
    store: StoreLook
    machine: Machine
    clock: Clock
    options: Options
    app_id: int
    webhook_path: str


class NoSuchOrganization(Exception):  # noqa: N818 - says what is wrong
    """Neither GitHub nor the settings know it; the text names those that are known."""


def examine(on: Examination, only: str | None = None) -> list[Check]:
    """All checks; those of organizations for `only` (login or id), if one is named.

    Raises NoSuchOrganization.
    """
    read = GitHubReader()
    github = _github(on, read)
    known = attempt(on.store.organizations)
    installed = _chosen(on, github.installed, known, only)
    allowed = [one for one in installed if on.options.allows(one.account)]
    lender = _lender(on, installed, known)
    strangers = [one for one in installed if one not in allowed and one is not lender]
    organizations = [_organization(on, read, one) for one in allowed]
    pages, now = Pages(on.options.web_url, github.app), on.clock.now()
    missing = _not_installed(on, installed, only)
    found = [
        *check_credentials(github, pages, now),
        *check_github(github, organizations),
        *check_app(github, organizations, pages),
        *check_webhook(github, on.webhook_path, pages),
        *check_installations(github, organizations, strangers, missing, pages),
    ]
    found += [check_owners(org, pages) for org in organizations]
    repositories = _repositories(on, read, github.installed, allowed, known)
    for repository in repositories:
        found += check_repository(repository, [name for name, *_ in LABELS], pages)
    found += [check_approval(org, pages) for org in organizations]
    for org in organizations:
        found += check_policy(org, _own_of(org, repositories), now)
    return complete(found + _own_side(on, only))


def _own_of(org: OrganizationFacts, found: Sequence[RepositoryFacts]) -> RepositoryFacts | None:
    """The organization's admin repository, or the shared one."""
    if len(found) == 1:
        return found[0]
    own = (one for one in found if one.installed and one.installed.id == org.installed.id)
    return next(own, None)


def _own_side(on: Examination, only: str | None) -> list[Check]:
    store = attempt(on.store.facts)
    chains: Sequence[ChainFacts] | Unread = attempt(on.store.chains)
    if isinstance(store, Unread):
        chains = Unread("the database cannot be used", Cause.AWAY)
    if only and not isinstance(chains, Unread):
        chains = [one for one in chains if _is(only, one.name, one.org_id)]
    return [
        *check_store(store, on.clock.now()),
        *check_audit(chains, attempt(on.machine.key_files)),
        *check_secrets(on.machine.weak_secrets(), attempt(on.machine.secret_files)),
    ]


def _github(on: Examination, read: GitHubReader) -> GitHubFacts:
    greeting = read(on.github.greeting)
    return GitHubFacts(
        on.app_id,
        greeting,
        read(lambda: _app(on)),
        read(on.github.installed),
        read(lambda: _hook(on)),
        read(lambda: _attempts(on)),
    )


def _app(on: Examination) -> AppFacts:
    """GitHub answers 404 to an App id that it does not know ("Integration not found")."""
    try:
        return on.github.app()
    except NotFound as unknown:
        raise NotAccepted(str(unknown)) from unknown


def _hook(on: Examination) -> HookConfig | None:
    try:
        return on.github.hook()
    except NotFound:
        return None


def _attempts(on: Examination) -> Sequence[Attempt]:
    try:
        return on.github.attempts()
    except NotFound:
        return []


def _chosen(
    on: Examination,
    installed: Sequence[Installed] | Unread,
    known: Sequence[OrganizationRecord] | Unread,
    only: str | None,
) -> Sequence[Installed]:
    """The installations to look at."""
    listed = [] if isinstance(installed, Unread) else installed
    if only is None:
        return listed
    found = [one for one in listed if _is(only, one.account.login, one.account.id)]
    recorded = [] if isinstance(known, Unread) else known
    elsewhere = [str(name) for name in on.options.organizations]
    elsewhere += [name for org in recorded for name in (org.login.lower(), str(org.id))]
    unread = isinstance(installed, Unread) and isinstance(known, Unread)
    if not found and only.lower() not in elsewhere and not unread:
        names = sorted({one.account.login for one in listed} | {org.login for org in recorded})
        raise NoSuchOrganization(f"No organization {only!r}; known: {', '.join(names) or 'none'}.")
    return found


def _not_installed(
    on: Examination, installed: Sequence[Installed], only: str | None
) -> Sequence[str]:
    """What ORGANIZATIONS or --org name and GitHub does not list."""
    wanted: set[int | str] = {only.lower()} if only else set(on.options.organizations)
    return [
        f"organization {name}" if str(name).isdecimal() else str(name)
        for name in wanted
        if not any(_is(str(name), one.account.login, one.account.id) for one in installed)
    ]


def _is(name: str, login: str, number: int) -> bool:
    return name.lower() in {login.lower(), str(number)}


def _lender(
    on: Examination,
    installed: Sequence[Installed],
    known: Sequence[OrganizationRecord] | Unread,
) -> Installed | None:
    """The installation in the organization that owns the shared admin repository."""
    hub = on.options.hub
    if hub is None:
        return None
    owner = None if isinstance(known, Unread) else hub_owner(hub, known)
    for one in installed:
        if owner is None and _is(hub.partition("/")[0], one.account.login, 0):
            return one
        if owner is not None and one.account.id == owner.id:
            return one
    return None


def _organization(on: Examination, read: GitHubReader, one: Installed) -> OrganizationFacts:
    account, org = one.account, Organization(one.account.id, one.account.login, one.id)
    away = Unread(f"the App is suspended in {account.login}", Cause.FORBIDDEN)
    policy = attempt(lambda: on.store.policy(account.id))
    return OrganizationFacts(
        installed=one,
        rate_limit=away if one.suspended else read(lambda: on.github.rate_limit(one.id)),
        owners=away if one.suspended else read(lambda: on.github.owners(org)),
        requesters=attempt(lambda: on.store.requesters(account.id)),
        unasked=attempt(lambda: on.store.unasked(account.id)),
        policy=policy,
        named=NamedNow() if one.suspended else named_now(on.github, read, org, policy),
    )


def _repositories(
    on: Examination,
    read: GitHubReader,
    installed: Sequence[Installed] | Unread,
    allowed: Sequence[Installed],
    known: Sequence[OrganizationRecord] | Unread,
) -> list[RepositoryFacts]:
    """The shared admin repository, or each organization's own."""
    hub = on.options.hub
    if isinstance(installed, Unread):
        unread = Unread(installed.why, installed.cause)
        return [RepositoryFacts("The admin repository", None, unread, unread, unread, unread)]
    if hub is None:
        names = [(f"{one.account.login}/{on.options.admin_repo}", one) for one in allowed]
        return [_repository(on, read, name, one) for name, one in names]
    owner = None if isinstance(known, Unread) else hub_owner(hub, known)
    return [_repository(on, read, shared_name(hub, owner), _lender(on, installed, known))]


def _repository(
    on: Examination, read: GitHubReader, name: str, where: Installed | None
) -> RepositoryFacts:
    if where is None:
        nothing = Unread("the App is not installed there", Cause.FORBIDDEN)
        return RepositoryFacts(name, None, None, nothing, nothing, nothing)
    if where.suspended:
        away = Unread(f"the App is suspended in {where.account.login}", Cause.FORBIDDEN)
        return RepositoryFacts(name, where, away, away, away, away)
    found = read(lambda: on.github.admin_repository(where.id, name))
    reached = read(lambda: on.github.reached(where.id))
    repo = None if isinstance(found, Unread) else found
    if repo is None:
        nothing = Unread("it was not found")
        return RepositoryFacts(name, where, found, reached, nothing, nothing)
    labels = read(lambda: on.github.label_names(repo))
    pushers, readers = (
        read(lambda: on.github.pushers(repo)),
        read(lambda: on.github.readers(repo)),
    )
    return RepositoryFacts(name, where, found, reached, labels, pushers, readers)
