"""Which version of the policy file is on the branch: read from GitHub, kept in the record."""

from dataclasses import replace
from typing import Final

from bot.domain.accounts import Account, AdminRepository
from bot.domain.events import PolicyDue
from bot.domain.policy_assessment import LOST
from bot.domain.policy_version import POLICY_FILE, REMOVED, PolicyVersion, Ruling
from bot.domain.record import HistoryEntry, OrganizationRecord
from bot.domain.times import GONE_FOR_GOOD
from bot.handlers.audit_trail import note
from bot.ports import UNCHANGED, Defer, File, Unchanged, World

MOST_BYTES: Final = 32 * 1024
"""A policy file may be this large, so that its issue can show it whole."""
LOOK_AGAIN: Final = GONE_FOR_GOOD.total_seconds()


def read_version(
    world: World, owner: OrganizationRecord, repo: AdminRepository, event: PolicyDue
) -> PolicyVersion | None:
    """The version that is on the default branch now; None when there never was a file.

    A version that was not the last one seen is recorded, and the one before is superseded.
    """
    last = world.record.newest_policy_version(owner.id)
    known = last.etag if last is not None and last.repo_id == repo.id else ""
    found = world.github.file(repo, POLICY_FILE, MOST_BYTES, known)
    if isinstance(found, Unchanged):
        return last
    sha = found.sha if found else REMOVED
    if last is not None and last.sha == sha:
        return _same(world, last, repo, found)
    if found is None and (last is None or _may_be_a_passing_answer(world)):
        return None
    version = _new(world, owner, repo, event, found)
    version.turn = last.turn + 1 if last else 1
    if last is not None and last.ruling is Ruling.PENDING and last.issue is not None:
        _supersede(world, last, version)
    world.record.save_policy_version(version, {owner.id: [_seen(world, version)]})
    return version


def is_on_branch(world: World, repo: AdminRepository, version: PolicyVersion) -> bool:
    """Whether GitHub shows just this version at this moment."""
    found = world.github.file(
        repo, POLICY_FILE, 0, version.etag if version.repo_id == repo.id else ""
    )
    if found is UNCHANGED:
        return True
    return (found.sha if isinstance(found, File) else REMOVED) == version.sha


def _may_be_a_passing_answer(world: World) -> bool:
    """GitHub answers 404 for moments: gone is what it does not find twice, some time apart."""
    if world.job.attempt == 1:
        raise Defer("GitHub does not find the policy file at this moment", LOOK_AGAIN)
    return False


def _same(
    world: World, last: PolicyVersion, repo: AdminRepository, found: File | None
) -> PolicyVersion:
    etag = found.etag if found else ""
    if (last.etag, last.repo_id) != (etag, repo.id):
        last.etag, last.repo_id = etag, repo.id
        world.record.save_policy_version(last)
    return last


def _new(
    world: World,
    owner: OrganizationRecord,
    repo: AdminRepository,
    event: PolicyDue,
    found: File | None,
) -> PolicyVersion:
    pushed_by, stated = _who(world, repo, event)
    version = PolicyVersion(
        org_id=owner.id,
        turn=0,
        sha=found.sha if found else REMOVED,
        seen_at=world.clock.now(),
        repo_id=repo.id,
        pushed_by=pushed_by,
        stated_author=stated,
    )
    if found is None:
        return version
    text, readable = _text(found.content)
    too_large = found.size if found.size > MOST_BYTES else 0
    return replace(version, etag=found.etag, text=text, too_large=too_large, readable=readable)


def _text(content: bytes) -> tuple[str, bool]:
    """The content as text that a database can keep; whether it is just that."""
    text = content.decode("utf-8", "replace").replace("\0", LOST)
    return text, text.encode() == content


def _who(world: World, repo: AdminRepository, event: PolicyDue) -> tuple[Account | None, str]:
    """Who pushed it, when a push tells that it brought the newest change; else whom it states."""
    commit = world.github.last_commit(repo, POLICY_FILE)
    if commit is None:
        return None, ""
    pushed = event.sender is not None and commit.id in event.commits
    return event.sender if pushed else None, commit.author


def _supersede(world: World, last: PolicyVersion, by: PolicyVersion) -> None:
    last.ruling = Ruling.SUPERSEDED
    entry = note(world, "policy superseded", "", f"by {by.sha}", sha=last.sha, turn=last.turn)
    world.record.save_policy_version(last, {last.org_id: [entry]})


def _seen(world: World, version: PolicyVersion) -> HistoryEntry:
    by = version.pushed_by or ""
    facts = {"sha": version.sha, "turn": version.turn, "stated_author": version.stated_author}
    return note(world, "policy pushed", by, version.name, **facts)
