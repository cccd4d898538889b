"""GitHub's permissions of fine-grained tokens and what each lets its holder do, in plain words.

Names: the schema `app-permissions` of GitHub's REST API description, and the parameter names that
GitHub's documentation of fine-grained tokens lists. A token never does more than its owner may.
Only what a tired owner should read is said: writing, and reading what is not meant to be seen.
"""

from dataclasses import dataclass
from enum import IntEnum


class Danger(IntEnum):
    """How much harm a permission, or a whole request, can do. The levels compare."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    @property
    def word(self) -> str:
        """`low`, `medium`, `high` or `critical`, as people read it."""
        return self.name.lower()


@dataclass(frozen=True)
class Meaning:
    """A permission's worst: `danger` at write or admin; the sentences say what the holder can do.

    An empty `read` sentence: reading it is harmless enough not to be mentioned.
    """

    danger: Danger
    write: str = ""
    read: str = ""


_L, _M, _H, _C = Danger.LOW, Danger.MEDIUM, Danger.HIGH, Danger.CRITICAL

REPOSITORY = {
    "actions": Meaning(_H, "start, cancel and approve workflow runs, delete their logs and caches"),
    "actions_variables": Meaning(_H, "change the variables that workflows read"),
    "administration": Meaning(
        _C,
        "change all settings: delete or transfer the repository, add people, branch protection",
    ),
    "artifact_metadata": Meaning(_M, "record where build artifacts are stored and deployed"),
    "attestations": Meaning(_H, "sign statements on where build artifacts come from"),
    "checks": Meaning(_H, "report checks as passed, so that a pull request may be merged"),
    "code_quality": Meaning(_L, "change code quality findings and settings"),
    "codespaces": Meaning(_H, "create and open codespaces, which can push to the repository"),
    "codespaces_lifecycle_admin": Meaning(_M, "start and stop codespaces"),
    "codespaces_metadata": Meaning(_L),
    "codespaces_secrets": Meaning(_H, "set and delete the secrets of codespaces"),
    "contents": Meaning(
        _H,
        "push commits, create and delete branches, tags and releases, merge pull requests",
        "read all code and its whole history",
    ),
    "dependabot_secrets": Meaning(_H, "set and delete the secrets that Dependabot uses"),
    "deployments": Meaning(_M, "create deployments and say how they went"),
    "discussions": Meaning(_L, "write, edit and delete discussions"),
    "environments": Meaning(_H, "change deployment environments: who approves, which secrets"),
    "interaction_limits": Meaning(_M, "limit who may comment and open issues"),
    "issues": Meaning(_M, "open, edit, close and lock issues, comment, change labels"),
    "merge_queues": Meaning(_H, "add pull requests to the merge queue and merge them"),
    "metadata": Meaning(_L),
    "packages": Meaning(_H, "publish, overwrite and delete packages", "download private packages"),
    "pages": Meaning(_H, "publish the website and change its address"),
    "pull_requests": Meaning(_H, "open, change, review and merge pull requests"),
    "repository_advisories": Meaning(
        _H,
        "write and publish security advisories",
        "read security advisories that are not published yet",
    ),
    "repository_custom_properties": Meaning(_M, "change the properties that rules go by"),
    "repository_hooks": Meaning(_H, "send everything that happens here to any web address"),
    "repository_projects": Meaning(_L, "change project boards"),
    "secret_scanning_alerts": Meaning(
        _H, "read leaked secrets and dismiss the alerts", "read secrets that leaked into the code"
    ),
    "secrets": Meaning(
        _C,
        "set and delete the secrets of workflows; not read them",
        "see the names of the secrets, not their values",
    ),
    "security_events": Meaning(
        _M, "upload and dismiss code scanning alerts", "read known weaknesses of the code"
    ),
    "single_file": Meaning(_M, "change one given file", "read one given file"),
    "statuses": Meaning(_M, "mark commits as passed, so that a pull request may be merged"),
    "vulnerability_alerts": Meaning(
        _M, "dismiss Dependabot's alerts", "read known weaknesses of the dependencies"
    ),
    "workflows": Meaning(
        _C, "change workflow files, and so run any code with the secrets that workflows get"
    ),
}

ORGANIZATION = {
    "custom_properties_for_organizations": Meaning(_M, "change the organization's properties"),
    "enterprise_custom_properties_for_organizations": Meaning(
        _H, "change which properties organizations have"
    ),
    "issue_types": Meaning(_L, "change the types of issues"),
    "members": Meaning(_C, "invite and remove members, change teams and who is in them"),
    "organization_actions_variables": Meaning(_H, "change variables that all workflows read"),
    "organization_administration": Meaning(
        _C, "change the organization's settings and security rules, even delete it"
    ),
    "organization_announcement_banners": Meaning(_L, "put a banner on every page"),
    "organization_api_insights": Meaning(_L),
    "organization_campaigns": Meaning(_L, "run security campaigns"),
    "organization_code_scanning_dismissal_requests": Meaning(
        _M, "let code scanning alerts be dismissed"
    ),
    "organization_codespaces": Meaning(_H, "manage and stop members' codespaces"),
    "organization_codespaces_secrets": Meaning(_H, "set and delete secrets of all codespaces"),
    "organization_codespaces_settings": Meaning(_M, "change who may use codespaces"),
    "organization_copilot_agent_settings": Meaning(_M, "change what Copilot's agents may do"),
    "organization_copilot_seat_management": Meaning(_M, "give and take Copilot seats, which cost"),
    "organization_custom_org_roles": Meaning(_C, "change and hand out roles of the organization"),
    "organization_custom_properties": Meaning(_H, "change the properties that rules go by"),
    "organization_custom_roles": Meaning(_C, "change what custom repository roles may do"),
    "organization_dependabot_secrets": Meaning(_H, "set and delete secrets that Dependabot uses"),
    "organization_events": Meaning(_L),
    "organization_hooks": Meaning(
        _C, "send everything that happens in the organization to any web address"
    ),
    "organization_knowledge_bases": Meaning(_M, "change what Copilot's knowledge bases contain"),
    "organization_models": Meaning(_L, "use AI models at the organization's cost"),
    "organization_network_configurations": Meaning(_H, "change the networks runners work in"),
    "organization_packages": Meaning(
        _H, "publish, overwrite and delete packages", "download private packages"
    ),
    "organization_personal_access_token_requests": Meaning(
        _C, "approve and deny token requests like this one", "see who asks for which token"
    ),
    "organization_personal_access_tokens": Meaning(
        _H, "revoke members' tokens", "see who has which token"
    ),
    "organization_plan": Meaning(_L),
    "organization_private_registries": Meaning(_H, "change the registries dependencies come from"),
    "organization_projects": Meaning(_L, "change and delete the organization's projects"),
    "organization_secrets": Meaning(
        _C,
        "set and delete the secrets of all workflows; not read them",
        "see the names of the secrets, not their values",
    ),
    "organization_self_hosted_runners": Meaning(
        _C, "add and remove machines that run workflows and see their secrets"
    ),
    "organization_user_blocking": Meaning(_M, "block people from the organization"),
    "team_discussions": Meaning(_L, "write, edit and delete team discussions"),
}

ACCOUNT = {
    "blocking": Meaning(_L, "block people for the requester"),
    "codespaces_user_secrets": Meaning(_M, "set and delete the requester's codespaces secrets"),
    "copilot_editor_context": Meaning(_L),
    "copilot_messages": Meaning(_L),
    "copilot_requests": Meaning(_L, "use Copilot as the requester"),
    "email_addresses": Meaning(_M, "change the requester's mail addresses"),
    "emails": Meaning(_M, "change the requester's mail addresses"),
    "followers": Meaning(_L, "follow people as the requester"),
    "gists": Meaning(_M, "publish, change and delete the requester's gists"),
    "git_signing_ssh_public_keys": Meaning(_H, "add keys that sign commits as the requester"),
    "git_ssh_keys": Meaning(_H, "add SSH keys: they keep working when the token is revoked"),
    "gpg_keys": Meaning(_H, "add keys that sign commits as the requester"),
    "keys": Meaning(_H, "add SSH keys: they keep working when the token is revoked"),
    "knowledge_bases": Meaning(_L, "change the requester's knowledge bases"),
    "plan": Meaning(_L),
    "private_repository_invitations": Meaning(_L),
    "profile": Meaning(_L, "change the requester's public profile"),
    "starring": Meaning(_L, "star repositories as the requester"),
    "user_events": Meaning(_L),
    "user_models": Meaning(_L),
    "watching": Meaning(_L, "watch repositories as the requester"),
}

CATALOGUE: dict[str, Meaning] = {**ACCOUNT, **ORGANIZATION, **REPOSITORY}

UNKNOWN = Meaning(
    Danger.HIGH,
    "unknown to this version, judge with care",
    "unknown to this version, judge with care",
)
