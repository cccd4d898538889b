"""Payloads: a delivery's JSON becomes one of our events.

Sources: GitHub's webhook schemas and recorded deliveries, of which older ones lack fields that the
schemas require. So only the ids that say what a delivery is about are required here.
"""

import json
from collections.abc import Callable

from bot.domain import events
from bot.domain.accounts import Account
from bot.domain.policy_version import POLICY_FILE
from bot.domain.times import LONG_AGO
from bot.domain.token_request import Permissions, TokenRequest
from bot.github import reading as read
from bot.github.reading import UNKNOWN, Json, Missing
from bot.ports import Permanent


def read_event(name: str, body: bytes) -> events.Event:
    """The event in a delivery's raw body. Raises Permanent naming what is missing.

    `installation_id` is 0 when the payload names no installation. Texts are as sent, save
    characters that cannot be stored.
    """
    reader = READERS.get(name)
    if reader is None:
        raise Permanent(f"{name}: an event that the bot does not use")
    try:
        payload = read.mapping(json.loads(body))
        return reader(payload)
    except Missing as missing:
        raise Permanent(f"{name}: {missing}") from None
    except (ValueError, RecursionError):
        raise Permanent(f"{name}: the body is not JSON") from None


def owner_of(payload: Json) -> Account | None:
    """The account that a delivery belongs to: organization, installation, target or repository."""
    organization = read.account(payload.get("organization"))
    if organization is not None:
        return Account(organization.id, organization.login, "Organization")
    places = ("installation.account", "account", "repository.owner")
    return next((found for path in places if (found := read.account(read.at(payload, path)))), None)


def _organization(payload: Json) -> Account:
    found = owner_of(payload)
    if found is None:
        raise Missing("no organization.id")
    return found


def _token_request(payload: Json) -> events.TokenRequestEvent:
    requested = read.mapping(payload.get("personal_access_token_request"))
    organization, action = _organization(payload), read.text(payload.get("action"))
    by_requester = action in {"created", "cancelled"}
    sender = read.account(payload.get("sender"))
    owner = read.account(requested.get("owner")) or (sender if by_requester else None)
    if owner is None:
        raise Missing("no integer personal_access_token_request.owner.id")
    return events.TokenRequestEvent(
        action=action,
        installation_id=_installation(payload),
        org_login=organization.login,
        request=_requested(payload, requested, organization.id, owner),
        sender=sender or (owner if by_requester else UNKNOWN),
    )


def _requested(payload: Json, requested: Json, org_id: int, owner: Account) -> TokenRequest:
    listed = read.repositories(requested.get("repositories"))
    selection = read.text(requested.get("repository_selection")) or "unknown"
    count = read.whole(requested.get("repository_count"))
    return TokenRequest(
        org_id=org_id,
        id=read.need_id(payload, "personal_access_token_request.id"),
        requester=owner,
        token_name=read.text(requested.get("token_name")),
        result=_result(requested),
        selection=selection,
        created_at=read.moment(requested.get("created_at")) or LONG_AGO,
        token_id=read.whole(requested.get("token_id")),
        added=_change(requested, "permissions_added"),
        upgraded=_change(requested, "permissions_upgraded"),
        repositories=listed,
        repository_count=count,
        repositories_known=selection == "subset" and count is not None and len(listed) >= count,
        expires_at=read.moment(requested.get("token_expires_at")),
        token_expired=requested.get("token_expired") is True,
        last_used_at=read.moment(requested.get("token_last_used_at")),
    )


def _change(requested: Json, name: str) -> Permissions | None:
    return read.permissions(requested[name]) if isinstance(requested.get(name), dict) else None


def _result(requested: Json) -> Permissions:
    """What the token would have; added and upgraded together when GitHub leaves the result out."""
    if isinstance(requested.get("permissions_result"), dict):
        return read.permissions(requested["permissions_result"])
    joined: dict[str, dict[str, str]] = {}
    for name in ("permissions_added", "permissions_upgraded"):
        for group, levels in read.permissions(requested.get(name)).items():
            joined.setdefault(group, {}).update(levels)
    return joined


def _issue_comment(payload: Json) -> events.IssueCommentEvent:
    issue = read.mapping(payload.get("issue"))
    return events.IssueCommentEvent(
        action=read.text(payload.get("action")),
        installation_id=_installation(payload),
        org_id=_organization(payload).id,
        repository=_repository(payload),
        issue_number=read.need_id(payload, "issue.number"),
        issue_body=read.text(issue.get("body")),
        issue_author=read.account(issue.get("user")) or UNKNOWN,
        comment=_comment(payload),
        sender=read.account(payload.get("sender")) or UNKNOWN,
        is_pull_request=bool(issue.get("pull_request")),
    )


def _comment(payload: Json) -> events.Comment:
    comment = read.mapping(payload.get("comment"))
    return events.Comment(
        id=read.need_id(payload, "comment.id"),
        body=read.text(comment.get("body")),
        author=read.account(comment.get("user")) or UNKNOWN,
        updated_at=read.text(comment.get("updated_at")),
        created_at=read.moment(comment.get("created_at")),
        via_app=read.app_id(comment.get("performed_via_github_app")),
    )


def _issues(payload: Json) -> events.IssuesEvent:
    return events.IssuesEvent(
        action=read.text(payload.get("action")),
        installation_id=_installation(payload),
        org_id=_organization(payload).id,
        repository=_repository(payload),
        issue_number=read.need_id(payload, "issue.number"),
        sender=read.account(payload.get("sender")) or UNKNOWN,
    )


def _repository_event(payload: Json) -> events.RepositoryEvent:
    return events.RepositoryEvent(
        action=read.text(payload.get("action")),
        installation_id=_installation(payload),
        org_id=_organization(payload).id,
        repository=_repository(payload),
    )


def is_default_branch(payload: Json) -> bool:
    """Whether a push moved the repository's default branch. `ref` is `refs/heads/NAME`."""
    branch = read.text(read.at(payload, "repository.default_branch"))
    return bool(branch) and read.text(payload.get("ref")) == f"refs/heads/{branch}"


def _push(payload: Json) -> events.PushEvent:
    """The commits that change the policy file: by these the sender is known as who pushed it."""
    commits = read.objects(payload.get("commits"))
    changes = (
        read.text(commit.get("id"))
        for commit in commits
        if any(POLICY_FILE in read.texts(commit.get(how)) for how in CHANGED)
    )
    return events.PushEvent(
        installation_id=_installation(payload),
        org_id=_organization(payload).id,
        repository=_repository(payload),
        commits=tuple(changes),
        sender=read.account(payload.get("sender")) or UNKNOWN,
    )


CHANGED = ("added", "modified", "removed")


def _repository(payload: Json) -> events.RepositoryFacts:
    private = read.at(payload, "repository.private")
    return events.RepositoryFacts(
        id=read.need_id(payload, "repository.id"),
        full_name=read.text(read.at(payload, "repository.full_name")),
        private=private if isinstance(private, bool) else None,
    )


def _installation_event(payload: Json) -> events.InstallationEvent:
    return events.InstallationEvent(
        action=read.text(payload.get("action")),
        installation_id=read.need_id(payload, "installation.id"),
        account=_organization(payload),
        permissions=read.granted(read.at(payload, "installation.permissions")),
    )


def _organization_event(payload: Json) -> events.OrganizationEvent:
    organization = _organization(payload)
    return events.OrganizationEvent(
        action=read.text(payload.get("action")),
        installation_id=_installation(payload),
        org_id=organization.id,
        org_login=organization.login,
        member=read.account(read.at(payload, "membership.user")),
    )


def _installation(payload: Json) -> int:
    return read.whole(read.at(payload, "installation.id")) or 0


READERS: dict[str, Callable[[Json], events.Event]] = {
    "personal_access_token_request": _token_request,
    "issue_comment": _issue_comment,
    "issues": _issues,
    "repository": _repository_event,
    "installation": _installation_event,
    "installation_repositories": _installation_event,
    "organization": _organization_event,
    "installation_target": _organization_event,
    "push": _push,
}
