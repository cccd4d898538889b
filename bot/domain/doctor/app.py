"""Whether GitHub is there, knows the App, and gave it what it needs."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from bot.domain.doctor.check import Check, Verdict, ok
from bot.domain.doctor.facts import (
    AppFacts,
    Cause,
    GitHubFacts,
    Greeting,
    Installed,
    OrganizationFacts,
    Unread,
)
from bot.domain.doctor.needs import EVENTS, PERMISSIONS
from bot.domain.doctor.pages import Pages

MOST_SKEW = timedelta(seconds=30)
"""How far our clock may be from GitHub's: a JWT from the future is refused."""

LEAST_LEFT = 0.1
"""Which part of the rate limit should be left."""


def check_credentials(facts: GitHubFacts, pages: Pages, now: datetime) -> Iterator[Check]:
    """Whether GitHub knows this App id with this key, and whether the clocks agree."""
    row, app = "credentials", facts.app
    if isinstance(app, Unread) and app.cause is Cause.REFUSED:
        yield Check(
            row,
            Verdict.FAULT,
            f"PRIVATE_KEY is an RSA key, but GitHub does not accept it for APP_ID {facts.app_id}:"
            f" {app.why}.",
            "Without it the bot can read and decide nothing.",
            "Compare APP_ID with the App's settings page. If it is right, generate a new private"
            " key there and set PRIVATE_KEY to it. Check the clock, too.",
            pages.settings(),
        )
    elif isinstance(app, Unread):
        yield app.unknown(row, "Whether GitHub knows the App")
    elif app.id != facts.app_id:
        yield Check(
            row,
            Verdict.FAULT,
            f"GitHub says that this key belongs to App {app.id}, and APP_ID is {facts.app_id}.",
            "The bot would not know its own comments.",
            f"Set APP_ID to {app.id}, or PRIVATE_KEY to a key of App {facts.app_id}.",
            pages.settings(),
        )
    else:
        yield ok(row, f"GitHub knows App {app.id} ({app.slug}) with this RSA key.")
    yield _clock(row, facts.greeting, now)


def _clock(row: str, greeting: Greeting | Unread, now: datetime) -> Check:
    if isinstance(greeting, Unread):
        return greeting.unknown(row, "GitHub's clock")
    if greeting.date is None:
        return Check(row, Verdict.UNKNOWN, "GitHub did not tell the time.")
    skew = now - greeting.date
    seconds = round(abs(skew.total_seconds()))
    if abs(skew) <= MOST_SKEW:
        return ok(row, f"The clock is within {MOST_SKEW.seconds} seconds of GitHub's.")
    return Check(
        row,
        Verdict.FAULT,
        f"This machine's clock is {seconds} seconds {'ahead of' if skew > MOST_SKEW else 'behind'}"
        " GitHub's.",
        "GitHub refuses an App whose clock is wrong. Time limits of approvals would end at the"
        " wrong time, too.",
        "Set the clock, and let NTP keep it right (for instance: timedatectl set-ntp true).",
    )


def check_github(facts: GitHubFacts, organizations: Sequence[OrganizationFacts]) -> Iterator[Check]:
    """Whether GitHub answers, knows the API version, and has room in the rate limits."""
    yield _reachable("GitHub", facts.greeting)
    for org in organizations:
        if not org.installed.suspended:
            yield _rate_limit("GitHub", org)


def _reachable(row: str, greeting: Greeting | Unread) -> Check:
    if isinstance(greeting, Unread) and greeting.cause is Cause.LIMITED:
        return Check(
            row,
            Verdict.UNKNOWN,
            "GitHub answers, but this address may ask nothing without credentials for now: a rate"
            " limit.",
        )
    if isinstance(greeting, Unread):
        return Check(
            row,
            Verdict.FAULT,
            f"GitHub does not answer: {greeting.why}.",
            "The bot records what it received, and nothing is decided until GitHub answers.",
            "Check GITHUB_API_URL, the network and the proxy, and GitHub's status page.",
            "https://www.githubstatus.com/",
        )
    if greeting.status == 400:
        return Check(
            row,
            Verdict.FAULT,
            f"{greeting.host} does not know API version {greeting.wanted}.",
            "Every call of the bot is refused.",
            "Check GITHUB_API_URL. On GitHub Enterprise Server, update the server or the bot.",
        )
    return ok(row, f"{greeting.host} answers; the bot uses API version {greeting.wanted}.")


def _rate_limit(row: str, org: OrganizationFacts) -> Check:
    found = org.rate_limit
    if isinstance(found, Unread):
        return found.unknown(row, f"The rate limit of {org.login}")
    seen = f"{found.remaining} of {found.limit} calls are left for {org.login} in this hour."
    if found.remaining >= found.limit * LEAST_LEFT:
        return ok(row, seen)
    until = f" until {found.resets_at:%H:%M} UTC" if found.resets_at else ""
    return Check(
        row,
        Verdict.WARNING if found.remaining else Verdict.FAULT,
        seen,
        f"With none left, the organization's requests and commands wait{until}.",
        "Nothing is lost: wait. If it happens often, look for another program that uses this App's"
        " key, or raise SWEEP_MINUTES.",
    )


def check_app(
    facts: GitHubFacts, organizations: Sequence[OrganizationFacts], pages: Pages
) -> Iterator[Check]:
    """Permissions and events of the App, and what each installation accepted of them."""
    if isinstance(facts.app, Unread):
        yield facts.app.unknown("App", "What the App may do")
        return
    missing = [*_missing_permissions(facts.app, pages), *_missing_events(facts.app, pages)]
    if missing:
        yield from missing
    else:
        yield ok("App", "The App has every permission and event that it needs.")
    for org in organizations:
        yield from _accepted(facts.app, org.installed)


def _missing_permissions(app: AppFacts, pages: Pages) -> Iterator[Check]:
    for need in PERMISSIONS:
        if not need.is_met(app.permissions):
            yield Check(
                "App",
                Verdict.FAULT if need.is_vital else Verdict.WARNING,
                f"The App lacks a permission: {need.words}.",
                f"It is needed to {need.purpose}.",
                f"On the App's permissions page, set {need.words}. Save, and accept it in each"
                " organization.",
                pages.settings("/permissions"),
            )


def _missing_events(app: AppFacts, pages: Pages) -> Iterator[Check]:
    for event, label in EVENTS.items():
        if event not in app.events:
            yield Check(
                "App",
                Verdict.FAULT,
                f"The App is not subscribed to an event: {label}.",
                "Without it the bot notices such things late, at a sweep, or not at all.",
                f"On the App's permissions page, below “Subscribe to events”, tick {label}. Save.",
                pages.settings("/permissions"),
            )


def _accepted(app: AppFacts, installed: Installed) -> Iterator[Check]:
    """What the App asks for, and the organization has not accepted yet."""
    login = installed.account.login
    needs = [need for need in PERMISSIONS if need.is_met(app.permissions)]
    missing = [need for need in needs if not need.is_met(installed.permissions)]
    for need in missing:
        yield Check(
            "App",
            Verdict.FAULT if need.is_vital else Verdict.WARNING,
            f"{login} has not accepted a permission of the App: {need.words}.",
            f"It is needed to {need.purpose}.",
            f"An owner of {login} opens the installation, chooses “Review request” and accepts.",
            installed.page,
        )
    if not missing:
        yield ok("App", f"{login} has accepted all permissions that the App has.")
