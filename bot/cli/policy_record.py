"""`policy show` and `policy replay`: what is in force, and what a file would have done."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from bot.cli.policy import usable
from bot.cli.printing import Printer, one_line, say
from bot.cli.progress import Progress
from bot.domain.policy.replay import Contradiction, Difference, Replay
from bot.domain.policy.rules import compile_rules
from bot.domain.policy_version import PolicyInForce
from bot.domain.record import OrganizationRecord, RequestRecord
from bot.handlers.policies.replay import Recording, replay_recorded
from bot.replies.policy_replay import judgement_in_words, unread_in_words, unread_policy


class PolicyRecord(Recording, Protocol):
    """The part of the record that these commands read."""


class Watched:
    """The record, with a bar that counts the requests that are read from it."""

    def __init__(self, record: Recording, progress: Progress) -> None:
        self._record, self._progress, self._done = record, progress, 0
        self.policy_in_force, self.remote_id = record.policy_in_force, record.remote_id

    def requests_made_since(self, org_id: int, since: datetime) -> Iterator[RequestRecord]:
        """See `ports.Record`."""
        for row in self._record.requests_made_since(org_id, since):
            self._done += 1
            self._progress.at(self._done, 0)
            yield row


def show(record: PolicyRecord, orgs: Sequence[OrganizationRecord], printer: Printer) -> int:
    """The version in force of each organization, who adopted it and when; 0."""
    found = [(org, record.policy_in_force(org.id)) for org in orgs]
    if printer.as_json:
        printer.document({"policies": [_shown(*one) for one in found]})
        return 0
    for org, policy in found:
        print(one_line(f"{org.login}: {_in_words(policy)}"))
    return 0 if _any(orgs) else 1


def _in_words(policy: PolicyInForce | None) -> str:
    if policy is None:
        return "no policy is in force, owners decide everything"
    by = ", ".join(f"{one.account.login} ({one.at:%Y-%m-%d %H:%M} UTC)" for one in policy.adopters)
    at = f"{policy.adopted_at:%Y-%m-%d %H:%M} UTC"
    return f"{policy.sha} is in force since {at}, adopted by {by}"


def _shown(org: OrganizationRecord, policy: PolicyInForce | None) -> dict[str, Any]:
    return {
        "organization": org.login,
        "organization_id": org.id,
        "version": policy.sha if policy else None,
        "in_force_since": policy.adopted_at if policy else None,
        "adopted_by": [
            {"login": one.account.login, "id": one.account.id, "at": one.at}
            for one in (policy.adopters if policy else ())
        ],
        "text": policy.text if policy else None,
    }


def show_replay(
    path: Path,
    record: PolicyRecord,
    orgs: Sequence[OrganizationRecord],
    since: datetime,
    printer: Printer,
) -> int:
    """What the file would have decided otherwise than the version in force, or than people did.

    0; 1 when nothing could be compared, 2 when the file is no policy.
    """
    document = usable(path)
    if document is None:
        return 2
    if not _any(orgs):
        return 1
    new = compile_rules(document)
    with Progress("judging") as progress:
        watched = Watched(record, progress)
        found = [(org, replay_recorded(watched, org, new, since)) for org in orgs]
    if printer.as_json:
        printer.document({"replays": [_replayed(org, one) for org, one in found]})
    else:
        lines = [cells for org, one in found if one for cells in _lines(org, one)]
        printer.rows(_HEADER, [(cells, {}) for cells in lines])
        for org, one in found:
            print("\n".join(f"{one_line(org.login)}: {said}" for said in _sentences(one, since)))
    return 1 if any(one is None for _org, one in found) else 0


def _any(orgs: Sequence[OrganizationRecord]) -> bool:
    if not orgs:
        say("The record knows no organization yet.")
    return bool(orgs)


_HEADER = ("REQUEST", "PEOPLE", "IN FORCE", "THIS FILE")


def _lines(org: OrganizationRecord, found: Replay) -> Iterator[tuple[str, ...]]:
    """Against people first; each request once."""
    told = set()
    for one in (*found.contradictions, *found.differences):
        if one.name not in told:
            told.add(one.name)
            yield name_in(org, one.name), _people(one), *_outcomes(one)


def name_in(org: OrganizationRecord, name: str) -> str:
    """`acme#12`, and `acme/77` for a request without an issue, as `requests` lists it."""
    return org.login + name.replace("request ", "/")


def _people(one: Difference) -> str:
    if not isinstance(one, Contradiction):
        return ""
    return f"{one.decided} by {one.by}" if one.by else one.decided


def _outcomes(one: Difference) -> tuple[str, str]:
    return judgement_in_words(one.old), judgement_in_words(one.new)


def _sentences(found: Replay | None, since: datetime) -> Iterator[str]:
    if found is None:
        yield unread_policy()
        return
    against, others = len(found.contradictions), len(found.differences)
    yield (
        f"{found.judged:,} requests since {since:%Y-%m-%d %H:%M} UTC: {others:,} with another"
        f" outcome, {against:,} against what people decided."
    )
    yield from unread_in_words(found.unread)


def _replayed(org: OrganizationRecord, found: Replay | None) -> dict[str, Any]:
    if found is None:
        return {"organization": org.login, "error": unread_policy()}
    return {
        "organization": org.login,
        "judged": found.judged,
        "differences": [_told(one) for one in found.differences],
        "contradictions": [
            {**_told(one), "decided": one.decided, "by": one.by or None, "would": one.would}
            for one in found.contradictions
        ],
        "not_known": dict(found.unread),
        "unclear": found.unclear,
    }


def _told(one: Difference) -> dict[str, str]:
    in_force, file = _outcomes(one)
    return {"request": one.name, "in_force": in_force, "file": file}
