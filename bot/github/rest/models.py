"""Answers: the REST API's objects become ours. Each raises Missing for what must be there."""

from bot.domain.accounts import AdminRepository, Membership
from bot.domain.events import Comment
from bot.domain.token_request import Grant, TokenRequest
from bot.github.reading import (
    UNKNOWN,
    Json,
    Missing,
    account,
    app_id,
    at,
    granted,
    labels,
    moment,
    need_id,
    need_moment,
    need_text,
    permissions,
    text,
)
from bot.ports import Installation, Issue


def token_request(row: Json, org_id: int) -> TokenRequest:
    """A row of the list of pending requests: with a reason, without added, upgraded, repositories.

    Source: organization-programmatic-access-grant-request in GitHub's OpenAPI description.
    """
    requester = account(row.get("owner"))
    if requester is None:
        raise Missing("no integer owner.id")
    return TokenRequest(
        org_id=org_id,
        id=need_id(row, "id"),
        requester=requester,
        token_name=text(row.get("token_name")),
        result=permissions(row.get("permissions")),
        selection=need_text(row, "repository_selection"),
        created_at=need_moment(row, "created_at"),
        token_id=need_id(row, "token_id"),
        expires_at=moment(row.get("token_expires_at")),
        token_expired=row.get("token_expired") is True,
        last_used_at=moment(row.get("token_last_used_at")),
        reason=text(row.get("reason")) or None,
        reason_known=True,
    )


def grant(row: Json) -> Grant:
    """A row of the list of active grants (organization-programmatic-access-grant)."""
    return Grant(
        id=need_id(row, "id"),
        token_id=need_id(row, "token_id"),
        owner=account(row.get("owner")) or UNKNOWN,
        result=permissions(row.get("permissions")),
        selection=need_text(row, "repository_selection"),
        granted_at=need_moment(row, "access_granted_at"),
        expires_at=moment(row.get("token_expires_at")),
    )


def membership(facts: Json) -> Membership:
    """An organization membership (org-membership)."""
    return Membership(
        user_id=need_id(facts, "user.id"),
        role=need_text(facts, "role"),
        state=need_text(facts, "state"),
    )


def installation(row: Json) -> Installation:
    """A row of the App's installations."""
    owner = account(row.get("account"))
    if owner is None:
        raise Missing("no integer account.id")
    return Installation(
        id=need_id(row, "id"),
        account=owner,
        suspended=row.get("suspended_at") is not None,
        permissions=granted(row.get("permissions")),
    )


def admin_repository(facts: Json, installation_id: int) -> AdminRepository:
    """A full repository. What is not told counts against it: public, archived, without issues."""
    return AdminRepository(
        id=need_id(facts, "id"),
        full_name=need_text(facts, "full_name"),
        private=facts.get("private") is True,
        archived=facts.get("archived") is not False,
        has_issues=facts.get("has_issues") is True,
        installation_id=installation_id,
        default_branch=text(facts.get("default_branch")) or "main",
    )


def issue(facts: Json) -> Issue:
    """An issue; a body of null is an empty one."""
    return Issue(
        number=need_id(facts, "number"),
        title=text(facts.get("title")),
        body=text(facts.get("body")),
        state=need_text(facts, "state"),
        labels=labels(facts.get("labels")),
        author=account(facts.get("user")) or UNKNOWN,
        updated_at=moment(facts.get("updated_at")),
    )


def comment(facts: Json) -> Comment:
    """An issue comment, as payloads tell it too, with the number in its `issue_url`."""
    created, updated = moment(facts.get("created_at")), moment(facts.get("updated_at"))
    number = text(facts.get("issue_url")).rpartition("/")[2]
    return Comment(
        id=need_id(facts, "id"),
        body=text(facts.get("body")),
        author=account(facts.get("user")) or UNKNOWN,
        updated_at=text(facts.get("updated_at")),
        via_app=app_id(facts.get("performed_via_github_app")),
        created_at=created,
        edited=created is None or created != updated,
        issue_number=int(number) if number.isdecimal() else None,
    )


def is_issue(facts: Json) -> bool:
    """Whether it is no pull request, which GitHub lists among the issues."""
    return at(facts, "pull_request") is None
