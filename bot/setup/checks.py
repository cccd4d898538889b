"""What the third step waits for: is the App installed, and is the repository fit?"""

from dataclasses import dataclass

from bot.domain.accounts import AdminRepository
from bot.domain.doctor.check import Check, Verdict
from bot.ports import GitHub, Installation, NotAccepted, NotFound, Permanent, Retryable


@dataclass(frozen=True)
class Wanted:
    """What should be. `repository`: the admin repository, owner/name."""

    organization: str
    repository: str


@dataclass(frozen=True)
class Found:
    """One look: about the App at GitHub, its installation, the admin repository."""

    app: Check
    installed: Check
    repository: Check


def _check(verdict: Verdict, seen: str, todo: str = "") -> Check:
    return Check("installation", verdict, seen, todo=todo)


_LATER = _check(Verdict.UNKNOWN, "The repository can be seen once the App is installed.")


def look(github: GitHub, wanted: Wanted) -> Found:
    """Ask GitHub. Raises nothing of the ports: what cannot be asked is unknown."""
    try:
        every = github.installations()
    except NotAccepted:
        app = _check(
            Verdict.FAULT,
            "GitHub does not accept this App’s key any more: it was deleted, or its key was.",
            "Start over (below), or make a new private key on the App’s page and set PRIVATE_KEY.",
        )
        return Found(app, _LATER, _LATER)
    except (Retryable, Permanent):
        return Found(_away(), _LATER, _LATER)
    app = _check(Verdict.OK, "GitHub knows the App and accepts its key.")
    where = _of(every, wanted.repository.partition("/")[0])
    installed = _installed(every, _of(every, wanted.organization), wanted)
    if where is None or where.suspended or installed.verdict is not Verdict.OK:
        return Found(app, installed, _LATER)
    return Found(app, installed, _repository(github, where, wanted))


def _away() -> Check:
    return _check(
        Verdict.UNKNOWN,
        "GitHub does not answer at the moment.",
        "Nothing is lost. This page looks again; look at githubstatus.com if it lasts.",
    )


def _of(every: list[Installation], login: str) -> Installation | None:
    return next((one for one in every if one.account.login.lower() == login.lower()), None)


def _installed(every: list[Installation], ours: Installation | None, wanted: Wanted) -> Check:
    if ours is not None and ours.suspended:
        return _check(
            Verdict.FAULT,
            f"The App is suspended in {wanted.organization}.",
            "Open the organization’s settings, “GitHub Apps”, “Configure”, and unsuspend it.",
        )
    if ours is not None:
        return _check(Verdict.OK, f"The App is installed in {wanted.organization}.")
    others = ", ".join(one.account.login for one in every)
    if others:
        return _check(
            Verdict.FAULT,
            f"The App is installed on {others}, not in {wanted.organization}.",
            f"Install it in {wanted.organization} with the button above. Then remove it from"
            f" {others}, in the settings there.",
        )
    return _check(
        Verdict.UNKNOWN,
        f"The App is not installed in {wanted.organization} yet.",
        "Press the button above. Choose “Only select repositories”, and the repository alone.",
    )


def _repository(github: GitHub, where: Installation, wanted: Wanted) -> Check:
    try:
        found: AdminRepository | None = github.admin_repository(where.id, wanted.repository)
    except NotFound:
        found = None
    except (Retryable, Permanent):
        return _away()
    if found is None:
        return _check(
            Verdict.UNKNOWN,
            f"The App sees no repository {wanted.repository} yet.",
            "Make it with the button above. If it is there, add it to the App’s repositories: the"
            " organization’s settings, “GitHub Apps”, “Configure”.",
        )
    if found.problem:
        return _check(Verdict.FAULT, f"The repository {wanted.repository} {found.problem}.")
    return _check(Verdict.OK, f"The repository {wanted.repository} is private and has issues.")
