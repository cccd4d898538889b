"""A token request as JSON: the names are documented in docs/command-line.md, and stay."""

from collections.abc import Mapping
from typing import Any

from bot.domain.permissions import permission_rows
from bot.domain.record import Decision, HistoryEntry, IssueRef, RequestRecord


def request_name(row: RequestRecord, names: Mapping[int, str]) -> str:
    """ORG/ID, as `requests show` takes it."""
    org_id, request_id = row.key
    return f"{names.get(org_id, org_id)}/{request_id}"


def request_data(row: RequestRecord, names: Mapping[int, str]) -> dict[str, Any]:
    """The object of one request."""
    request = row.request
    return {
        "request": request_name(row, names),
        "organization": names.get(request.org_id),
        "organization_id": request.org_id,
        "id": request.id,
        "state": row.state.value,
        "owner": request.requester.login,
        "owner_id": request.requester.id,
        "token": request.token_name,
        "token_id": request.token_id,
        "reason": request.reason,
        "made_at": request.created_at,
        "expires_at": request.expires_at,
        "repository_selection": request.selection,
        "repositories": [one.full_name for one in request.repositories],
        "permissions": [
            {"group": one.group, "name": one.name, "level": one.result, "change": one.change}
            for one in permission_rows(request)
        ],
        "issue": _issue(row.issue),
        "decision": _decision(row.decision),
        "revoke_at": row.revoke_at,
    }


def entry_data(entry: HistoryEntry) -> dict[str, Any]:
    """The object of one entry of its history."""
    return {
        "at": entry.at,
        "kind": entry.kind,
        "by": entry.actor or None,
        "text": entry.text or None,
        "in_audit_log": entry.chained,
    }


def _issue(issue: IssueRef | None) -> dict[str, Any] | None:
    return {"repository": issue.repo, "number": issue.number} if issue else None


def _decision(decision: Decision | None) -> dict[str, Any] | None:
    if decision is None:
        return None
    return {
        "outcome": decision.outcome.value,
        "way": decision.way,
        "by": decision.by.login if decision.by else None,
        "reason": decision.reason or None,
        "at": decision.at,
    }
