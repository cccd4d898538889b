"""The record came back from a backup, or was lost and is made anew: GitHub knows more than it."""

from dataclasses import replace
from datetime import datetime

from bot.domain.absence import may_be_pending
from bot.domain.gap import Gap
from bot.domain.policy_version import REMOVED, NamedIds, PolicyInForce, PolicyVersion, Ruling
from bot.domain.record import HistoryEntry
from bot.domain.times import LONG_AGO
from bot.domain.token_request import State
from bot.handlers.gaps import UNKNOWN_THEN, note_gap
from bot.handlers.issues.adoption import note_adopted
from bot.handlers.milestones import last_milestone
from bot.ports import Record


def mark_restored(record: Record, now: datetime) -> None:
    """Note that the record is as it was at its last sweep, and GitHub has gone on since."""
    since = last_milestone(record, "sweep") or LONG_AGO
    text = "from a backup; what came later is read from GitHub"
    _mark(record, now, Gap(since, now), "record restored", text)


def mark_rebuilt(record: Record, now: datetime) -> None:
    """Note that nothing is known of what was decided until now."""
    text = "after a loss; all of it is read from GitHub"
    _mark(record, now, Gap(LONG_AGO, now), "record rebuilt", text)


def _mark(record: Record, now: datetime, gap: Gap, kind: str, text: str) -> None:
    """Tell each organization's audit log, put its policy out of force, trust no issue.

    What was decided, held and shown within the gap is not known here. So no policy counts until
    an owner adopts a version anew, commands from before count no more, and a `held` label counts as
    a hold. The next sweep brings the rest.
    """
    note_gap(record, UNKNOWN_THEN, gap)
    for org in record.organizations():
        in_force = record.policy_in_force(org.id)
        facts = {"policy": in_force.sha if in_force else None}
        note_gap(record, org.id, gap)
        record.note_org(org.id, HistoryEntry(now, kind, "", text, data=facts))
        _distrust_requests(record, org.id, now)
        announced = [one.grant.id for one in record.announced_grants(org.id)]
        record.announce_grants(org.id, announced, None)  # somebody may have kept them since
    _ask_for_adoption(record, now)


def _distrust_requests(record: Record, org_id: int, now: datetime) -> None:
    """A decision under way is given up: it may have been refused, and the request held, since. If
    GitHub carried it out, it is known whose it was. Approvals given so far are asked for anew.
    """
    for row in record.open_requests(org_id):
        entries = []
        if row.state is State.DECIDING:
            given_up = row.withdraw("", "restored", asked=True)
            entries.append(HistoryEntry(now, given_up.kind, "", given_up.text, data=given_up.data))
        row.approvals = ()
        if row.issue is not None:
            note_adopted(record, *row.key, row.issue.number, now)
            row.shown_fingerprint, row.text_hash = None, None
        record.save(row, *entries)
    for row in record.decided_since(org_id, LONG_AGO):
        if may_be_pending(row):  # GitHub's list may have shown it since, and somebody held it
            row.approvals = ()
            record.save(row)
            if row.issue is not None:
                note_adopted(record, *row.key, row.issue.number, now)


def _ask_for_adoption(record: Record, now: datetime) -> None:
    """Each newest version comes once more, as another turn: an issue of its own, nobody's vote."""
    in_force = [one for org in record.organizations() if (one := record.policy_in_force(org.id))]
    for owner in record.organizations():
        last = record.newest_policy_version(owner.id)
        theirs = [one for one in in_force if one.repo_owner == owner.id]
        if last is None or (not theirs and last.ruling is not Ruling.PENDING):
            continue
        if last.ruling is Ruling.PENDING and last.issue is not None:
            last.ruling = Ruling.SUPERSEDED
            record.save_policy_version(last)
        again = _another_turn(last)
        none = [_no_policy(one, again.turn, now) for one in theirs]
        entries = {
            one.org_id: [HistoryEntry(now, "policy out of force", "", one.sha)] for one in theirs
        }
        record.save_policy_version(again, entries, none)


def _another_turn(last: PolicyVersion) -> PolicyVersion:
    return PolicyVersion(
        org_id=last.org_id,
        turn=last.turn + 1,
        sha=last.sha,
        seen_at=last.seen_at,
        repo_id=last.repo_id,
        etag=last.etag,
        text=last.text,
        too_large=last.too_large,
        readable=last.readable,
        pushed_by=last.pushed_by,
        stated_author=last.stated_author,
    )


def _no_policy(one: PolicyInForce, turn: int, now: datetime) -> PolicyInForce:
    return replace(
        one, sha=REMOVED, text="", adopters=(), adopted_at=now, ids=NamedIds(), turn=turn
    )
