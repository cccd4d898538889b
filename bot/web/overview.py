"""What the open pages tell of the doctor's rows: what the bot has seen by itself, without names.

`doctor` asks GitHub at that moment, and names everything.
"""

from collections.abc import Iterator

from bot import COMMAND
from bot.domain.doctor.check import Check, Verdict, ok
from bot.domain.health import Trouble
from bot.replies.warnings import warned
from bot.web.state import State

_DOCS = "https://docs.github.com/en"
_APP_SETTINGS = f"{_DOCS}/apps/maintaining-github-apps/modifying-a-github-app-registration"
_LINKS = {
    Trouble.NOT_ACCEPTED: _APP_SETTINGS,
    Trouble.SIGNATURES: _APP_SETTINGS,
    Trouble.NO_WEBHOOK: _APP_SETTINGS,
    Trouble.NO_ANSWER: "https://www.githubstatus.com/",
}
_ACCEPTING = f"{_DOCS}/apps/using-github-apps/approving-updated-permissions-for-a-github-app"
_APPROVAL = (
    f"{_DOCS}/organizations/managing-programmatic-access-to-your-organization/"
    "setting-a-personal-access-token-policy-for-your-organization"
)
LINK_WORDS = {
    _APP_SETTINGS: "How to change the App’s settings",
    "https://www.githubstatus.com/": "GitHub’s status",
    _ACCEPTING: "How to accept permissions",
    _APPROVAL: "Where approval is required",
}
"""What each link says."""

_NAMES = f"`{COMMAND} doctor` names"


def overview(state: State) -> list[Check]:
    """All checks, in the order of the doctor's table; the bot's own state comes first."""
    found = [*_process(state), *_github(state)]
    if not state.problems:
        found += [*_organizations(state), *_repositories(state), *_own_side(state)]
    return found


def warnings(state: State) -> list[str]:
    """What is not well, in plain sentences without names; empty when all is well. Trouble that
    makes the bot not ready is told elsewhere.
    """
    told = [f"{warned(one).what} {warned(one).way_out}" for one in state.troubles]
    others = [one for one in overview(state) if one.check not in {"bot", "GitHub"}]
    bad = {Verdict.FAULT, Verdict.WARNING}
    return told + [
        f"{one.seen} {one.todo}".replace("`", "") for one in others if one.verdict in bad
    ]


def _process(state: State) -> Iterator[Check]:
    for problem in state.problems:
        yield Check(
            "bot",
            Verdict.FAULT,
            problem,
            "No request is lost: GitHub keeps them, and the bot reads GitHub’s list again when it"
            " is back.",
            "Read the bot’s log: it names the cause.",
        )
    if not state.problems:
        yield ok("bot", "The bot runs, and its store answers.")


def _github(state: State) -> Iterator[Check]:
    for trouble in state.troubles:
        words = warned(trouble)
        verdict = Verdict.UNKNOWN if words.is_unknown else Verdict.FAULT
        link = _LINKS.get(trouble, "")
        yield Check("GitHub", verdict, words.what, "", words.way_out, link)
    if not state.troubles and not state.problems:
        yield ok("GitHub", "GitHub accepts the App and reports no refused deliveries.")


def _organizations(state: State) -> Iterator[Check]:
    count = state.organizations
    if count:
        yield ok("organization", f"The App is installed in {_counted(count, 'organization')}.")
    elif not state.troubles:
        yield Check(
            "organization",
            Verdict.UNKNOWN,
            "The App is not installed in any organization yet.",
        )
    if state.suspended:
        yield Check(
            "organization",
            Verdict.FAULT,
            f"The App is suspended in {_counted(state.suspended, 'organization')}.",
            "The bot can read and decide nothing there.",
            f"An owner unsuspends it in the organization’s settings. {_NAMES} the organization.",
        )
    if state.lacking:
        yield Check(
            "App",
            Verdict.FAULT,
            f"In {_counted(state.lacking, 'organization')} the App lacks a permission.",
            "Some requests or commands wait for it.",
            f"An owner accepts the new permissions there. {_NAMES} organization and permission.",
            _ACCEPTING,
        )
    if count:
        yield Check(
            "approval",
            Verdict.UNKNOWN,
            "No App can read whether an organization requires approval of fine-grained tokens.",
            "Without it, tokens get access without anybody’s review.",
            "An owner looks in the organization’s settings.",
            _APPROVAL,
        )


def _repositories(state: State) -> Iterator[Check]:
    unfit = state.unfit_repositories
    if unfit:
        needs = "repository needs" if unfit == 1 else "repositories need"
        yield Check(
            "admin repository",
            Verdict.FAULT,
            f"{unfit} admin {needs} care.",
            "Requests wait meanwhile, and the bot tries again at each sweep.",
            "Read the bot’s log: it names each admin repository that needs care, and what to"
            " change. An admin repository must be private, have issues, not be archived, and be"
            " among the App’s repositories.",
        )
    elif state.organizations:
        yield ok(
            "admin repository",
            "Each organization has an admin repository that is fit for review issues.",
        )


def _own_side(state: State) -> Iterator[Check]:
    if state.stuck:
        yield Check(
            "store",
            Verdict.WARNING,
            "A job has waited for more than an hour.",
            "Somebody’s request or command is not carried out, or NOTIFY_URL is not told.",
            f"`{COMMAND} deliveries --state waiting` names it and why it waits.",
        )
    if state.parked:
        yield Check(
            "store",
            Verdict.WARNING,
            "A job failed and will not run again by itself.",
            "Somebody’s request or command is not carried out, or NOTIFY_URL is not told.",
            f"`{COMMAND} deliveries --state failed` names it, its cause, and the way on.",
        )
    if state.audit_log == "broken":
        yield Check(
            "audit",
            Verdict.FAULT,
            "The audit log was changed past the bot.",
            "It is no proof any more of what happened before.",
            f"`{COMMAND} audit verify` names the place.",
        )
    if state.weak_secret:
        yield Check(
            "secrets",
            Verdict.WARNING,
            "A webhook secret is short enough to be guessed.",
            "Who guesses it can send deliveries in GitHub’s name.",
            "Make a new one with `openssl rand -hex 32`. Set it here as WEBHOOK_SECRET and on the"
            " GitHub App’s settings page.",
        )


def _counted(count: int, name: str) -> str:
    return f"{count} {name}{'' if count == 1 else 's'}"
