"""`python app.py tokens`: active tokens, each with the decision that it rests on."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bot.cli.printing import Cell, Printer, say
from bot.domain.commands import Targets
from bot.domain.commands.selection import matches
from bot.domain.times import ENDED_GRANTS_ARE_KEPT
from bot.domain.token_request import TokenRequest
from bot.domain.tokens import CheckedGrant, Kind, differences
from bot.handlers.tokens.check import Checked, checked_grants


def show_tokens(
    record: Checked,
    names: Mapping[int, str],
    org_id: int | None,
    wanted: Targets,
    kind: Kind | None,
    printer: Printer,
) -> int:
    """One line a token; with `kind` only those of this kind, and without it those that stand."""
    now = datetime.now(UTC)
    since = now - ENDED_GRANTS_ARE_KEPT if kind is Kind.ENDED else None
    found = [
        one
        for one in checked_grants(record, org_id, since)
        if matches(wanted, _as_request(one)) and _is_of(kind, one, now)
    ]
    printer.rows(HEADERS, [(_cells(one, names, now), _document(one, names, now)) for one in found])
    if not found and not printer.as_json:
        say("No such active tokens. The daily pass brings them into the record.")
    elif kind is not Kind.ENDED and not printer.as_json:
        say(_age(found))
    return 0


def _age(found: Sequence[CheckedGrant]) -> str:
    """How old the list is: each organization has a daily pass of its own."""
    passes: dict[int, datetime] = {}
    for one in found:
        org_id, at = one.known.org_id, one.known.seen_at
        passes[org_id] = max(at, passes.get(org_id, at))
    oldest = min(passes.values())
    return f"As GitHub listed them at {oldest:%Y-%m-%d %H:%M} UTC; the daily pass adds newer ones."


def _is_of(kind: Kind | None, one: CheckedGrant, now: datetime) -> bool:
    if kind is None:
        return True
    return kind in one.kinds(now)


def _as_request(one: CheckedGrant) -> TokenRequest:
    """What the filters know how to read. GitHub's list of grants names no chosen repositories:
    those of the approved request stand for them.
    """
    grant = one.known.grant
    return TokenRequest(
        org_id=one.known.org_id,
        id=0,
        requester=grant.owner,
        token_name=grant.token_name,
        result=grant.result,
        selection=grant.selection,
        created_at=grant.granted_at,
        repositories=one.basis.row.request.repositories if one.basis else (),
    )


HEADERS = (
    *("TOKEN", "OWNER", "EXPIRES (UTC)", "LAST USED (UTC)", "KINDS", "KEPT UNTIL (UTC)"),
    *("NAME", "RESTS ON"),
)


def _cells(one: CheckedGrant, names: Mapping[int, str], now: datetime) -> tuple[Cell, ...]:
    known, grant = one.known, one.known.grant
    org = names.get(known.org_id, str(known.org_id))
    return (
        f"{org}/{grant.token_id}",
        grant.owner.login,
        grant.expires_at or "never",
        grant.last_used_at or "never",
        ", ".join(one.kinds(now)) or None,
        known.keep.until if known.keep and known.is_kept(now) else None,
        grant.token_name,
        _rests_on(one, now),
    )


def _rests_on(one: CheckedGrant, now: datetime) -> str:
    """The truth check in words."""
    if one.basis is None:
        return "no decision that is known"
    row = one.basis.row
    decision = row.decision
    by = f" by {decision.by.login}" if decision and decision.by else ""
    where = f"in {row.issue.repo}#{row.issue.number}" if row.issue else f"request {row.request.id}"
    place = where if one.basis.ours else "on GitHub, not here"
    beyond = "; ".join(differences(one.known.grant, row, now))
    return f"approved{by} {place}" + (f"; BEYOND IT: {beyond}" if beyond else "")


def _document(one: CheckedGrant, names: Mapping[int, str], now: datetime) -> dict[str, Any]:
    known, grant = one.known, one.known.grant
    return {
        "org": names.get(known.org_id),
        "org_id": known.org_id,
        "token_id": grant.token_id,
        "grant_id": grant.id,
        "token_name": grant.token_name,
        "owner": grant.owner.login,
        "owner_id": grant.owner.id,
        "permissions": {group: dict(levels) for group, levels in grant.result.items()},
        "repository_selection": grant.selection,
        "granted_at": grant.granted_at,
        "expires_at": grant.expires_at,
        "last_used_at": grant.last_used_at,
        "seen_at": known.seen_at,
        "ended_at": known.ended_at,
        "kinds": [kind.value for kind in one.kinds(now)],
        "kept_until": known.keep.until if known.keep else None,
        "basis": _basis(one, now),
    }


def _basis(one: CheckedGrant, now: datetime) -> dict[str, Any] | None:
    if one.basis is None:
        return None
    row = one.basis.row
    decision = row.decision
    return {
        "request_id": row.request.id,
        "decided_here": one.basis.ours,
        "by": decision.by.login if decision and decision.by else None,
        "at": decision.at if decision else None,
        "issue": f"{row.issue.repo}#{row.issue.number}" if row.issue else None,
        "beyond": list(differences(one.known.grant, row, now)),
    }
