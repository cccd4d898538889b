"""Whether each organization is served, and who can decide there."""

from collections.abc import Collection, Iterator, Sequence

from bot.domain.accounts import Account
from bot.domain.doctor.check import Check, Verdict, ok
from bot.domain.doctor.facts import GitHubFacts, Installed, OrganizationFacts, Unread
from bot.domain.doctor.pages import Pages

ROW = "organization"


def check_installations(
    facts: GitHubFacts,
    served: Sequence[OrganizationFacts],
    strangers: Sequence[Installed],
    missing: Collection[str],
    pages: Pages,
) -> Iterator[Check]:
    """Where the App is installed. `strangers`: installations that ORGANIZATIONS does not allow;
    `missing`: what ORGANIZATIONS names and GitHub does not list.
    """
    if isinstance(facts.installed, Unread):
        yield facts.installed.unknown(ROW, "Where the App is installed")
        return
    if not served and not missing:
        yield Check(
            ROW,
            Verdict.FAULT,
            "The App is not installed in any organization that the bot serves.",
            "GitHub tells the bot of no request.",
            "Install the App in the organization, with access to the admin repository.",
            pages.install(),
        )
    for name in sorted(missing):
        yield Check(
            ROW,
            Verdict.FAULT,
            f"The App is not installed in {name}.",
            "GitHub tells the bot of none of its requests.",
            f"Install the App in {name}, or take {name} out of ORGANIZATIONS. If it was renamed,"
            " put its id into ORGANIZATIONS.",
            pages.install(),
        )
    for one in strangers:
        yield _not_allowed(one)
    for org in served:
        yield _installed(org.installed)


def _not_allowed(one: Installed) -> Check:
    login = one.account.login
    if one.account.type != "Organization":
        return Check(
            ROW,
            Verdict.WARNING,
            f"The App is installed on {login}, which is no organization.",
            "Only organizations have token requests.",
            "Uninstall it there.",
            one.page,
        )
    return Check(
        ROW,
        Verdict.WARNING,
        f"The App is installed in {login}, but ORGANIZATIONS does not allow it.",
        "The bot ignores its requests.",
        f"Put {one.account.id} (the id of {login}) into ORGANIZATIONS, or uninstall the App there.",
        one.page,
    )


def _installed(one: Installed) -> Check:
    login = one.account.login
    if not one.suspended:
        return ok(ROW, f"The App is installed in {login}, and ORGANIZATIONS allows it.")
    return Check(
        ROW,
        Verdict.FAULT,
        f"The App is suspended in {login}.",
        "The bot can read and decide nothing there.",
        f"An owner of {login} opens the installation and chooses “Unsuspend”.",
        one.page,
    )


def check_owners(org: OrganizationFacts, pages: Pages) -> Check:
    """Whether somebody can decide each request: nobody decides their own."""
    if isinstance(org.owners, Unread):
        return org.owners.unknown(ROW, f"Who owns {org.login}")
    people = [one for one in org.owners if one.is_person]
    alone = _only_own(people, [] if isinstance(org.requesters, Unread) else org.requesters)
    todo, link = "Make a second person an owner.", pages.people(org.login)
    if not people:
        seen = f"{org.login} has no owner who is a person."
        return Check(ROW, Verdict.FAULT, seen, "Nobody can decide a request.", todo, link)
    if alone:
        return Check(
            ROW,
            Verdict.FAULT,
            f"{alone.login} waits for a token and is the only owner of {org.login}.",
            "Nobody decides their own request, so nobody can decide this one.",
            todo,
            link,
        )
    if len(people) == 1:
        return Check(
            ROW,
            Verdict.WARNING,
            f"{people[0].login} is the only owner of {org.login}.",
            "Nobody could decide a request of their own, and nobody decides while they are away.",
            todo,
            link,
        )
    return ok(ROW, f"{org.login} has {len(people)} owners, so each requester has somebody else.")


def _only_own(owners: Sequence[Account], requesters: Sequence[Account]) -> Account | None:
    """The requester besides whom there is no owner."""
    for one in requesters:
        if {owner.id for owner in owners} == {one.id}:
            return one
    return None


def check_approval(org: OrganizationFacts, pages: Pages) -> Check:
    """Whether the organization requires approval: no App can read it, but approvals tell."""
    row, link = "approval", pages.token_settings(org.login)
    where = "in its settings below “Personal access tokens” → “Settings”"
    if unasked := _unasked(org):
        return Check(
            row,
            Verdict.FAULT,
            f"{org.login} does not require approval of fine-grained tokens: in the last 30 days"
            f" {len(unasked)} got access without a request, the last one of {unasked[-1].login}.",
            "Tokens get access without anybody's review.",
            f"An owner of {org.login} chooses “Require administrator approval” {where}.",
            link,
        )
    return Check(
        row,
        Verdict.UNKNOWN,
        f"Whether {org.login} requires approval of fine-grained tokens, no App can read.",
        "Without it, tokens get access without anybody's review.",
        f"An owner looks {where}: “Require administrator approval” must be chosen.",
        link,
    )


def _unasked(org: OrganizationFacts) -> list[Account]:
    """Who got access without a request; owners never need one, and unknown owners prove nothing."""
    if isinstance(org.unasked, Unread) or isinstance(org.owners, Unread):
        return []
    owners = {one.id for one in org.owners}
    return [one for one in org.unasked if one.id not in owners]
