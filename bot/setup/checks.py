"""What GitHub and the service say now: is the App installed, is the repository fit, is all well?"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.accounts import AdminRepository
from bot.ports import GitHub, Installation, NotAccepted, NotFound, Permanent, Retryable


class Verdict(StrEnum):
    """Of one check. UNKNOWN is never green."""

    OK = "ok"
    FAULT = "fault"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Check:
    """`seen`: what was seen. `todo`: the way out, empty when all is well."""

    verdict: Verdict
    seen: str
    todo: str = ""

    @property
    def well(self) -> bool:
        """Whether it was looked at and is as it should be."""
        return self.verdict is Verdict.OK


@dataclass(frozen=True)
class Wanted:
    """What should be. `repository`: the admin repository, owner/name."""

    organization: str
    repository: str
    permissions: Mapping[str, str]


@dataclass(frozen=True)
class Found:
    """One look: about the App at GitHub, its installation, the admin repository, permissions."""

    app: Check
    installed: Check
    repository: Check
    permissions: Check


_LATER = Check(Verdict.UNKNOWN, "Not looked at yet.", "The step before comes first.")


def look(github: GitHub, wanted: Wanted) -> Found:
    """Ask GitHub. Raises nothing of the ports: what cannot be asked is unknown."""
    try:
        every = github.installations()
    except NotAccepted:
        app = Check(
            Verdict.FAULT,
            "GitHub does not accept this App’s key any more: it was deleted, or its key was.",
            "Start over (below), or make a new private key on the App’s page and set PRIVATE_KEY.",
        )
        return Found(app, _LATER, _LATER, _LATER)
    except (Retryable, Permanent):
        return Found(_away(), _LATER, _LATER, _LATER)
    app = Check(Verdict.OK, "GitHub knows the App and accepts its key.")
    where = _of(every, wanted.repository.partition("/")[0])
    installed = _installed(every, _of(every, wanted.organization), wanted)
    if where is None or where.suspended or not installed.well:
        return Found(app, installed, _LATER, _LATER)
    return Found(app, installed, _repository(github, where, wanted), _permissions(where, wanted))


def _away() -> Check:
    return Check(
        Verdict.UNKNOWN,
        "GitHub does not answer at the moment.",
        "Nothing is lost. This page looks again; look at githubstatus.com if it lasts.",
    )


def _of(every: list[Installation], login: str) -> Installation | None:
    return next((one for one in every if one.account.login.lower() == login.lower()), None)


def _installed(every: list[Installation], ours: Installation | None, wanted: Wanted) -> Check:
    if ours is not None and ours.suspended:
        return Check(
            Verdict.FAULT,
            f"The App is suspended in {wanted.organization}.",
            "Open the organization’s settings, “GitHub Apps”, “Configure”, and unsuspend it.",
        )
    if ours is not None:
        return Check(Verdict.OK, f"The App is installed in {wanted.organization}.")
    others = ", ".join(one.account.login for one in every)
    if others:
        return Check(
            Verdict.FAULT,
            f"The App is installed on {others}, not in {wanted.organization}.",
            f"Install it in {wanted.organization} with the link below. Then remove it from {others}"
            " in the settings there.",
        )
    return Check(
        Verdict.UNKNOWN,
        f"The App is not installed in {wanted.organization} yet.",
        "Follow the link below. Choose “Only select repositories”, and the repository alone.",
    )


def _repository(github: GitHub, where: Installation, wanted: Wanted) -> Check:
    try:
        found: AdminRepository | None = github.admin_repository(where.id, wanted.repository)
    except NotFound:
        found = None
    except (Retryable, Permanent):
        return _away()
    if found is None:
        return Check(
            Verdict.UNKNOWN,
            f"The App sees no repository {wanted.repository} yet.",
            "Make it with the link below. If it is there, add it to the App’s repositories: the"
            " organization’s settings, “GitHub Apps”, “Configure”.",
        )
    if found.problem:
        return Check(Verdict.FAULT, f"The repository {wanted.repository} {found.problem}.")
    return Check(Verdict.OK, f"The repository {wanted.repository} is private and has issues.")


def _permissions(where: Installation, wanted: Wanted) -> Check:
    rank = ("read", "write", "admin")
    has = where.permissions
    lacks = [
        name.replace("_", " ")
        for name, level in wanted.permissions.items()
        if has.get(name) not in rank or rank.index(has[name]) < rank.index(level)
    ]
    if lacks:
        return Check(
            Verdict.FAULT,
            f"The installation lacks permissions: {', '.join(lacks)}.",
            "Give the App these on its page, then accept them in the organization’s settings.",
        )
    return Check(Verdict.OK, "The installation has every permission that the bot needs.")
