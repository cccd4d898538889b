"""What the App needs: app.yml again, with the labels that GitHub shows on the App's settings page.

A test keeps the two the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass

_LEVELS = ("read", "write", "admin")
_LEVEL_LABELS = {"read": "Read-only", "write": "Read and write", "admin": "Admin"}


@dataclass(frozen=True)
class Need:
    """A permission. `label` and `group` are GitHub's own; `purpose` completes "needed to …".
    `is_vital`: without it the bot cannot do its work.
    """

    name: str
    level: str
    group: str
    label: str
    purpose: str
    is_vital: bool = True

    @property
    def words(self) -> str:
        """As GitHub's form has it."""
        return f"{self.group} permissions → {self.label}: {_LEVEL_LABELS[self.level]}"

    def is_met(self, held: Mapping[str, str]) -> bool:
        """Whether these permissions hold it, at this level or above."""
        level = held.get(self.name, "")
        return level in _LEVELS and _LEVELS.index(level) >= _LEVELS.index(self.level)


PERMISSIONS = (
    Need(
        "organization_personal_access_token_requests",
        "write",
        "Organization",
        "Personal access token requests",
        "list, approve and deny token requests",
    ),
    Need(
        "organization_personal_access_tokens",
        "write",
        "Organization",
        "Personal access tokens",
        "see what a token has already, and take access back",
    ),
    Need("members", "read", "Organization", "Members", "know who is an owner"),
    Need("issues", "write", "Repository", "Issues", "open review issues and answer comments"),
    Need(
        "contents",
        "read",
        "Repository",
        "Contents",
        "read the policy file; without it there is no policy",
        is_vital=False,
    ),
    Need("metadata", "read", "Repository", "Metadata", "see whether the repository is private"),
)

EVENTS = {
    "personal_access_token_request": "Personal access token request",
    "issue_comment": "Issue comment",
    "issues": "Issues",
    "organization": "Organization",
    "repository": "Repository",
    "installation_target": "Installation target",
    "push": "Push",
}
"""Events to subscribe to, and their labels on GitHub's form."""


def lacking(held: Mapping[str, str]) -> list[Need]:
    """What an installation with these permissions lacks of what the bot cannot do without."""
    return [need for need in PERMISSIONS if need.is_vital and not need.is_met(held)]
