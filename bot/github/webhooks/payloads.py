"""Payloads: a delivery's JSON becomes one of our events.

Sources: GitHub's webhook schemas and recorded deliveries, of which older ones lack fields that the
schemas require. So only the ids that say what a delivery is about are required here.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime

from bot.domain.accounts import Account
from bot.domain.events import (
    Comment,
    InstallationEvent,
    IssueCommentEvent,
    IssuesEvent,
    OrganizationEvent,
    RepositoryEvent,
    RepositoryFacts,
    TokenRequestEvent,
)
from bot.domain.token_request import Permissions, TokenRequest
from bot.github.reading import (
    UNKNOWN,
    Json,
    Missing,
    account,
    app_id,
    at,
    granted,
    labels,
    mapping,
    moment,
    need_id,
    permissions,
    repositories,
    text,
    whole,
)
from bot.ports import Permanent

Delivered = (
    TokenRequestEvent
    | IssueCommentEvent
    | IssuesEvent
    | RepositoryEvent
    | InstallationEvent
    | OrganizationEvent
)

LONG_AGO = datetime.fromtimestamp(0, UTC)
"""Stands for a creation time that is missing."""


def read_event(name: str, body: bytes) -> Delivered:
    """The event in a delivery's raw body. Raises Permanent naming what is missing.

    `installation_id` is 0 when the payload names no installation. Texts are as sent, save
    characters that cannot be stored.
    """
    reader = READERS.get(name)
    if reader is None:
        raise Permanent(f"{name}: an event that the bot does not use")
    try:
        payload = mapping(json.loads(body))
        return reader(payload)
    except Missing as missing:
        raise Permanent(f"{name}: {missing}") from None
    except (ValueError, RecursionError):
        raise Permanent(f"{name}: the body is not JSON") from None


def owner_of(payload: Json) -> Account | None:
    """The account that a delivery belongs to: organization, installation, target or repository."""
    organization = account(payload.get("organization"))
    if organization is not None:
        return Account(organization.id, organization.login, "Organization")
    places = ("installation.account", "account", "repository.owner")
    return next((found for path in places if (found := account(at(payload, path)))), None)


def _organization(payload: Json) -> Account:
    found = owner_of(payload)
    if found is None:
        raise Missing("no organization.id")
    return found


def _token_request(payload: Json) -> TokenRequestEvent:
    requested = mapping(payload.get("personal_access_token_request"))
    organization, action = _organization(payload), text(payload.get("action"))
    by_requester = action in {"created", "cancelled"}
    sender = account(payload.get("sender"))
    owner = account(requested.get("owner")) or (sender if by_requester else None)
    if owner is None:
        raise Missing("no integer personal_access_token_request.owner.id")
    return TokenRequestEvent(
        action=action,
        installation_id=_installation(payload),
        org_login=organization.login,
        request=_requested(payload, requested, organization.id, owner),
        sender=sender or (owner if by_requester else UNKNOWN),
    )


def _requested(payload: Json, requested: Json, org_id: int, owner: Account) -> TokenRequest:
    listed = repositories(requested.get("repositories"))
    selection = text(requested.get("repository_selection")) or "unknown"
    count = whole(requested.get("repository_count"))
    return TokenRequest(
        org_id=org_id,
        id=need_id(payload, "personal_access_token_request.id"),
        requester=owner,
        token_name=text(requested.get("token_name")),
        result=_result(requested),
        selection=selection,
        created_at=moment(requested.get("created_at")) or LONG_AGO,
        token_id=whole(requested.get("token_id")),
        added=_change(requested, "permissions_added"),
        upgraded=_change(requested, "permissions_upgraded"),
        repositories=listed,
        repository_count=count,
        repositories_known=selection == "subset" and count is not None and len(listed) >= count,
        expires_at=moment(requested.get("token_expires_at")),
        token_expired=requested.get("token_expired") is True,
        last_used_at=moment(requested.get("token_last_used_at")),
    )


def _change(requested: Json, name: str) -> Permissions | None:
    return permissions(requested[name]) if isinstance(requested.get(name), dict) else None


def _result(requested: Json) -> Permissions:
    """What the token would have; added and upgraded together when GitHub leaves the result out."""
    if isinstance(requested.get("permissions_result"), dict):
        return permissions(requested["permissions_result"])
    joined: dict[str, dict[str, str]] = {}
    for name in ("permissions_added", "permissions_upgraded"):
        for group, levels in permissions(requested.get(name)).items():
            joined.setdefault(group, {}).update(levels)
    return joined


def _issue_comment(payload: Json) -> IssueCommentEvent:
    issue = mapping(payload.get("issue"))
    return IssueCommentEvent(
        action=text(payload.get("action")),
        installation_id=_installation(payload),
        org_id=_organization(payload).id,
        repository=_repository(payload),
        issue_number=need_id(payload, "issue.number"),
        issue_body=text(issue.get("body")),
        issue_author=account(issue.get("user")) or UNKNOWN,
        issue_labels=labels(issue.get("labels")),
        issue_state=text(issue.get("state")),
        comment=_comment(payload),
        sender=account(payload.get("sender")) or UNKNOWN,
        is_pull_request=bool(issue.get("pull_request")),
    )


def _comment(payload: Json) -> Comment:
    comment = mapping(payload.get("comment"))
    return Comment(
        id=need_id(payload, "comment.id"),
        body=text(comment.get("body")),
        author=account(comment.get("user")) or UNKNOWN,
        updated_at=text(comment.get("updated_at")),
        created_at=moment(comment.get("created_at")),
        via_app=app_id(comment.get("performed_via_github_app")),
    )


def _issues(payload: Json) -> IssuesEvent:
    issue = mapping(payload.get("issue"))
    return IssuesEvent(
        action=text(payload.get("action")),
        installation_id=_installation(payload),
        org_id=_organization(payload).id,
        repository=_repository(payload),
        issue_number=need_id(payload, "issue.number"),
        issue_labels=labels(issue.get("labels")),
        issue_state=text(issue.get("state")),
        sender=account(payload.get("sender")) or UNKNOWN,
    )


def _repository_event(payload: Json) -> RepositoryEvent:
    return RepositoryEvent(
        action=text(payload.get("action")),
        installation_id=_installation(payload),
        org_id=_organization(payload).id,
        repository=_repository(payload),
    )


def _repository(payload: Json) -> RepositoryFacts:
    private = at(payload, "repository.private")
    return RepositoryFacts(
        id=need_id(payload, "repository.id"),
        full_name=text(at(payload, "repository.full_name")),
        private=private if isinstance(private, bool) else None,
    )


def _installation_event(payload: Json) -> InstallationEvent:
    return InstallationEvent(
        action=text(payload.get("action")),
        installation_id=need_id(payload, "installation.id"),
        account=_organization(payload),
        permissions=granted(at(payload, "installation.permissions")),
    )


def _organization_event(payload: Json) -> OrganizationEvent:
    organization = _organization(payload)
    return OrganizationEvent(
        action=text(payload.get("action")),
        installation_id=_installation(payload),
        org_id=organization.id,
        org_login=organization.login,
        member=account(at(payload, "membership.user")),
    )


def _installation(payload: Json) -> int:
    return whole(at(payload, "installation.id")) or 0


READERS: dict[str, Callable[[Json], Delivered]] = {
    "personal_access_token_request": _token_request,
    "issue_comment": _issue_comment,
    "issues": _issues,
    "repository": _repository_event,
    "installation": _installation_event,
    "installation_repositories": _installation_event,
    "organization": _organization_event,
    "installation_target": _organization_event,
}
