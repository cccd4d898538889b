"""The permissions one can ask for on the form: a sensible part of GitHub's list, its names."""

from __future__ import annotations

from dataclasses import dataclass

READ, WRITE, ADMIN = "read", "write", "admin"


@dataclass(frozen=True)
class Permission:
    """A row of the form; ``often`` ones are shown at once, the others on demand."""

    kind: str
    name: str
    levels: tuple[str, ...] = (READ, WRITE)
    often: bool = False

    @property
    def field(self) -> str:
        """The form field's name."""
        return f"{self.kind}.{self.name}"


PERMISSIONS = (
    Permission("repository", "contents", often=True),
    Permission("repository", "issues", often=True),
    Permission("repository", "pull_requests", often=True),
    Permission("repository", "actions", often=True),
    Permission("repository", "workflows", (WRITE,), often=True),
    Permission("repository", "administration", often=True),
    Permission("repository", "secrets", often=True),
    Permission("repository", "checks"),
    Permission("repository", "codespaces"),
    Permission("repository", "dependabot_secrets"),
    Permission("repository", "deployments"),
    Permission("repository", "discussions"),
    Permission("repository", "environments"),
    Permission("repository", "pages"),
    Permission("repository", "repository_hooks"),
    Permission("repository", "secret_scanning_alerts"),
    Permission("repository", "security_events"),
    Permission("repository", "statuses"),
    Permission("repository", "vulnerability_alerts"),
    Permission("organization", "members", often=True),
    Permission("organization", "organization_administration", often=True),
    Permission("organization", "organization_custom_roles"),
    Permission("organization", "organization_hooks"),
    Permission("organization", "organization_projects", (READ, WRITE, ADMIN)),
    Permission("organization", "organization_secrets"),
    Permission("organization", "organization_self_hosted_runners"),
    Permission("organization", "organization_user_blocking"),
)
TITLES = {
    "repository_hooks": "Webhooks",
    "statuses": "Commit statuses",
    "security_events": "Code scanning alerts",
}


def title(name: str) -> str:
    """A permission's name as GitHub's form writes it, nearly."""
    plain = name.removeprefix("organization_").replace("_", " ")
    return TITLES.get(name, plain[:1].upper() + plain[1:])
