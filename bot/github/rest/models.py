"""Answers: the REST API's objects become ours. Each raises Missing for what must be there."""

from bot.domain.accounts import AdminRepository, Membership
from bot.domain.events import Comment
from bot.domain.token_request import Grant, TokenRequest
from bot.github import reading as read
from bot.github.reading import UNKNOWN, Json, Missing
from bot.ports import DeliveryAttempt, Installation, Issue


def token_request(row: Json, org_id: int) -> TokenRequest:
    """A row of the list of pending requests: with a reason, without added, upgraded, repositories.

    Source: organization-programmatic-access-grant-request in GitHub's OpenAPI description.
    """
    requester = read.account(row.get("owner"))
    if requester is None:
        raise Missing("no integer owner.id")
    return TokenRequest(
        org_id=org_id,
        id=read.need_id(row, "id"),
        requester=requester,
        token_name=read.text(row.get("token_name")),
        result=read.permissions(row.get("permissions")),
        selection=read.need_text(row, "repository_selection"),
        created_at=read.need_moment(row, "created_at"),
        token_id=read.need_id(row, "token_id"),
        expires_at=read.moment(row.get("token_expires_at")),
        token_expired=row.get("token_expired") is True,
        last_used_at=read.moment(row.get("token_last_used_at")),
        reason=read.text(row.get("reason")) or None,
        reason_known=True,
    )


def grant(row: Json) -> Grant:
    """A row of the list of active grants (organization-programmatic-access-grant).

    Only `null` says that its token was never used: a field that is not there says nothing.
    """
    said = row.get("token_last_used_at", "")
    used = read.moment(said)
    return Grant(
        id=read.need_id(row, "id"),
        token_id=read.need_id(row, "token_id"),
        owner=read.account(row.get("owner")) or UNKNOWN,
        result=read.permissions(row.get("permissions")),
        selection=read.need_text(row, "repository_selection"),
        granted_at=read.need_moment(row, "access_granted_at"),
        expires_at=read.moment(row.get("token_expires_at")),
        token_expired=row.get("token_expired") is True,
        token_name=read.text(row.get("token_name")),
        last_used_at=used,
        use_known=said is None or used is not None,
    )


def membership(facts: Json) -> Membership:
    """An organization membership (org-membership)."""
    return Membership(
        user_id=read.need_id(facts, "user.id"),
        role=read.need_text(facts, "role"),
        state=read.need_text(facts, "state"),
    )


def installation(row: Json) -> Installation:
    """A row of the App's installations."""
    owner = read.account(row.get("account"))
    if owner is None:
        raise Missing("no integer account.id")
    return Installation(
        id=read.need_id(row, "id"),
        account=owner,
        suspended=row.get("suspended_at") is not None,
        permissions=read.granted(row.get("permissions")),
    )


def admin_repository(facts: Json, installation_id: int) -> AdminRepository:
    """A full repository. What is not told counts against it: public, archived, without issues."""
    return AdminRepository(
        id=read.need_id(facts, "id"),
        full_name=read.need_text(facts, "full_name"),
        private=facts.get("private") is True,
        archived=facts.get("archived") is not False,
        has_issues=facts.get("has_issues") is True,
        installation_id=installation_id,
    )


def issue(facts: Json) -> Issue:
    """An issue; a body of null is an empty one."""
    return Issue(
        number=read.need_id(facts, "number"),
        title=read.text(facts.get("title")),
        body=read.text(facts.get("body")),
        state=read.need_text(facts, "state"),
        labels=read.labels(facts.get("labels")),
        author=read.account(facts.get("user")) or UNKNOWN,
        updated_at=read.moment(facts.get("updated_at")),
        created_at=read.moment(facts.get("created_at")),
    )


def comment(facts: Json) -> Comment:
    """An issue comment, as payloads tell it too, with the number in its `issue_url`."""
    created, updated = read.moment(facts.get("created_at")), read.moment(facts.get("updated_at"))
    number = read.text(facts.get("issue_url")).rpartition("/")[2]
    return Comment(
        id=read.need_id(facts, "id"),
        body=read.text(facts.get("body")),
        author=read.account(facts.get("user")) or UNKNOWN,
        updated_at=read.text(facts.get("updated_at")),
        via_app=read.app_id(facts.get("performed_via_github_app")),
        created_at=created,
        edited=created is None or created != updated,
        issue_number=int(number) if number.isdecimal() else None,
    )


def delivery(row: Json) -> DeliveryAttempt:
    """An attempt to deliver, as the App's hook lists it, failed or not."""
    return DeliveryAttempt(
        id=read.need_id(row, "id"),
        guid=read.need_text(row, "guid"),
        status_code=read.whole(row.get("status_code")) or 0,
        delivered_at=read.need_moment(row, "delivered_at"),
    )


def is_issue(facts: Json) -> bool:
    """Whether it is no pull request, which GitHub lists among the issues."""
    return read.at(facts, "pull_request") is None
